"""Describes DeleteAlarms."""

from __future__ import annotations

from iamcheck.permissions.operation import ALARMS_API, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "cloudwatch:DeleteAlarms",
    (Target(Part.ALARM, "the alarm is deleted"),),
    f"{ALARMS_API}DeleteAlarms.html",
    acts_on=Part.ALARM,
    unknown_keys={"aws:ResourceTag/${TagKey}": "anybody may have changed the tags since the alarm was created"},
)
