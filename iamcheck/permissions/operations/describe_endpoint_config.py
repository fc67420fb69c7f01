"""Describes DescribeEndpointConfig, by which a deployment sees that its endpoint config can be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.tags import resource_tags
from iamcheck.permissions.operation import API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from resource_tags(deployment, resource.part)


OPERATION = Operation(
    "sagemaker:DescribeEndpointConfig",
    (
        Target(
            Part.ENDPOINT_CONFIG,
            "AWS recommends to read it before CreateEndpoint, because a new endpoint config may not be found at once",
        ),
    ),
    f"{API}CreateEndpoint.html",
    acts_on=Part.ENDPOINT_CONFIG,
    context=_context,
)
