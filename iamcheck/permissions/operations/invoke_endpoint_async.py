"""Describes InvokeEndpointAsync."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:InvokeEndpointAsync",
    (Target(Part.ENDPOINT, "the endpoint is asked for asynchronous inferences"),),
    f"{API}runtime_InvokeEndpointAsync.html",
    acts_on=Part.ENDPOINT,
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "anybody may have changed the tags since the endpoint was created"),
)
