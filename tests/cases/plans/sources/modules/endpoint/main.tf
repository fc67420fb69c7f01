variable "name" {}
variable "config" {}
resource "aws_sagemaker_endpoint" "this" {
  name                 = var.name
  endpoint_config_name = var.config
}
