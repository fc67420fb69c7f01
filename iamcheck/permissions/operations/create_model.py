"""Describes CreateModel, which may tag the model and pass its execution role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.features import ModelRequest
from iamcheck.permissions.context.network import network_keys
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
    yield from request_tags(deployment, resource.part, resource.made)
    yield from resource_tags(deployment, resource)
    if isinstance(resource.made, ModelRequest):
        yield network_keys(resource.made)


OPERATION = Operation(
    "sagemaker:CreateModel",
    (Target(Part.MODEL, "the model is created"),),
    f"{API}CreateModel.html",
    acts_on=Part.MODEL,
    creates=True,
    context=_context,
    dependent_calls=(add_tags(Part.MODEL, "CreateModel"), pass_role(Part.MODEL)),
    unknown_keys={
        "sagemaker:DirectGatedModelAccess": "which members of the request make its value is not documented",
    },
)
