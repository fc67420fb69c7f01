# The policy of whoever deploys, made by iamcheck while Terraform plans, and attached by Terraform.
variable "endpoint_name" {
  type = string
}

variable "endpoint_config_name" {
  type = string
}

variable "deployer_role" {
  type        = string
  description = "The name of the role that deploys."
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "external" "deployer" {
  program = ["python3", "${path.module}/policy.py"]
  query = {
    endpoint_name        = var.endpoint_name
    endpoint_config_name = var.endpoint_config_name
    region               = data.aws_region.current.name
    account_id           = data.aws_caller_identity.current.account_id
  }
}

resource "aws_iam_role_policy" "deployer" {
  name   = "sagemaker-deploy"
  role   = var.deployer_role
  policy = data.external.deployer.result.policy
}
