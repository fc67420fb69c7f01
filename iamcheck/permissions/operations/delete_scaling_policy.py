"""Describes DeleteScalingPolicy."""

from __future__ import annotations

from iamcheck.permissions.context.scaling import scaling_context
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target

__all__ = ["OPERATION"]


OPERATION = Operation(
    "application-autoscaling:DeleteScalingPolicy",
    (Target(Part.SCALING_POLICY, "the scaling policy is deleted", type="ScalableTarget"),),
    f"{SCALING_API}DeleteScalingPolicy.html",
    acts_on=Part.SCALING_POLICY,
    context=scaling_context,
    unknown_keys={"aws:ResourceTag/${TagKey}": "the tags of the scalable target were not read"},
)
