"""Puts together what is known of values of which more than one is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.cloudformation._conditions import same
from iamcheck.deployment.located import UNKNOWN

if TYPE_CHECKING:
    from iamcheck.deployment.cloudformation._nodes import TemplateNode
    from iamcheck.deployment.unsettled import OpenCause

__all__ = ["either", "has_open", "is_alike", "made"]


def made(result: TemplateNode | None, node: TemplateNode, causes: tuple[OpenCause, ...]) -> TemplateNode | None:
    """The value with what it was made of and why, where it is not known."""
    if result is None or not result.is_open:
        return result
    return result._replace(made_of=result.made_of or node, causes=result.causes or causes)


def either(
    node: TemplateNode, one: TemplateNode | None, other: TemplateNode | None, causes: tuple[OpenCause, ...]
) -> TemplateNode | None:
    """What is known of a value that is one of two; what only one of them has may be absent."""
    if one is None or other is None:
        absent = one is None and other is None
        return None if absent else node.put(UNKNOWN)._replace(causes=causes, may_be_absent=True)
    if same(one, other) is True and one.named == other.named:
        return one
    first, second = one.value, other.value
    if isinstance(first, dict) and isinstance(second, dict):
        names = dict.fromkeys((*first, *second))
        members = {
            name: either(first.get(name) or second[name], first.get(name), second.get(name), causes) for name in names
        }
        return one.put({name: member for name, member in members.items() if member is not None})
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
        items = [either(pair[0], *pair, causes) for pair in zip(first, second, strict=True)]
        return one.put(tuple(item for item in items if item is not None))
    more = (*one.causes, *other.causes)
    absent = one.may_be_absent or other.may_be_absent
    return node.put(UNKNOWN)._replace(causes=tuple(dict.fromkeys((*causes, *more))), may_be_absent=absent)


def has_open(node: TemplateNode) -> bool:
    """Whether anything in a value is not known."""
    value = node.value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return node.is_open or any(has_open(member) for member in inner)


def is_alike(one: TemplateNode | None, other: TemplateNode | None) -> bool:
    """Whether two values are certainly the same, and name the same resource."""
    if one is None or other is None:
        return one is other
    return same(one, other) is True and one.named == other.named
