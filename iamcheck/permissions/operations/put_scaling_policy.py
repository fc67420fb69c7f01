"""Describes PutScalingPolicy, which makes alarms where the policy tracks a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import ScalingPolicyRequest
from iamcheck.permissions.context.scaling import scaling_keys
from iamcheck.permissions.dependent_calls.scaling_alarms import SCALING_ALARM_CALLS
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(_deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    if isinstance(resource.made, ScalingPolicyRequest):
        yield scaling_keys(resource.made.dimension)


OPERATION = Operation(
    "application-autoscaling:PutScalingPolicy",
    (Target(Part.SCALING_POLICY, "the scaling policy is put", type="ScalableTarget"),),
    f"{SCALING_API}PutScalingPolicy.html",
    acts_on=Part.SCALING_POLICY,
    creates=True,
    context=_context,
    dependent_calls=SCALING_ALARM_CALLS,
    unknown_keys={"aws:ResourceTag/${TagKey}": "the tags of the scalable target were not read"},
)
