"""Describes DescribeEndpointConfig, by which a deployment sees that its endpoint config can be found."""

from __future__ import annotations

from iamcheck.permissions.context.tags import resource_tags
from iamcheck.permissions.operation import API, Operation, Part, Target

__all__ = ["OPERATION"]


OPERATION = Operation(
    "sagemaker:DescribeEndpointConfig",
    (
        Target(
            Part.ENDPOINT_CONFIG,
            "AWS recommends to read it before CreateEndpoint, because a new endpoint config may not be found at once",
        ),
    ),
    f"{API}CreateEndpoint.html",
    acts_on=Part.ENDPOINT_CONFIG,
    context=resource_tags,
)
