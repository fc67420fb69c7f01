"""Describes DescribeEndpoint, by which a deployment waits for its endpoint."""

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
    "sagemaker:DescribeEndpoint",
    (Target(Part.ENDPOINT, "the endpoint's status is read"),),
    f"{API}DescribeEndpoint.html",
    acts_on=Part.ENDPOINT,
    context=_context,
)
