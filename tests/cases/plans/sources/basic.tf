variable "region" { default = "eu-west-1" }
provider "aws" {
  region = var.region
  default_tags { tags = { team = "ml" } }
}
resource "aws_iam_role" "execution" { assume_role_policy = "{}" }
resource "aws_sagemaker_model" "this" {
  name               = "churn-model"
  execution_role_arn = aws_iam_role.execution.arn
  primary_container {
    image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7"
    model_data_url = "s3://models/churn/7/model.tar.gz"
    environment    = { LOG_LEVEL = "info" }
  }
}
resource "aws_sagemaker_endpoint_configuration" "this" {
  name = "churn-v7"
  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.m5.large"
    initial_instance_count = 1
  }
  tags = { cost = "12" }
}
resource "aws_sagemaker_endpoint" "this" {
  name                 = "churn"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
}
