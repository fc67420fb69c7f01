"""Describes DescribeScalableTargets, by which Terraform reads back the scalable targets that it registered."""

from __future__ import annotations

from functools import partial

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target
from iamcheck.permissions.parts import listed, resources_of

__all__ = ["OPERATION"]


OPERATION = Operation(
    "application-autoscaling:DescribeScalableTargets",
    (
        Target(
            Part.SCALABLE_TARGET,
            "Terraform reads the scalable target back once it is registered",
            resources=listed(partial(resources_of, part=Part.SCALABLE_TARGET)),
        ),
    ),
    f"{SCALING_API}DescribeScalableTargets.html",
    acts_on=Part.SCALABLE_TARGET,
    tools=(Tool.TERRAFORM,),
)
