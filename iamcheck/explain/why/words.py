"""Writes small pieces of text that say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["likeness", "listed", "side_by_side"]

_LONGEST: Final = 200
"""Characters that are compared; difflib is quadratic."""


def listed(texts: Sequence[str], most: int = 5, separator: str = ", ") -> str:
    """The first few texts, and how many there are besides: a policy may list hundreds.

    Args:
        texts: The texts.
        most: How many are shown.
        separator: What stands between them: `, ` or `; `.
    """
    more = len(texts) - most
    return separator.join(texts[:most]) + (f"{separator.strip(' ,')} and {more} more" if more > 0 else "")


def side_by_side(element: str, expected: str, had: str, entries: int) -> str:
    """`Resource has us-east-1, the request eu-west-1`, and what is easily overlooked."""
    notes = [f"nearest of {entries} entries"] if entries > 1 else []
    if element != "Action" and expected.lower() == had.lower():
        notes.append("case counts")
    return f"{element} has {expected}, the request {had}" + (f" ({'; '.join(notes)})" if notes else "")


def likeness(text: str, other: str) -> float:
    """How much two texts have in common, from 0 to 1."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, text[:_LONGEST], other[:_LONGEST], autojunk=False).ratio()
