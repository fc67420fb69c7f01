"""Small pieces of text that say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["likeness", "listed", "side_by_side"]

_SHOWN: Final = 5
"""Values that are shown; a policy may list hundreds."""
_LONGEST: Final = 200
"""Characters that are compared; difflib is quadratic."""


def listed(texts: Sequence[str]) -> str:
    """The first few texts, and how many there are besides."""
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def side_by_side(element: str, wanted: str, had: str, entries: int) -> str:
    """`Resource has us-east-1, the request eu-west-1`, and what is easily overlooked."""
    notes = [f"nearest of {entries}"] if entries > 1 else []
    if element != "Action" and wanted.lower() == had.lower():
        notes.append("case counts")
    return f"{element} has {wanted}, the request {had}" + (f" ({'; '.join(notes)})" if notes else "")


def likeness(one: str, other: str) -> float:
    """How much two texts have in common, from 0 to 1."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one[:_LONGEST], other[:_LONGEST], autojunk=False).ratio()
