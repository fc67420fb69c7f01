"""Says what a CreateModelPackage request makes known of the condition keys of model packages.

Source: the condition keys of SageMaker in the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts

if TYPE_CHECKING:
    from iamcheck.deployment.resources import ModelPackageRequest
    from iamcheck.iam.model import ContextInput

__all__ = ["CURRENT_KEYS", "model_package_keys"]

CURRENT_KEYS: Final = (
    "sagemaker:CurrentCustomerMetadataProperties/${MetadataKey}",
    "sagemaker:CurrentModelLifeCycleStage",
    "sagemaker:CurrentModelLifeCycleStageStatus",
)
"""Keys of what a model package has before the call, as the reference spells them."""

_METADATA: Final = "sagemaker:CustomerMetadataProperties/"


def model_package_keys(package: ModelPackageRequest) -> ContextFacts:
    """Approval, stage and metadata of the request: each as known, as absent, or in neither."""
    known: dict[str, ContextInput] = {}
    absent: list[str] = []
    for key, value in (
        ("sagemaker:ModelApprovalStatus", package.approval_status),
        ("sagemaker:ModelLifeCycle:Stage", package.stage),
        ("sagemaker:ModelLifeCycle:StageStatus", package.stage_status),
    ):
        if value is None:
            absent.append(key)
        elif value is not UNKNOWN:
            known[key] = value
    if package.metadata is not UNKNOWN:
        texts = {key: value for key, value in package.metadata.items() if isinstance(value, str)}
        known |= {f"{_METADATA}{key}": value for key, value in texts.items()}
        absent += [f"{_METADATA}*", *(f"!{_METADATA}{key}" for key in package.metadata if key not in texts)]
    return ContextFacts(known, tuple(absent))
