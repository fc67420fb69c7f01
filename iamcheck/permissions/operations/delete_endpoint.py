"""Describes DeleteEndpoint."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DeleteEndpoint",
    (Target(Part.ENDPOINT, "the endpoint is deleted"),),
    f"{API}DeleteEndpoint.html",
    acts_on=Part.ENDPOINT,
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "anybody may have changed the tags since the endpoint was created"),
)
