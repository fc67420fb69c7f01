"""Describes DescribeAlarms, by which Terraform reads back the alarms that it made."""

from __future__ import annotations

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import ALARMS_API, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "cloudwatch:DescribeAlarms",
    (Target(Part.ALARM, "Terraform reads the alarm back once it is made"),),
    f"{ALARMS_API}DescribeAlarms.html",
    acts_on=Part.ALARM,
    tools=(Tool.TERRAFORM,),
    unknown_keys={
        "aws:ResourceTag/${TagKey}": "the tags are read at any later time, when anybody may have changed them"
    },
)
