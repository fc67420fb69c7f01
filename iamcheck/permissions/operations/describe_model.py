"""Describes DescribeModel, by which CloudFormation and Terraform read back the models that they created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.context.tags import resource_tags
from iamcheck.permissions.operation import API, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from resource_tags(deployment, resource.part, resource.made)


OPERATION = Operation(
    "sagemaker:DescribeModel",
    (Target(Part.MODEL, "CloudFormation and Terraform read the model back once it is created"),),
    f"{API}DescribeModel.html",
    acts_on=Part.MODEL,
    context=_context,
    tools=(Tool.CLOUDFORMATION, Tool.TERRAFORM),
)
