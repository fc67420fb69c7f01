"""Describes DeleteModel."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DeleteModel",
    (Target(Part.MODEL, "the model is deleted"),),
    f"{API}DeleteModel.html",
    acts_on=Part.MODEL,
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "anybody may have changed the tags since the model was created"),
)
