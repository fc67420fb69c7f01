"""Finds in a regular expression a text that every match of it has: where a text lacks it, nothing needs to be matched.

A search for a plain text costs a small part of what a search for an expression does.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["literal_of"]

_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_QUANTIFIER: Final = re.compile(r"[?*]|\{0?,|\{0\}")
"""What makes the piece before it one that need not be there."""
_COUNT: Final = re.compile(r"\{[\d,]+\}\??|[?*+]\??")
_IS_TEXT: Final = re.compile(r"\\([^\w\s])|([^\\()\[\]{}|?*+.^$])")


def literal_of(pattern: str) -> str:
    """The longest plain text that every match of an expression has; empty where it has none outside of its groups.

    Args:
        pattern: A regular expression without flags.
    """
    runs, run = [], ""
    place = 0
    while place < len(pattern):
        if pattern[place] == "|":
            return ""
        end, text = _piece(pattern, place)
        count = _COUNT.match(pattern, end)
        if text and not _QUANTIFIER.match(pattern, end):
            run += text
            if count:
                # it may stand there again
                runs.append(run)
                run = ""
        else:
            runs.append(run)
            run = ""
        place = count.end() if count else end
    return max([*runs, run], key=len)


def _piece(pattern: str, place: int) -> tuple[int, str]:
    """Where the piece at a place ends, and the text that it stands for; empty where it stands for several."""
    if found := _IS_TEXT.match(pattern, place):
        return found.end(), found[1] or found[2]
    if pattern[place] == "[" and (found := _CLASS.match(pattern, place)):
        return found.end(), ""
    return (_end_of_group(pattern, place) if pattern[place] == "(" else place + 1 + (pattern[place] == "\\")), ""


def _end_of_group(pattern: str, place: int) -> int:
    depth = 0
    while place < len(pattern):
        if pattern[place] == "[" and (found := _CLASS.match(pattern, place)):
            place = found.end()
            continue
        depth += {"(": 1, ")": -1}.get(pattern[place], 0)
        place += 1 + (pattern[place] == "\\")
        if depth == 0:
            break
    return place
