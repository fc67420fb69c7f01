"""Describes DeleteModelPackage."""

from __future__ import annotations

from iamcheck.permissions.context.model_package import CURRENT_KEYS
from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DeleteModelPackage",
    (Target(Part.MODEL_PACKAGE, "the model package is deleted"),),
    f"{API}DeleteModelPackage.html",
    acts_on=Part.MODEL_PACKAGE,
    unknown_keys=dict.fromkeys(
        (*RESOURCE_TAGS, *CURRENT_KEYS), "anybody may have changed it since the model package was created"
    ),
)
