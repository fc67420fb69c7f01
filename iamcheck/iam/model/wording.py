"""Puts numbers and articles before nouns, and lists them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["counted", "listed", "with_article"]

_VOWEL_SOUND: Final = r"[AEIOaeio]|[Uu](?!s|ni)|[FHLMNRSX](?=[A-Z]+\b)"
"""How nouns begin that have `an`: letters that are spelled out, as in SCP, by their names; `user` not."""


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as `1 row`, `1,200 rows` and `2 policies`.

    Args:
        number: How many there are.
        noun: What there is, in the singular.
    """
    return f"{number:,} {noun if number == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"


def with_article(noun: str) -> str:
    """A noun with its indefinite article, such as `an EndpointName`, `a UserName` and `an SCP`."""
    return f"an {noun}" if re.match(_VOWEL_SOUND, noun) else f"a {noun}"


def listed(texts: Sequence[str]) -> str:
    """Texts as a sentence names them: `a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
