"""Describes AddTags as part of a create call: whoever creates something with tags must be allowed to tag it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.context.call import call_by_deployer
from iamcheck.permissions.context.tags import may_have_tags, request_tags, resource_tags
from iamcheck.permissions.operation import REFERENCE, DependentCall, Part
from iamcheck.permissions.parts import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.permissions.operation import Resource

__all__ = ["add_tags"]

_MODEL_PACKAGES: Final = "a key of model packages, and the call is on another resource"


def add_tags(part: Part, tagging_action: str) -> DependentCall:
    """AddTags on what a create call makes.

    Args:
        part: What is created.
        tagging_action: The create call, as `sagemaker:TaggingAction` has it: without its service.
    """

    def resources(deployment: Deployment) -> Iterable[Resource]:
        return (
            resource for resource in resources_of(deployment, part) if may_have_tags(deployment, part, resource.made)
        )

    def context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
        yield call_by_deployer(deployment, is_separate=resource.is_separate)
        yield from request_tags(deployment, part, resource.made)
        yield from resource_tags(deployment, resource)
        yield ContextFacts({"sagemaker:TaggingAction": tagging_action})

    return DependentCall(
        "sagemaker:AddTags",
        part,
        "Tags",
        resources,
        context,
        f"the {part.value} is created with tags",
        REFERENCE,
        unknown_keys={
            "sagemaker:CurrentCustomerMetadataProperties/${MetadataKey}": _MODEL_PACKAGES,
            "sagemaker:CurrentModelLifeCycleStage": _MODEL_PACKAGES,
            "sagemaker:CurrentModelLifeCycleStageStatus": _MODEL_PACKAGES,
        },
        other_resources={"*": "the call is on what is created"},
    )
