"""Describes InvokeEndpoint."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:InvokeEndpoint",
    (
        Target(Part.ENDPOINT, "the endpoint is asked for inferences"),
        Target(Part.INFERENCE_COMPONENT, "an invocation that names an inference component is authorised on it as well"),
    ),
    f"{API}runtime_InvokeEndpoint.html",
    acts_on=Part.ENDPOINT,
    unknown_keys={
        **dict.fromkeys(RESOURCE_TAGS, "anybody may have changed the tags since the endpoint was created"),
        "sagemaker:TargetModel": "each invocation of a multi-model endpoint names its model",
    },
)
