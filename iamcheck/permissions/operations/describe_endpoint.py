"""Describes DescribeEndpoint, by which a deployment waits for its endpoint."""

from __future__ import annotations

from iamcheck.permissions.context.tags import resource_tags
from iamcheck.permissions.operation import API, Operation, Part, Target

__all__ = ["OPERATION"]


OPERATION = Operation(
    "sagemaker:DescribeEndpoint",
    (Target(Part.ENDPOINT, "the endpoint's status is read"),),
    f"{API}DescribeEndpoint.html",
    acts_on=Part.ENDPOINT,
    context=resource_tags,
)
