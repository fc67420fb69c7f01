terraform {
  required_providers {
    random = { source = "hashicorp/random" }
  }
}
provider "aws" { region = "eu-west-1" }
variable "models" { default = { a = 1, b = 2 } }
resource "random_pet" "p" {}
resource "aws_sagemaker_model" "this" {
  for_each           = var.models
  execution_role_arn = "arn:aws:iam::123456789012:role/sagemaker"
  primary_container { image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:${each.value}" }
}
resource "aws_sagemaker_endpoint_configuration" "this" {
  name = "churn-v1"
  dynamic "production_variants" {
    for_each = var.models
    content {
      variant_name           = production_variants.key
      model_name             = aws_sagemaker_model.this[production_variants.key].name
      instance_type          = "ml.m5.large"
      initial_instance_count = production_variants.value
    }
  }
}
resource "aws_sagemaker_endpoint" "this" {
  name                 = "churn"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
}
resource "aws_sagemaker_endpoint_configuration" "open" {
  name = "open-v1"
  dynamic "production_variants" {
    for_each = random_pet.p.id == "x" ? [1] : [1, 2]
    content {
      variant_name           = "v${production_variants.value}"
      model_name             = "m"
      instance_type          = "ml.m5.large"
      initial_instance_count = 1
    }
  }
}
resource "aws_sagemaker_endpoint" "open" {
  name                 = "open"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.open.name
}
