"""Describes DeregisterScalableTarget, without which AWS deletes no endpoint that is scaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.call import call_by_deployer
from iamcheck.permissions.context.scaling import registered_targets, scaling_context
from iamcheck.permissions.operation import SCALING_API, DependentCall, Operation, Part, Target
from iamcheck.permissions.parts import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["LIST_TARGETS", "OPERATION"]


def _listing(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield call_by_deployer(deployment, is_separate=resource.is_separate)


LIST_TARGETS = DependentCall(
    "application-autoscaling:DescribeScalableTargets",
    Part.SCALABLE_TARGET,
    "ResourceId",
    listed(registered_targets),
    _listing,
    "whoever deletes what is scaled finds out whether it has a scalable target",
    f"{SCALING_API}DescribeScalableTargets.html",
)

OPERATION = Operation(
    "application-autoscaling:DeregisterScalableTarget",
    (
        Target(
            Part.SCALABLE_TARGET,
            "AWS does not delete what is scaled before its scalable target is deregistered",
            resources=registered_targets,
        ),
    ),
    f"{SCALING_API}DeregisterScalableTarget.html",
    acts_on=Part.SCALABLE_TARGET,
    context=scaling_context,
    dependent_calls=(LIST_TARGETS,),
    unknown_keys={"aws:ResourceTag/${TagKey}": "anybody may have changed the tags since it was registered"},
)
