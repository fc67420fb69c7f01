"""Lower case as Java makes it, for that is how AWS compares without case."""

from __future__ import annotations

__all__ = ["java_lower"]

_SIGMA = "\N{GREEK CAPITAL LETTER SIGMA}"


def java_lower(text: str) -> str:
    """Lower-cases text as AWS does; no case folding and no normalisation.

    Letters beyond the BMP keep their case, yet count as letters where a capital sigma asks whether it ends a word.
    Observed in AWS's answers, September 2026.
    """
    if text.isascii() or max(text) <= "\uffff":
        return text.lower()
    # lower() takes a sigma by its neighbours and every other character by itself
    whole = iter(text.lower())
    lowered = []
    for character in text:
        length = len(character.lower()) if character != _SIGMA else 1
        mapped = "".join(next(whole) for _ in range(length))
        lowered.append(mapped if character <= "\uffff" else character)
    return "".join(lowered)
