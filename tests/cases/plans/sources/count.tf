provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
provider "aws" { region = "eu-west-1" }
variable "stages" { default = ["prod", "stage"] }
resource "aws_sagemaker_endpoint_configuration" "by_count" {
  count = 2
  production_variants {
    variant_name           = "main"
    model_name             = "churn"
    instance_type          = "ml.m5.large"
    initial_instance_count = count.index + 1
  }
}
resource "aws_sagemaker_endpoint" "by_count" {
  count                = 2
  name                 = "churn-${count.index}"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.by_count[count.index].name
}
resource "aws_sagemaker_endpoint_configuration" "by_key" {
  provider = aws.west
  for_each = toset(var.stages)
  production_variants {
    variant_name           = "main"
    model_name             = "churn"
    instance_type          = "ml.c5.large"
    initial_instance_count = each.key == "prod" ? 3 : 1
  }
}
resource "aws_sagemaker_endpoint" "by_key" {
  provider             = aws.west
  for_each             = toset(var.stages)
  name                 = "churn-${each.key}"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.by_key[each.key].name
}
resource "aws_sagemaker_endpoint" "chained" {
  provider             = aws.west
  for_each             = aws_sagemaker_endpoint_configuration.by_key
  name                 = "chained-${each.key}"
  endpoint_config_name = each.value.name
}
resource "aws_sagemaker_endpoint" "fixed" {
  name                 = "churn-fixed"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.by_count[1].id
}
