"""Describes DescribeModelPackageGroup, by which Terraform reads back the groups that it made."""

from __future__ import annotations

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DescribeModelPackageGroup",
    (Target(Part.MODEL_PACKAGE_GROUP, "Terraform reads the model package group back once it is created"),),
    f"{API}DescribeModelPackageGroup.html",
    acts_on=Part.MODEL_PACKAGE_GROUP,
    tools=(Tool.TERRAFORM,),
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "it is read at any later time, when anybody may have changed it"),
)
