"""Describes ListTags, by which CloudFormation and Terraform read back the tags of what they created."""

from __future__ import annotations

from typing import Final

from iamcheck.deployment.unknown import Tool
from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

_REASON: Final = "CloudFormation and Terraform read the tags of the {} back, to tell whether they have drifted"
_READ_BACK: Final = (
    Part.ENDPOINT,
    Part.ENDPOINT_CONFIG,
    Part.MODEL,
    Part.INFERENCE_COMPONENT,
    Part.MODEL_PACKAGE_GROUP,
)
_MODEL_PACKAGES: Final = "a key of model packages, and the call is on another resource"

OPERATION = Operation(
    "sagemaker:ListTags",
    tuple(Target(part, _REASON.format(part.value)) for part in _READ_BACK),
    f"{API}ListTags.html",
    acts_on=None,
    tools=(Tool.CLOUDFORMATION, Tool.TERRAFORM),
    unknown_keys={
        **dict.fromkeys(RESOURCE_TAGS, "the tags are read at any later time, when anybody may have changed them"),
        "sagemaker:CurrentCustomerMetadataProperties/${MetadataKey}": _MODEL_PACKAGES,
        "sagemaker:CurrentModelLifeCycleStage": _MODEL_PACKAGES,
        "sagemaker:CurrentModelLifeCycleStageStatus": _MODEL_PACKAGES,
    },
    other_resources={"*": "a deployment has no resource of these types"},
)
