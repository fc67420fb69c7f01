"""Describes DescribeScalingPolicies, by which Terraform reads back the scaling policies that it put."""

from __future__ import annotations

from functools import partial

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import SCALING_API, Operation, Part, Target
from iamcheck.permissions.parts import listed, resources_of

__all__ = ["OPERATION"]


OPERATION = Operation(
    "application-autoscaling:DescribeScalingPolicies",
    (
        Target(
            Part.SCALING_POLICY,
            "Terraform reads the scaling policy back once it is put",
            resources=listed(partial(resources_of, part=Part.SCALING_POLICY)),
        ),
    ),
    f"{SCALING_API}DescribeScalingPolicies.html",
    acts_on=Part.SCALING_POLICY,
    tools=(Tool.TERRAFORM,),
)
