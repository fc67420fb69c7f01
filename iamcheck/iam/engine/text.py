"""Lower-cases text as Java does, for that is how AWS compares without case."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category

__all__ = ["java_lower"]

_SIGMA = "\N{GREEK CAPITAL LETTER SIGMA}"
_FINAL_SIGMA = "\N{GREEK SMALL LETTER FINAL SIGMA}"
# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_CASED_MODIFIERS = "[\u02b0-\u02b8\u02c0\u02c1\u02e0-\u02e4\u0345\u037a\u1d2c-\u1d61\u2160-\u217f\u24b6-\u24e9]"
_EAST_ASIAN = "[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
"""Each of these is a word of its own."""
_LETTERS = ("Lu", "Ll", "Lt", "Lm", "Lo", "Pc")
_CASED = ("Lu", "Ll", "Lt")
_MARKS = ("Mn", "Me", "Cf")
_WITHIN_WORDS = "\u2027\"'."
# letters with single marks of punctuation between them, and numbers with theirs between such words
_WORDS = "(?:l+(?:p+l+)*)?(?:d+(?:p+d+)*(?:l+(?:p+l+)*)?)*"


def java_lower(text: str) -> str:
    """Lower-cases text as AWS does; no case folding and no normalisation.

    Letters beyond the BMP keep their case, yet count as letters where a capital sigma asks whether it ends a word.
    Observed in AWS's answers, September 2026; where a word ends is Java's rule, which those fit.
    """
    if text.isascii():
        return text.lower()
    ends = _final_sigmas(text) if _SIGMA in text else frozenset[int]()
    return "".join(
        (_FINAL_SIGMA if place in ends else "\N{GREEK SMALL LETTER SIGMA}")
        if character == _SIGMA
        else character.lower()
        if character <= "\uffff"
        else character
        for place, character in enumerate(text)
    )


def _final_sigmas(text: str) -> frozenset[int]:
    """The places of the capital sigmas that have a cased letter before them in their word and none after."""
    starts = set()
    for start, end in _words(text):
        cased = [place for place in range(start, end) if _is_cased(text[place])]
        if len(cased) > 1 and text[cased[-1]] == _SIGMA:
            starts.add(cased[-1])
    return frozenset(starts)


def _words(text: str) -> list[tuple[int, int]]:
    """Where words start and end. A mark belongs to the character before it."""
    places = [place for place, char in enumerate(text) if place == 0 or category(char) not in _MARKS]
    kinds = "".join(_kind(text[place]) for place in places)
    places.append(len(text))
    return [(places[match.start()], places[match.end()]) for match in re.finditer(_WORDS, kinds) if match[0]]


@lru_cache(maxsize=1024)
def _kind(character: str) -> str:
    kind = category(character)
    if kind in _LETTERS:
        return "o" if re.match(_EAST_ASIAN, character) else "l"
    if kind in ("Nd", "Nl"):
        return "d"
    return "p" if kind == "Pd" or character in _WITHIN_WORDS else "o"


def _is_cased(character: str) -> bool:
    return category(character) in _CASED or re.match(_CASED_MODIFIERS, character) is not None
