"""Describes PutScalingPolicy, which makes alarms where the policy tracks a target."""

from __future__ import annotations

from iamcheck.permissions.context.scaling import scaling_context
from iamcheck.permissions.dependent_calls.scaling_alarms import SCALING_ALARM_CALLS
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target

__all__ = ["OPERATION"]


OPERATION = Operation(
    "application-autoscaling:PutScalingPolicy",
    (Target(Part.SCALING_POLICY, "the scaling policy is put", type="ScalableTarget"),),
    f"{SCALING_API}PutScalingPolicy.html",
    acts_on=Part.SCALING_POLICY,
    creates=True,
    context=scaling_context,
    dependent_calls=SCALING_ALARM_CALLS,
    unknown_keys={"aws:ResourceTag/${TagKey}": "the tags of the scalable target were not read"},
)
