"""Describes DescribeScalableTargets, by which Terraform reads back the scalable targets that it registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target
from iamcheck.permissions.parts import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _every_one(deployment: Deployment) -> Iterator[Resource]:
    """The call lists them all: it is authorised on `*`, once."""
    yield from (one._replace(arn="*") for one in resources_of(deployment, Part.SCALABLE_TARGET)[:1])


OPERATION = Operation(
    "application-autoscaling:DescribeScalableTargets",
    (
        Target(
            Part.SCALABLE_TARGET, "Terraform reads the scalable target back once it is registered", resources=_every_one
        ),
    ),
    f"{SCALING_API}DescribeScalableTargets.html",
    acts_on=Part.SCALABLE_TARGET,
    tools=(Tool.TERRAFORM,),
)
