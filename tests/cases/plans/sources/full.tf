provider "aws" { region = "eu-west-1" }
resource "aws_sagemaker_model" "this" {
  name                     = "churn"
  execution_role_arn       = "arn:aws:iam::123456789012:role/sagemaker"
  enable_network_isolation = true
  primary_container {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1"
    mode  = "SingleModel"
    model_data_source {
      s3_data_source {
        s3_uri           = "s3://models/churn/"
        s3_data_type     = "S3Prefix"
        compression_type = "None"
        model_access_config { accept_eula = true }
      }
    }
    image_config {
      repository_access_mode = "Vpc"
      repository_auth_config { repository_credentials_provider_arn = "arn:aws:lambda:eu-west-1:123456789012:function:auth" }
    }
  }
  vpc_config {
    subnets            = ["subnet-1", "subnet-2"]
    security_group_ids = ["sg-1"]
  }
}
resource "aws_sagemaker_endpoint_configuration" "instances" {
  name               = "churn-v7"
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  execution_role_arn = "arn:aws:iam::123456789012:role/sagemaker"
  production_variants {
    variant_name                                      = "main"
    model_name                                        = aws_sagemaker_model.this.name
    instance_type                                     = "ml.g5.xlarge"
    initial_instance_count                            = 2
    initial_variant_weight                            = 0.5
    volume_size_in_gb                                 = 64
    enable_ssm_access                                 = true
    inference_ami_version                             = "al2-ami-sagemaker-inference-gpu-2"
    container_startup_health_check_timeout_in_seconds = 600
    model_data_download_timeout_in_seconds            = 1200
    core_dump_config {
      destination_s3_uri = "s3://dumps/churn"
      kms_key_id         = "alias/dumps"
    }
    routing_config { routing_strategy = "LEAST_OUTSTANDING_REQUESTS" }
    managed_instance_scaling {
      status             = "ENABLED"
      min_instance_count = 1
      max_instance_count = 4
    }
  }
  shadow_production_variants {
    variant_name           = "shadow"
    model_name             = aws_sagemaker_model.this.name
    instance_type          = "ml.g5.xlarge"
    initial_instance_count = 1
  }
  data_capture_config {
    destination_s3_uri          = "s3://capture/churn"
    initial_sampling_percentage = 0
    enable_capture              = true
    kms_key_id                  = "alias/capture"
    capture_options { capture_mode = "Input" }
    capture_options { capture_mode = "Output" }
    capture_content_type_header {
      csv_content_types  = ["text/csv"]
      json_content_types = ["application/json"]
    }
  }
  tags = { team = "ml", cost = "12" }
}
resource "aws_sagemaker_endpoint" "instances" {
  name                 = "churn"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.instances.name
  tags                 = { team = "ml" }
}
