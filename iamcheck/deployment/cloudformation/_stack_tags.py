"""Adds the tags of a stack to the requests of its resources.

CloudFormation puts the tags of a stack, and tags of its own that begin with `aws:cloudformation:`, on every resource
that takes tags; how far it sends its own for SageMaker is not established.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.located import Member
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.iam.model import Place
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.cloudformation._texts import Text
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["OPEN_STACK_TAGS", "with_stack_tags"]

OPEN_STACK_TAGS: Final = Assumption(
    "the stack has no tags of its own: with tags, sagemaker:AddTags is needed too, and the requests have them",
    "--stack-tag KEY=VALUE, or --no-stack-tags",
)
_OWN_PREFIX: Final = "aws:cloudformation:"
_NOT_KNOWN: Final = OpenCause("the value of a stack's tag is not known", "--stack-tag KEY=VALUE")


def with_stack_tags(request: WrittenRequest, stack_tags: Mapping[str, Text] | None) -> WrittenRequest:
    """Adds the stack's tags to a request; a tag of the resource itself goes before one of the stack with its key.

    Args:
        request: The request of a resource.
        stack_tags: The tags; None: not known.
    """
    if stack_tags is None:
        return replace(request, open_tags="")
    members, tags = request.root.value, request.root.get("Tags")
    if not stack_tags or not isinstance(members, dict) or (tags is not None and not isinstance(tags.value, tuple)):
        return replace(request, open_tags=_OWN_PREFIX)
    tags_of_resource = () if tags is None else tags.items()
    keys = {
        member.value
        for tag in tags_of_resource
        if (member := tag.get("Key")) is not None and isinstance(member.value, str)
    }
    place = Place(label="a tag of the stack")
    more: list[Member] = []
    for key, value in stack_tags.items():
        if key not in keys:
            path = f"Tags[{len(tags_of_resource) + len(more)}]"
            causes = () if isinstance(value, str) else (_NOT_KNOWN,)
            pair = {
                "Key": Member(key, f"{path}.Key", place),
                "Value": Member(value, f"{path}.Value", place, causes),
            }
            more.append(Member(pair, path, place))
    both = Member((*tags_of_resource, *more), "Tags", place if tags is None else tags.place)
    return replace(request, root=replace(request.root, value={**members, "Tags": both}), open_tags=_OWN_PREFIX)
