"""Works out what `Ref` and `Fn::GetAtt` give for resources, as far as their properties say it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html, the
"Return values" of each type; ARNs after
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._texts import Text, joined
from iamcheck.deployment.located import UNKNOWN, Pattern, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ALARM",
    "COMPONENT",
    "CONFIG",
    "ENDPOINT",
    "GROUP",
    "MODEL",
    "NAMES",
    "PACKAGE",
    "SCALING_POLICY",
    "TARGET",
    "attribute",
]

ENDPOINT: Final = "AWS::SageMaker::Endpoint"
CONFIG: Final = "AWS::SageMaker::EndpointConfig"
MODEL: Final = "AWS::SageMaker::Model"
COMPONENT: Final = "AWS::SageMaker::InferenceComponent"
GROUP: Final = "AWS::SageMaker::ModelPackageGroup"
PACKAGE: Final = "AWS::SageMaker::ModelPackage"
TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING_POLICY: Final = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM: Final = "AWS::CloudWatch::Alarm"
NAMES: Final = {ENDPOINT: "EndpointName", CONFIG: "EndpointConfigName", MODEL: "ModelName"}
"""The property that is a resource's name: `Fn::GetAtt` gives it, `Ref` the ARN."""

_SAGEMAKER: Final = "arn:{partition}:sagemaker:{region}:{account}:"
_RETURNS: Final = {
    (ENDPOINT, "EndpointName"): "{EndpointName}",
    (ENDPOINT, "Ref"): f"{_SAGEMAKER}endpoint/{{EndpointName}}",
    (CONFIG, "EndpointConfigName"): "{EndpointConfigName}",
    (CONFIG, "Ref"): f"{_SAGEMAKER}endpoint-config/{{EndpointConfigName}}",
    (MODEL, "ModelName"): "{ModelName}",
    (MODEL, "Ref"): f"{_SAGEMAKER}model/{{ModelName}}",
    (COMPONENT, "InferenceComponentName"): "{InferenceComponentName}",
    (COMPONENT, "Ref"): f"{_SAGEMAKER}inference-component/{{InferenceComponentName}}",
    (GROUP, "Ref"): f"{_SAGEMAKER}model-package-group/{{ModelPackageGroupName}}",
    (GROUP, "ModelPackageGroupArn"): f"{_SAGEMAKER}model-package-group/{{ModelPackageGroupName}}",
    (TARGET, "Ref"): "{ResourceId}|{ScalableDimension}|{ServiceNamespace}",
    (TARGET, "Id"): "{ResourceId}|{ScalableDimension}|{ServiceNamespace}",
    (ALARM, "Ref"): "{AlarmName}",
    (ALARM, "Arn"): "arn:{partition}:cloudwatch:{region}:{account}:alarm:{AlarmName}",
    ("AWS::CloudWatch::CompositeAlarm", "Ref"): "{AlarmName}",
    ("AWS::ECR::Repository", "Ref"): "{RepositoryName}",
    ("AWS::ECR::Repository", "RepositoryUri"): "{account}.dkr.ecr.{region}.{suffix}/{RepositoryName}",
    ("AWS::IAM::Role", "Ref"): "{RoleName}",
    ("AWS::IAM::Role", "Arn"): "arn:{partition}:iam::{account}:role{Path}{RoleName}",
    ("AWS::KMS::Alias", "Ref"): "{AliasName}",
    ("AWS::S3::Bucket", "Ref"): "{BucketName}",
    ("AWS::S3::Bucket", "Arn"): "arn:{partition}:s3:::{BucketName}",
    ("AWS::SNS::Topic", "Ref"): "arn:{partition}:sns:{region}:{account}:{TopicName}",
    ("AWS::SNS::Topic", "TopicArn"): "arn:{partition}:sns:{region}:{account}:{TopicName}",
}
_DEFAULTS: Final = {"Path": "/"}
"""Properties that are not made up where they are left out."""


def attribute(kind: str, name: str, stack: Mapping[str, Text], property_of: Callable[[str], Text | None]) -> Text:
    """What a resource returns.

    Args:
        kind: The resource's type.
        name: `Ref`, or the attribute.
        stack: What is known of the stack: partition, region, account, suffix.
        property_of: Finds a property of the resource; None where it is left out.
    """
    parts: list[Text] = []
    for index, part in enumerate(re.split(r"\{(\w+)\}", _RETURNS.get((kind, name), ""))):
        if index % 2 == 0:
            parts.append(part)
        elif part in stack:
            parts.append(stack[part])
        else:
            node = property_of(part)
            parts.append(_DEFAULTS.get(part, UNKNOWN) if node is None else node)
    parts = [part for part in parts if part != ""]
    text = joined(parts) if parts else UNKNOWN
    if kind not in NAMES or name != "Ref" or isinstance(text, Unknown):
        return text
    plain = text.text if isinstance(text, Pattern) else text
    # SageMaker writes names in lower case in some ARNs, and did not always: that it is an ARN is known all the same
    return text if plain == plain.lower() else Pattern(f"{plain[: plain.rindex('/')]}/*")
