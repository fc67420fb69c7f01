"""Finds the parts of a deployment: their ARNs, and the requests that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.model import Arn
from iamcheck.permissions.operation import Part, Resource

if TYPE_CHECKING:
    from iamcheck.deployment import Deployment
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["arns_of", "is_known", "request_of", "resources_of"]


def resources_of(deployment: Deployment, part: Part) -> tuple[Resource, ...]:
    """A part of the deployment under each spelling of its ARN (see `Deployment.endpoint_arns`), each model likewise."""
    if part is Part.MODEL:
        return tuple(
            Resource(part, arn, model.written, model)
            for model in deployment.model_requests
            if isinstance(model.name, str)
            for arn in arns_of(deployment, part, model.name)
        )
    arns = {
        Part.ENDPOINT: deployment.endpoint_arns,
        Part.ENDPOINT_CONFIG: deployment.endpoint_config_arns,
    }
    request = request_of(deployment, part)
    return tuple(Resource(part, arn, request) for arn in arns[part])


def arns_of(deployment: Deployment, part: Part, name: str) -> tuple[str, ...]:
    """The ARNs under which AWS may authorise a part of that name in the deployment's place: one a spelling."""
    kind = part.value.replace(" ", "-")
    return tuple(
        str(Arn(deployment.partition, "sagemaker", deployment.region, deployment.account_id, f"{kind}/{spelling}"))
        for spelling in dict.fromkeys((name, name.lower()))
    )


def request_of(deployment: Deployment, part: Part) -> WrittenRequest | None:
    """The request of the endpoint or the endpoint config; None where it is written nowhere."""
    written = deployment.written
    if written is None:
        return None
    return written.endpoint if part is Part.ENDPOINT else written.config


def is_known(deployment: Deployment, part: Part) -> bool:
    """Whether it is known what a part of the deployment has, beside its name; a model without a request is not made."""
    if part is Part.MODEL:
        return True
    request = deployment.endpoint_request if part is Part.ENDPOINT else deployment.config_request
    return request is not None
