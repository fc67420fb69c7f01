"""Describes what Application Auto Scaling asks of CloudWatch for the alarms that a target tracking policy makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.deployment.resources import ScalingPolicyRequest
from iamcheck.permissions.context.call import call_with_rights_of_deployer
from iamcheck.permissions.operation import SCALING_PERMISSIONS, DependentCall, Part, Resource
from iamcheck.permissions.parts import arns_of, made_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts

__all__ = ["SCALING_ALARM_CALLS"]

_TAGS: Final = "Application Auto Scaling makes the alarm, and whether it tags it is not documented"


def _resources(deployment: Deployment) -> Iterator[Resource]:
    """The alarms, whose names begin with `TargetTracking-` and the id of what is scaled."""
    for policy in made_requests(deployment, Part.SCALING_POLICY):
        if isinstance(policy, ScalingPolicyRequest) and policy.tracks_target is not False:
            for arn in arns_of(deployment, Part.ALARM, f"TargetTracking-{policy.name}-*"):
                yield Resource(Part.SCALING_POLICY, arn, policy.written, policy)


def _context(deployment: Deployment, _resource: Resource) -> Iterator[ContextFacts]:
    yield call_with_rights_of_deployer(deployment)


def _call(operation: str, unknown_keys: dict[str, str]) -> DependentCall:
    return DependentCall(
        f"cloudwatch:{operation}",
        Part.SCALING_POLICY,
        "TargetTrackingScalingPolicyConfiguration",
        _resources,
        _context,
        "Application Auto Scaling makes and deletes the alarms of a target tracking policy",
        SCALING_PERMISSIONS,
        unknown_keys={"aws:ResourceTag/${TagKey}": _TAGS, **unknown_keys},
        other_resources={"dataset": "the alarms look at metrics"},
    )


SCALING_ALARM_CALLS: Final = (
    _call(
        "PutMetricAlarm",
        {
            "aws:RequestTag/${TagKey}": _TAGS,
            "aws:TagKeys": _TAGS,
            "cloudwatch:AlarmActions": "the action is the scaling policy, whose ARN AWS makes up",
        },
    ),
    _call("DescribeAlarms", {}),
    _call("DeleteAlarms", {}),
)
