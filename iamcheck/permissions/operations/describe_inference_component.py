"""Describes DescribeInferenceComponent, by which CloudFormation waits for the components that it makes."""

from __future__ import annotations

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DescribeInferenceComponent",
    (Target(Part.INFERENCE_COMPONENT, "CloudFormation reads the inference component until it is in service"),),
    f"{API}DescribeInferenceComponent.html",
    acts_on=Part.INFERENCE_COMPONENT,
    tools=(Tool.CLOUDFORMATION,),
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "it is read at any later time, when anybody may have changed it"),
)
