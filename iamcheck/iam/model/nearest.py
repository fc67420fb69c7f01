"""Suggests known names for one that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns a cure for `name`, which is none of `known`: the nearest of them, else all of them."""
    names = tuple({known_name.casefold(): known_name for known_name in known}.values())
    question = did_you_mean(name, names)
    if question:
        return question
    if len(names) > 12:
        return "see the AWS documentation for the names that exist"
    return f"known: {', '.join(names)}"


def did_you_mean(name: str, known: Iterable[str], *, most: int = 1) -> str:
    """Returns "did you mean A or B?" with the names that are most like `name`; empty where none is like it.

    Args:
        name: The name that is not known.
        known: The names that are known.
        most: How many names it suggests at most.
    """
    # an error is the only user, and difflib is slow to import
    from difflib import get_close_matches

    by_folded = {known_name.casefold(): known_name for known_name in known}
    # difflib is quadratic, and no known name is this long
    near = get_close_matches(name[:100].casefold(), by_folded, n=most)
    return f"did you mean {' or '.join(by_folded[folded] for folded in near)}?" if near else ""
