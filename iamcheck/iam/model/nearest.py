"""Suggests known names for one that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["closest", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns a cure for `name`, which is none of `known`: the nearest of them, else all of them."""
    names = {one.casefold(): one for one in known}
    close = closest(name, names.values())
    if close is not None:
        return f"did you mean {close}?"
    if len(names) > 12:
        return "see the AWS documentation for the names that exist"
    return f"known: {', '.join(names.values())}"


def closest(name: str, known: Iterable[str]) -> str | None:
    """Returns the one of `known` that is most like `name`, which is none of them; None where none is like it."""
    # an error is the only user, and difflib is slow to import
    from difflib import get_close_matches

    by_folded = {one.casefold(): one for one in known}
    # difflib is quadratic, and no known name is this long
    close = get_close_matches(name[:100].casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None
