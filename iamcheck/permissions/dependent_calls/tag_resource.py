"""Describes TagResource of CloudWatch and Application Auto Scaling, for what a request creates with tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.context.call import call_by_deployer
from iamcheck.permissions.context.tags import may_have_tags, request_tags, resource_tags
from iamcheck.permissions.operation import DependentCall, Part
from iamcheck.permissions.parts import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["tag_resource"]


def tag_resource(service: str, part: Part, source: str) -> DependentCall:
    """TagResource on what a create call makes.

    Args:
        service: The prefix of the service.
        part: What is created.
        source: The AWS page that says so, a URL.
    """

    def resources(deployment: Deployment) -> Iterable[Resource]:
        return (
            resource for resource in resources_of(deployment, part) if may_have_tags(deployment, part, resource.made)
        )

    def context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
        yield call_by_deployer(deployment, is_separate=resource.is_separate)
        yield from request_tags(deployment, part, resource.made)
        yield from resource_tags(deployment, resource)

    unknown_keys = {"aws:ResourceTag/${TagKey}": "it may be there already, with other tags"}
    if service == "cloudwatch":
        unknown_keys["cloudwatch:HasAccessGrant"] = "a key of services and objectives of CloudWatch, and of no alarm"
    return DependentCall(
        f"{service}:TagResource",
        part,
        "Tags",
        resources,
        context,
        f"the {part.value} is created with tags",
        source,
        unknown_keys=unknown_keys,
        other_resources={"*": "the call is on what is created"},
    )
