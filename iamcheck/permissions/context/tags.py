"""Says what is known of tags in the condition context: those of a request, and those of a resource.

Source: the Availability of each key in
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.operation import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import ConfigRequest, EndpointRequest, Tags
    from iamcheck.deployment.resources import MadeRequest
    from iamcheck.iam.model import ContextInput
    from iamcheck.permissions.operation import Resource

__all__ = ["may_have_tags", "request_tags", "resource_tags"]

_RESOURCE_TAGS: Final = ("aws:ResourceTag/", "sagemaker:ResourceTag/")
_OTHER_SERVICES: Final = (Part.ALARM, Part.SCALABLE_TARGET)
"""Parts that are no resources of SageMaker."""


def may_have_tags(deployment: Deployment, part: Part, made: MadeRequest | None = None) -> bool:
    """Whether the request of a part has tags, or may have; tags that only the stack may add are an assumption."""
    request = _request(deployment, part, made)
    return request is not None and (request.tags is UNKNOWN or bool(request.tags.known))


def request_tags(deployment: Deployment, part: Part, made: MadeRequest | None = None) -> Iterator[ContextFacts]:
    """`aws:RequestTag/KEY` and `aws:TagKeys` of the request that creates a part of the deployment.

    Args:
        deployment: The deployment.
        part: The part.
        made: Its request, of a part of which there may be several.
    """
    tags = _tags(deployment, part, made)
    if tags is None:
        return
    yield _tag_values(("aws:RequestTag/",), tags)
    keys = [tag.key for tag in tags.known if isinstance(tag.key, str)]
    if tags.complete and not tags.known:
        yield ContextFacts(absent=("aws:TagKeys",))
    elif tags.complete and len(keys) == len(tags.known):
        yield ContextFacts({"aws:TagKeys": keys})


def resource_tags(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    """`aws:ResourceTag/KEY` and `sagemaker:ResourceTag/KEY` of a part of the deployment.

    A resource that is being created has the tags of its request ("in requests that create a resource with an attached
    tag"), and keeps them until somebody changes them; so this is for calls that come with the creation. Of an endpoint
    that is updated nothing is known: it was created earlier.

    Args:
        deployment: The deployment.
        resource: The part.
    """
    part = resource.part
    if part is Part.ENDPOINT and deployment.written is not None and deployment.written.updates:
        return
    tags = _tags(deployment, part, resource.made)
    if tags is None:
        return
    if part is Part.ENDPOINT_CONFIG and deployment.config_exists and tags.complete:
        # what exists may have tags of AWS's own, such as those of a stack, which no request has
        tags = replace(tags, open_prefix="aws:")
    yield _tag_values(_RESOURCE_TAGS[:1] if part in _OTHER_SERVICES else _RESOURCE_TAGS, tags)


def _request(
    deployment: Deployment, part: Part, made: MadeRequest | None
) -> EndpointRequest | ConfigRequest | MadeRequest | None:
    if part is Part.ENDPOINT:
        return deployment.endpoint_request
    return deployment.config_request if part is Part.ENDPOINT_CONFIG else made


def _tags(deployment: Deployment, part: Part, made: MadeRequest | None) -> Tags | None:
    request = _request(deployment, part, made)
    return None if request is None or request.tags is UNKNOWN else request.tags


def _tag_values(prefixes: Iterable[str], tags: Tags) -> ContextFacts:
    keys = [tag.key.lower() for tag in tags.known if isinstance(tag.key, str)]
    if len(set(keys)) < len(tags.known):
        # keys of tags keep their case and keys of the context do not: which of the values counts is not established;
        # a key that is known only when the deployment is made may be any
        return ContextFacts()
    known: dict[str, ContextInput] = {
        f"{prefix}{tag.key}": tag.value for prefix in prefixes for tag in tags.known if isinstance(tag.value, str)
    }
    # keys whose value is not known, and those that the stack may add, are neither known nor absent
    open_keys = [str(tag.key) for tag in tags.known if not isinstance(tag.value, str)]
    if tags.open_prefix is not None:
        open_keys.append(f"{tags.open_prefix}*")
    absent = [name for prefix in prefixes for name in (f"{prefix}*", *(f"!{prefix}{key}" for key in open_keys))]
    return ContextFacts(known, tuple(absent))
