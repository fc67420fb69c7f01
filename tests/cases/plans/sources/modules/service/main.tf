variable "name" {}
variable "type" {}
variable "role" {}
resource "aws_sagemaker_model" "this" {
  execution_role_arn = var.role
  primary_container { image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/${var.name}:1" }
}
module "config" {
  source = "../config"
  type   = var.type
  model  = aws_sagemaker_model.this.name
}
module "endpoint" {
  source = "../endpoint"
  name   = var.name
  config = module.config.name
}
