"""Finds the parts of a deployment: their ARNs, and the requests that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import Arn
from iamcheck.iam.model.principal import SERVICE_LINKED_PATH
from iamcheck.permissions.operation import Part, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.deployment.resources import MadeRequest

__all__ = [
    "SCALING_ROLE_NAME",
    "arns_of",
    "is_known",
    "listed",
    "made_requests",
    "parts_of",
    "request_of",
    "resources_of",
    "scaling_role_arn",
]

_SINGLE: Final = (Part.ENDPOINT, Part.ENDPOINT_CONFIG)
"""The parts of which a deployment has one."""

SCALING_ROLE_NAME: Final = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
"""The service-linked role by which Application Auto Scaling scales endpoints.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
"""
_SCALING_ROLE: Final = f"{SERVICE_LINKED_PATH}sagemaker.application-autoscaling.amazonaws.com/{SCALING_ROLE_NAME}"

_ANY_TARGET: Final = ("application-autoscaling", "scalable-target/*")
"""The service makes the ids of scalable targets up, and its refusals name them so."""

_ARNS: Final[Mapping[Part, tuple[str, str]]] = {
    Part.ALARM: ("cloudwatch", "alarm:{}"),
    Part.SCALABLE_TARGET: _ANY_TARGET,
    Part.SCALING_POLICY: _ANY_TARGET,
}
"""The service and the resource of a part's ARN, where it is none of SageMaker's."""


def parts_of(deployment: Deployment) -> frozenset[Part]:
    """The parts that a deployment has."""
    parts = {Part.ENDPOINT_CONFIG}
    if deployment.creates_endpoint:
        parts.add(Part.ENDPOINT)
    if deployment.model_requests:
        parts.add(Part.MODEL)
    if deployment.resource_requests:
        parts |= {Part(request.kind) for request in deployment.resource_requests}
    if deployment.registered_targets:
        parts.add(Part.SCALABLE_TARGET)
    if deployment.registers_targets and deployment.service_linked_role is not True:
        parts.add(Part.SERVICE_LINKED_ROLE)
    return frozenset(parts)


def made_requests(deployment: Deployment, part: Part) -> Iterator[MadeRequest]:
    """The requests that make a part, of a part of which there may be several; those without a name are left out."""
    requests = deployment.model_requests if part is Part.MODEL else deployment.resource_requests
    return (request for request in requests if request.kind == part.value and isinstance(request.name, str))


def resources_of(deployment: Deployment, part: Part) -> tuple[Resource, ...]:
    """A part of the deployment under each spelling of its ARN (see `Deployment.endpoint_arns`), each model likewise."""
    if part is Part.SERVICE_LINKED_ROLE:
        # the first scalable target makes it
        targets = () if deployment.service_linked_role else made_requests(deployment, Part.SCALABLE_TARGET)
        return tuple(Resource(part, scaling_role_arn(deployment), target.written, target) for target in targets)[:1]
    if part not in _SINGLE:
        return tuple(
            Resource(part, arn, made.written, made)
            for made in made_requests(deployment, part)
            for arn in arns_of(deployment, part, str(made.name))
        )
    arns = deployment.endpoint_arns if part is Part.ENDPOINT else deployment.endpoint_config_arns
    request = request_of(deployment, part)
    return tuple(Resource(part, arn, request) for arn in arns)


def listed(
    resources: Callable[[Deployment], Sequence[Resource]],
) -> Callable[[Deployment], tuple[Resource, ...]]:
    """What a call that lists resources is authorised on: `*`, once, where the deployment has any of them."""
    return lambda deployment: tuple(resource._replace(arn="*") for resource in resources(deployment)[:1])


def scaling_role_arn(deployment: Deployment) -> str:
    """The ARN of the role `SCALING_ROLE_NAME` in the account of a deployment."""
    return str(Arn(deployment.partition, "iam", "", deployment.account_id, _SCALING_ROLE))


def arns_of(deployment: Deployment, part: Part, name: str) -> tuple[str, ...]:
    """The ARNs under which AWS may authorise a part of that name in the deployment's place: one a spelling."""
    service, resource = _ARNS.get(part, ("sagemaker", part.value.replace(" ", "-") + "/{}"))
    # names in other services' ARNs keep their case
    spellings = (name, name.lower()) if service == "sagemaker" else (name,)
    return tuple(
        str(Arn(deployment.partition, service, deployment.region, deployment.account_id, resource.format(spelling)))
        for spelling in dict.fromkeys(spellings)
    )


def request_of(deployment: Deployment, part: Part) -> WrittenRequest | None:
    """The request of the endpoint or the endpoint config; None where it is written nowhere."""
    written = deployment.written
    if written is None:
        return None
    return written.endpoint if part is Part.ENDPOINT else written.config


def is_known(deployment: Deployment, part: Part) -> bool:
    """Whether it is known what a part of the deployment has, beside its name; what has no request is not made."""
    if part not in _SINGLE:
        return True
    request = deployment.endpoint_request if part is Part.ENDPOINT else deployment.config_request
    return request is not None
