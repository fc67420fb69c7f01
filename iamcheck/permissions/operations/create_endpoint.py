"""Describes CreateEndpoint, which may tag the endpoint and make a grant on the volume key of its endpoint config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.tags import request_tags, resource_tags
from iamcheck.permissions.dependent_calls.add_tags import add_tags
from iamcheck.permissions.dependent_calls.create_grant import CREATE_GRANT
from iamcheck.permissions.operation import API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from request_tags(deployment, Part.ENDPOINT)
    yield from resource_tags(deployment, resource)


OPERATION = Operation(
    "sagemaker:CreateEndpoint",
    (
        Target(Part.ENDPOINT, "the endpoint is created"),
        Target(
            Part.ENDPOINT_CONFIG,
            "CreateEndpoint is authorised on the endpoint config that it names as well as on the endpoint",
        ),
    ),
    f"{API}CreateEndpoint.html",
    acts_on=Part.ENDPOINT,
    creates=True,
    context=_context,
    dependent_calls=(add_tags(Part.ENDPOINT, "CreateEndpoint"), CREATE_GRANT),
)
