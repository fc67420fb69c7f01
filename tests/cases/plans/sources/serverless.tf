provider "aws" {
  region = "eu-west-1"
  default_tags { tags = { team = "ml", stage = "prod" } }
}
variable "error_topic" { default = "arn:aws:sns:eu-west-1:123456789012:errors" }
resource "aws_sagemaker_endpoint_configuration" "serverless" {
  name = "churn-serverless"
  production_variants {
    variant_name = "main"
    model_name   = "churn"
    serverless_config {
      max_concurrency         = 20
      memory_size_in_mb       = 2048
      provisioned_concurrency = 5
    }
  }
  tags = { stage = "test" }
}
resource "aws_sagemaker_endpoint" "serverless" {
  name                 = "churn-serverless"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.serverless.name
}
resource "aws_sagemaker_endpoint_configuration" "async" {
  name = "churn-async"
  production_variants {
    variant_name           = "main"
    model_name             = "churn"
    instance_type          = "ml.m5.large"
    initial_instance_count = 1
  }
  async_inference_config {
    client_config { max_concurrent_invocations_per_instance = 4 }
    output_config {
      s3_output_path  = "s3://results/churn/"
      s3_failure_path = "s3://results/failed/"
      kms_key_id      = "alias/results"
      notification_config {
        error_topic                   = var.error_topic
        success_topic                 = "arn:aws:sns:eu-west-1:123456789012:done"
        include_inference_response_in = ["SUCCESS_NOTIFICATION_TOPIC"]
      }
    }
  }
}
resource "aws_sagemaker_endpoint" "async" {
  name                 = "churn-async"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.async.name
}
