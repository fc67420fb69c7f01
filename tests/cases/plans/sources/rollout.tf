variable "type" { default = "ml.m5.large" }
variable "alarms" {
  type    = list(string)
  default = ["errors", "latency"]
}
provider "aws" {
  assume_role { role_arn = "arn:aws:iam::210987654321:role/deployer" }
}
resource "aws_sagemaker_endpoint_configuration" "kept" {
  name = "kept-v1"
  production_variants {
    variant_name           = "main"
    model_name             = "churn"
    instance_type          = "ml.m5.large"
    initial_instance_count = 2
  }
}
resource "aws_sagemaker_endpoint_configuration" "changed" {
  name = "changed-${replace(var.type, ".", "-")}"
  production_variants {
    variant_name           = "main"
    model_name             = "churn"
    instance_type          = var.type
    initial_instance_count = 4
  }
  lifecycle { create_before_destroy = true }
}
resource "aws_sagemaker_endpoint" "kept" {
  name                 = "kept"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.kept.name
}
resource "aws_sagemaker_endpoint" "second" {
  count                = var.type == "ml.m5.large" ? 0 : 1
  name                 = "second"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.kept.name
  deployment_config {
    rolling_update_policy {
      wait_interval_in_seconds             = 0
      maximum_execution_timeout_in_seconds = 1200
      maximum_batch_size {
        type  = "CAPACITY_PERCENT"
        value = 50
      }
      rollback_maximum_batch_size {
        type  = "INSTANCE_COUNT"
        value = 1
      }
    }
  }
}
resource "aws_sagemaker_endpoint" "changed" {
  name                 = "changed"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.changed.name
  deployment_config {
    blue_green_update_policy {
      termination_wait_in_seconds          = 0
      maximum_execution_timeout_in_seconds = 3600
      traffic_routing_configuration {
        type                     = "CANARY"
        wait_interval_in_seconds = 300
        canary_size {
          type  = "INSTANCE_COUNT"
          value = 1
        }
      }
    }
    auto_rollback_configuration {
      dynamic "alarms" {
        for_each = var.alarms
        content { alarm_name = alarms.value }
      }
    }
  }
}
