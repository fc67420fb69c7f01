"""Describes CreateModelPackageGroup, which may tag the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.tags import request_tags, resource_tags
from iamcheck.permissions.dependent_calls.add_tags import add_tags
from iamcheck.permissions.operation import API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from request_tags(deployment, resource.part, resource.made)
    yield from resource_tags(deployment, resource)


OPERATION = Operation(
    "sagemaker:CreateModelPackageGroup",
    (Target(Part.MODEL_PACKAGE_GROUP, "the model package group is created"),),
    f"{API}CreateModelPackageGroup.html",
    acts_on=Part.MODEL_PACKAGE_GROUP,
    creates=True,
    context=_context,
    dependent_calls=(add_tags(Part.MODEL_PACKAGE_GROUP, "CreateModelPackageGroup"),),
)
