"""Describes DeleteScalingPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import ScalingPolicyRequest
from iamcheck.permissions.context.scaling import scaling_keys
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
    "application-autoscaling:DeleteScalingPolicy",
    (Target(Part.SCALING_POLICY, "the scaling policy is deleted", type="ScalableTarget"),),
    f"{SCALING_API}DeleteScalingPolicy.html",
    acts_on=Part.SCALING_POLICY,
    context=_context,
    unknown_keys={"aws:ResourceTag/${TagKey}": "the tags of the scalable target were not read"},
)
