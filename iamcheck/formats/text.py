"""Pieces of text for a terminal: colours, and paragraphs that hang under their label."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.formats import Style

__all__ = ["hanging", "painted"]

_COLOURS = {"pass": "32", "fail": "31;1", "unknown": "33;1", "skipped": "2"}


def painted(word: str, status: str, style: Style) -> str:
    """`word` in the colour of a status or verdict, where the style has colour."""
    code = _COLOURS.get(status)
    return f"\x1b[{code}m{word}\x1b[0m" if style.colour and code else word


def hanging(label: str, text: str, style: Style) -> str:
    """`text` wrapped to the style's width behind `label`; words such as ARNs are never broken."""
    if len(label) + len(text) <= style.width and "\n" not in text:
        return label + text
    import textwrap

    return textwrap.fill(
        text,
        width=style.width,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )
