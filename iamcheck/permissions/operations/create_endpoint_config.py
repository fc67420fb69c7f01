"""Describes CreateEndpointConfig, which may tag the endpoint config and pass its execution role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.endpoint_config import endpoint_config_keys
from iamcheck.permissions.context.tags import request_tags, resource_tags
from iamcheck.permissions.dependent_calls.add_tags import add_tags
from iamcheck.permissions.dependent_calls.pass_role import pass_role
from iamcheck.permissions.operation import API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from request_tags(deployment, Part.ENDPOINT_CONFIG)
    yield from resource_tags(deployment, resource)
    yield from endpoint_config_keys(deployment)


OPERATION = Operation(
    "sagemaker:CreateEndpointConfig",
    (Target(Part.ENDPOINT_CONFIG, "the endpoint config is created"),),
    f"{API}CreateEndpointConfig.html",
    acts_on=Part.ENDPOINT_CONFIG,
    creates=True,
    context=_context,
    dependent_calls=(add_tags(Part.ENDPOINT_CONFIG, "CreateEndpointConfig"), pass_role(Part.ENDPOINT_CONFIG)),
)
