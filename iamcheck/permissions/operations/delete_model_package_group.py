"""Describes DeleteModelPackageGroup."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:DeleteModelPackageGroup",
    (Target(Part.MODEL_PACKAGE_GROUP, "the model package group is deleted"),),
    f"{API}DeleteModelPackageGroup.html",
    acts_on=Part.MODEL_PACKAGE_GROUP,
    unknown_keys=dict.fromkeys(
        RESOURCE_TAGS, "anybody may have changed the tags since the model package group was created"
    ),
)
