"""Describes DeleteEndpointConfig."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DeleteEndpointConfig",
    (Target(Part.ENDPOINT_CONFIG, "the endpoint config is deleted"),),
    f"{API}DeleteEndpointConfig.html",
    acts_on=Part.ENDPOINT_CONFIG,
    unknown_keys=dict.fromkeys(
        RESOURCE_TAGS, "anybody may have changed the tags since the endpoint config was created"
    ),
)
