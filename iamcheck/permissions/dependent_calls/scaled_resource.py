"""Describes what Application Auto Scaling asks of SageMaker, with the rights of whoever registers a scalable target."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.permissions.context.call import call_with_rights_of_deployer
from iamcheck.permissions.context.scaling import scaled_resources
from iamcheck.permissions.operation import RESOURCE_TAGS, SCALING_PERMISSIONS, DependentCall, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["SCALED_RESOURCE_CALLS"]


def _context(deployment: Deployment, _resource: Resource) -> Iterator[ContextFacts]:
    yield call_with_rights_of_deployer(deployment)


def _call(operation: str, part: Part) -> DependentCall:
    return DependentCall(
        f"sagemaker:{operation}",
        Part.SCALABLE_TARGET,
        "ResourceId",
        partial(scaled_resources, part=part),
        _context,
        f"whoever registers a scalable target must have it, for Application Auto Scaling uses it on the {part.value}",
        SCALING_PERMISSIONS,
        unknown_keys=dict.fromkeys(RESOURCE_TAGS, "the tags at the time of the call were not read"),
    )


SCALED_RESOURCE_CALLS: Final = (
    _call("DescribeEndpoint", Part.ENDPOINT),
    _call("DescribeEndpointConfig", Part.ENDPOINT_CONFIG),
    _call("UpdateEndpointWeightsAndCapacities", Part.ENDPOINT),
    _call("DescribeInferenceComponent", Part.INFERENCE_COMPONENT),
    _call("UpdateInferenceComponentRuntimeConfig", Part.INFERENCE_COMPONENT),
)
