"""Describes UpdateEndpoint, which gives an endpoint another endpoint config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.tags import resource_tags
from iamcheck.permissions.dependent_calls.create_grant import CREATE_GRANT
from iamcheck.permissions.operation import API, REFERENCE, RESOURCE_TAGS, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    if resource.part is Part.ENDPOINT_CONFIG:
        yield from resource_tags(deployment, resource)


OPERATION = Operation(
    "sagemaker:UpdateEndpoint",
    (
        Target(Part.ENDPOINT, "the endpoint is updated"),
        Target(
            Part.ENDPOINT_CONFIG,
            "UpdateEndpoint is authorised on the new endpoint config that it names as well as on the endpoint",
            REFERENCE,
        ),
    ),
    f"{API}UpdateEndpoint.html",
    acts_on=Part.ENDPOINT,
    context=_context,
    # documented for CreateEndpoint; that an update to a config with a key needs the same is inferred
    dependent_calls=(CREATE_GRANT,),
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "anybody may have changed the tags of an endpoint since it was created"),
)
