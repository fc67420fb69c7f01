variable "type" {}
variable "model" {}
variable "create" { default = true }
resource "aws_sagemaker_endpoint_configuration" "this" {
  count = var.create ? 1 : 0
  production_variants {
    variant_name           = "main"
    model_name             = var.model
    instance_type          = var.type
    initial_instance_count = 1
  }
}
output "name" { value = var.create ? aws_sagemaker_endpoint_configuration.this[0].name : "none" }
