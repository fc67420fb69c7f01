"""Describes ListTagsForResource, by which Terraform reads back the tags of alarms."""

from __future__ import annotations

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import ALARMS_API, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "cloudwatch:ListTagsForResource",
    (Target(Part.ALARM, "Terraform reads the tags of the alarm back"),),
    f"{ALARMS_API}ListTagsForResource.html",
    acts_on=Part.ALARM,
    tools=(Tool.TERRAFORM,),
    unknown_keys={
        "aws:ResourceTag/${TagKey}": "the tags are read at any later time, when anybody may have changed them",
        "cloudwatch:HasAccessGrant": "a key of services and objectives of CloudWatch, and of no alarm",
    },
    other_resources={"*": "a deployment has no resource of these types"},
)
