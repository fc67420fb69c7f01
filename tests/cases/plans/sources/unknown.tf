terraform {
  required_providers {
    random = { source = "hashicorp/random" }
  }
}
variable "token" {
  default   = "s3cr3t-token"
  sensitive = true
}
variable "extra" { default = true }
provider "aws" { region = "eu-west-1" }
locals { config = aws_sagemaker_endpoint_configuration.generated.name }
resource "random_pet" "suffix" {}
resource "aws_kms_key" "volumes" {}
resource "aws_iam_role" "execution" { assume_role_policy = "{}" }
resource "aws_sagemaker_model" "this" {
  name               = "churn"
  execution_role_arn = aws_iam_role.execution.arn
  container {
    image       = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1"
    environment = { TOKEN = var.token, LEVEL = "info" }
  }
}
resource "aws_sagemaker_endpoint_configuration" "generated" {
  kms_key_arn        = aws_kms_key.volumes.arn
  execution_role_arn = aws_iam_role.execution.arn
  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.m5.large"
    initial_instance_count = 1
  }
  tags = { team = "ml", owner = random_pet.suffix.id, token = var.token }
}
resource "aws_sagemaker_endpoint" "by_local" {
  name                 = "by-local"
  endpoint_config_name = local.config
}
resource "aws_sagemaker_endpoint" "by_pet" {
  name                 = "churn-${random_pet.suffix.id}"
  endpoint_config_name = "churn-${random_pet.suffix.id}"
}
resource "aws_sagemaker_endpoint" "direct" {
  name                 = "direct"
  endpoint_config_name = var.extra ? aws_sagemaker_endpoint_configuration.generated.name : "other"
}
resource "aws_sagemaker_endpoint" "elsewhere" {
  name                 = "elsewhere"
  endpoint_config_name = "made-elsewhere"
}
