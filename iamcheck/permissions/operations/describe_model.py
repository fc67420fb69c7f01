"""Describes DescribeModel, by which CloudFormation and Terraform read back the models that they created."""

from __future__ import annotations

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.context.tags import resource_tags
from iamcheck.permissions.operation import API, Operation, Part, Target

__all__ = ["OPERATION"]


OPERATION = Operation(
    "sagemaker:DescribeModel",
    (Target(Part.MODEL, "CloudFormation and Terraform read the model back once it is created"),),
    f"{API}DescribeModel.html",
    acts_on=Part.MODEL,
    context=resource_tags,
    tools=(Tool.CLOUDFORMATION, Tool.TERRAFORM),
)
