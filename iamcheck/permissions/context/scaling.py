"""Says what is scaled, and what that makes known of the condition context of Application Auto Scaling's calls.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import ScalableTargetRequest, ScalingPolicyRequest
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.operation import Part, Resource
from iamcheck.permissions.parts import arns_of, made_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.unknown import Unknown
    from iamcheck.iam.model import ContextInput

__all__ = ["NAMESPACE", "registered_targets", "scaled_name", "scaled_resources", "scaling_context", "scaling_keys"]

NAMESPACE = "sagemaker"
"""SageMaker, as Application Auto Scaling names the services that it scales."""

_KINDS = {Part.ENDPOINT: "endpoint", Part.ENDPOINT_CONFIG: "endpoint", Part.INFERENCE_COMPONENT: "inference-component"}


def scaled_name(resource_id: str) -> str:
    """The endpoint or inference component of a ResourceId such as `endpoint/churn/variant/a`."""
    return resource_id.split("/")[1]


def scaled_resources(deployment: Deployment, part: Part) -> Iterator[Resource]:
    """What the scalable targets of a deployment scale, as far as it is a part of this kind; or its endpoint config.

    The endpoint config of an endpoint that the deployment does not make is not known: it may be any.
    """
    for target in made_requests(deployment, Part.SCALABLE_TARGET):
        kind, _, _ = str(target.name).partition("/")
        if kind != _KINDS[part]:
            continue
        name = scaled_name(str(target.name))
        if part is Part.ENDPOINT_CONFIG:
            is_own = deployment.endpoint_name is not None and name.lower() == deployment.endpoint_name.lower()
            name = deployment.endpoint_config_name if is_own else "*"
        for arn in arns_of(deployment, part, name):
            yield Resource(part, arn, target.written, target)


def registered_targets(deployment: Deployment) -> tuple[Resource, ...]:
    """The scalable targets that a deployment registers, and those that AWS says are registered on its endpoint."""
    known = {
        (request.name, request.dimension)
        for request in deployment.resource_requests
        if isinstance(request, ScalableTargetRequest)
    }
    there = (target for target in deployment.registered_targets or () if (target.name, target.dimension) not in known)
    return tuple(
        Resource(Part.SCALABLE_TARGET, arn, made.written, made)
        for made in (*made_requests(deployment, Part.SCALABLE_TARGET), *there)
        for arn in arns_of(deployment, Part.SCALABLE_TARGET, str(made.name))
    )


def scaling_context(_deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    """What a call about a scalable target or a scaling policy says of what is scaled."""
    if isinstance(resource.made, (ScalableTargetRequest, ScalingPolicyRequest)):
        yield scaling_keys(resource.made.dimension)


def scaling_keys(dimension: str | Unknown) -> ContextFacts:
    """The keys that say what is scaled.

    Args:
        dimension: The ScalableDimension.
    """
    known: dict[str, ContextInput] = {"application-autoscaling:service-namespace": NAMESPACE}
    if dimension is not UNKNOWN:
        known["application-autoscaling:scalable-dimension"] = dimension
    return ContextFacts(known)
