provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]
}
resource "aws_sagemaker_model" "this" {
  execution_role_arn = "arn:aws:iam::123456789012:role/sagemaker"
  primary_container { image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1" }
}
resource "aws_sagemaker_endpoint_configuration" "this" {
  name_prefix = "churn-"
  production_variants {
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.m5.large"
    initial_instance_count = 1
  }
  lifecycle { create_before_destroy = true }
}
resource "aws_sagemaker_endpoint" "this" {
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
}
