"""Finds the function that a value of a template calls, and its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._loops import FOR_EACH
from iamcheck.deployment.cloudformation._template import TRANSFORM, kind_of, members_of
from iamcheck.deployment.cloudformation._yaml import FUNCTIONS
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode

__all__ = ["arguments_of", "function_of", "is_transformed", "literal_of"]

_KNOWN: Final = frozenset({"Ref", *(f"Fn::{name}" for name in FUNCTIONS)})


def is_transformed(members: Mapping[str, TemplateNode]) -> bool:
    """Whether CloudFormation brings something into a mapping before it works out functions."""
    return TRANSFORM in members or any(name.startswith(FOR_EACH) for name in members)


def function_of(node: TemplateNode) -> str:
    """The function that a mapping is; empty where it is none."""
    names = [name for name in members_of(node) if name == "Ref" or name.startswith("Fn::")]
    if not names:
        return ""
    if len(members_of(node)) > 1:
        raise node.error(f"{shown(names[0])} beside other members", "a function stands alone")
    if names[0] not in _KNOWN:
        raise node.error(f"there is no function {shown(names[0])}", nearest(names[0], _KNOWN))
    return names[0]


def arguments_of(node: TemplateNode, least: int, most: int) -> tuple[TemplateNode, ...]:
    """The arguments of a function, of which there are so many; InvalidInputError where there are not."""
    if not isinstance(node.value, tuple) or not least <= len(node.value) <= most:
        count = f" of {len(node.value)}" if isinstance(node.value, tuple) else ""
        raise node.error(f"this is {kind_of(node)}{count}", f"the function takes a list of {least}")
    return node.value


def literal_of(node: TemplateNode) -> str:
    """A text that must be written out; InvalidInputError where it is not."""
    if not isinstance(node.value, str):
        raise node.error(f"this is {kind_of(node)}", "the function takes a text that is written out")
    return node.value
