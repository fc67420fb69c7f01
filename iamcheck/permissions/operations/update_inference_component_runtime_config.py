"""Describes UpdateInferenceComponentRuntimeConfig, which changes the copy count of an inference component."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:UpdateInferenceComponentRuntimeConfig",
    (Target(Part.INFERENCE_COMPONENT, "the copy count of the inference component is changed"),),
    f"{API}UpdateInferenceComponentRuntimeConfig.html",
    acts_on=Part.INFERENCE_COMPONENT,
    unknown_keys=dict.fromkeys(
        RESOURCE_TAGS, "anybody may have changed the tags since the inference component was created"
    ),
)
