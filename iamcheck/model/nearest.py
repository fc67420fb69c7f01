"""Suggestions for names that are not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns a cure for `name`, which is none of `known`: the nearest of them, else all of them."""
    # an error is the only user, and difflib is slow to import
    from difflib import get_close_matches

    by_folded = {one.casefold(): one for one in known}
    # difflib is quadratic, and no known name is this long
    close = get_close_matches(name[:100].casefold(), by_folded, n=1)
    if close:
        return f"did you mean {by_folded[close[0]]}?"
    if len(by_folded) > 12:
        return "see the AWS documentation for the names that exist"
    return f"known: {', '.join(by_folded.values())}"
