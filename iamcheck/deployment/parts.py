"""Leaves a deployment at the part of its file that the user asks about, and lists the rest as not covered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.results import NotCovered

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenDelete, WrittenDeployment, WrittenRequest

__all__ = ["PARTS", "action_of", "only_part"]

PARTS: Final = ("endpoint",)
"""The parts of a file that `--only` names: `endpoint` is the endpoint and its endpoint config."""


def only_part(written: WrittenDeployment) -> WrittenDeployment:
    """The deployment without the calls that its file makes besides CreateEndpoint and CreateEndpointConfig.

    The models stay as what is known of the endpoint config's variants.
    """
    calls: list[WrittenRequest | WrittenDelete] = [
        *written.created_models,
        *written.resources,
        *written.deletes,
    ]
    left_out = tuple(NotCovered(action_of(call.operation), call.place, "left out by --only endpoint") for call in calls)
    places = {call.place for call in calls}
    return replace(
        written,
        created_models=(),
        resources=(),
        deletes=(),
        # whether something else is made does not matter then
        unsettled=tuple(open_point for open_point in written.unsettled if open_point.place not in places),
        not_covered=(*written.not_covered, *left_out),
    )


_SERVICES: Final = {
    "DeleteAlarms": "cloudwatch",
    "DeleteScalingPolicy": "application-autoscaling",
    "DeregisterScalableTarget": "application-autoscaling",
    "PutMetricAlarm": "cloudwatch",
    "PutScalingPolicy": "application-autoscaling",
    "RegisterScalableTarget": "application-autoscaling",
}
"""The service of an operation, where it is not SageMaker."""


def action_of(operation: str) -> str:
    """The action of an operation that is written, such as `sagemaker:CreateModel`."""
    return f"{_SERVICES.get(operation, 'sagemaker')}:{operation}"
