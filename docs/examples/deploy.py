"""Deploys the churn model: an endpoint of one instance that scales to three."""

import boto3

sagemaker = boto3.client("sagemaker")
scaling = boto3.client("application-autoscaling")

sagemaker.create_model(
    ModelName="churn-7",
    ExecutionRoleArn="arn:aws:iam::123456789012:role/exec",
    PrimaryContainer={"Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7"},
)
sagemaker.create_endpoint_config(
    EndpointConfigName="churn-v7",
    ProductionVariants=[
        {"VariantName": "a", "ModelName": "churn-7", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    ],
)
sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="churn-v7")
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="churn")
scaling.register_scalable_target(
    ServiceNamespace="sagemaker",
    ResourceId="endpoint/churn/variant/a",
    ScalableDimension="sagemaker:variant:DesiredInstanceCount",
    MinCapacity=1,
    MaxCapacity=3,
)
