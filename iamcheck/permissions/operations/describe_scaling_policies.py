"""Describes DescribeScalingPolicies, by which Terraform reads back the scaling policies that it put."""

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
    yield from (one._replace(arn="*") for one in resources_of(deployment, Part.SCALING_POLICY)[:1])


OPERATION = Operation(
    "application-autoscaling:DescribeScalingPolicies",
    (Target(Part.SCALING_POLICY, "Terraform reads the scaling policy back once it is put", resources=_every_one),),
    f"{SCALING_API}DescribeScalingPolicies.html",
    acts_on=Part.SCALING_POLICY,
    tools=(Tool.TERRAFORM,),
)
