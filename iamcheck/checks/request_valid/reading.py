"""Reads members of a request for the rules: known, not known yet, or not there.

A member of the wrong type is not there: the shape of the request says that it is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamcheck.deployment.located import UNKNOWN, Member, Pattern

if TYPE_CHECKING:
    from iamcheck.deployment.located import Unknown

__all__ = ["amount", "given", "known_items", "number", "settled", "spot", "text"]


def text(member: Member | None) -> str | Unknown | None:
    """The text; a pattern is not known."""
    value = None if member is None else member.value
    if isinstance(value, str):
        return value
    return UNKNOWN if value is UNKNOWN or isinstance(value, Pattern) else None


def number(member: Member | None) -> int | Unknown | None:
    """The whole number."""
    value = amount(member)
    return None if isinstance(value, float) else value


def amount(member: Member | None) -> int | float | Unknown | None:
    """The number."""
    value = None if member is None else member.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return UNKNOWN if value is UNKNOWN else None


def given(member: Member | None) -> bool:
    """Whether the member is there; one that is not known yet is, for it is written."""
    return member is not None and member.value is not None


def settled(*members: Member | None) -> bool:
    """Whether each member is known, be it that it is not there."""
    return all(member is None or member.value is not UNKNOWN for member in members)


def known_items(member: Member | None) -> tuple[Member, ...]:
    """The items of a list that have members; what is not known yet is not among them."""
    return () if member is None else tuple(item for item in member.items() if isinstance(item.value, Mapping))


def spot(parent: Member, name: str) -> Member:
    """The member of that name; where it is missing, one without a value in its place."""
    path = f"{parent.path}.{name}" if parent.path else name
    return parent.get(name) or Member(None, path, parent.place)
