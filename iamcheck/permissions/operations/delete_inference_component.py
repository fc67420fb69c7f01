"""Describes DeleteInferenceComponent."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DeleteInferenceComponent",
    (Target(Part.INFERENCE_COMPONENT, "the inference component is deleted"),),
    f"{API}DeleteInferenceComponent.html",
    acts_on=Part.INFERENCE_COMPONENT,
    unknown_keys=dict.fromkeys(
        RESOURCE_TAGS, "anybody may have changed the tags since the inference component was created"
    ),
)
