provider "aws" { region = "eu-west-1" }
resource "aws_iam_role" "execution" {
  name               = "sagemaker"
  assume_role_policy = "{}"
}
module "service" {
  source   = "./service"
  for_each = { churn = "ml.m5.large", fraud = "ml.c5.large" }
  name     = each.key
  type     = each.value
  role     = aws_iam_role.execution.arn
}
module "config" {
  source = "./config"
  type   = "ml.m5.xlarge"
  model  = "shared"
}
module "endpoint" {
  source = "./endpoint"
  name   = "shared"
  config = module.config.name
}
