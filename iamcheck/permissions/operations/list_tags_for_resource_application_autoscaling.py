"""Describes ListTagsForResource, by which Terraform reads back the tags of scalable targets."""

from __future__ import annotations

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "application-autoscaling:ListTagsForResource",
    (Target(Part.SCALABLE_TARGET, "Terraform reads the tags of the scalable target back"),),
    f"{SCALING_API}ListTagsForResource.html",
    acts_on=Part.SCALABLE_TARGET,
    tools=(Tool.TERRAFORM,),
    unknown_keys={
        "aws:ResourceTag/${TagKey}": "the tags are read at any later time, when anybody may have changed them",
    },
)
