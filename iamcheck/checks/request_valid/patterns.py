r"""Matches texts with AWS's patterns: regular expressions in Java's dialect, for the whole text.

What Java reads otherwise than Python: `\d`, `\w`, `\s` and `\p{Print}` are ASCII, two escaped surrogates are one
character, `.` stops at more ends of lines, and classes nest.
Source: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import regex

__all__ = ["matches", "translated"]

_ASCII: Final = {"d": "0-9", "w": "a-zA-Z0-9_", "s": r"\ \t\n\x0b\f\r"}
_PRINT: Final = r"\p{Print}"
_PRINTABLE: Final = r"[\x20-\x7e]"
_SURROGATES: Final = r"\\u([Dd][89ABab][0-9A-Fa-f]{2})\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})"
"""Two escapes that are one character for Java."""
_ANY: Final = r"[^\n\r\u0085\u2028\u2029]"


def translated(pattern: str) -> str:
    """The pattern in the dialect of the `regex` package, version 1 (which nests classes as Java does)."""
    parts: list[str] = []
    depth = position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            following = pattern[position + 1 : position + 2]
            if pattern.startswith(_PRINT, position):
                parts.append(_PRINTABLE)
                position += len(_PRINT)
                continue
            pair = re.match(_SURROGATES, pattern[position:])
            if pair is not None:
                parts.append(re.escape(bytes.fromhex(f"{pair[1]}{pair[2]}").decode("utf-16-be")))
                position += pair.end()
                continue
            parts.append(_escape(following))
            position += 2
            continue
        if character == "[":
            depth += 1
        elif character == "]" and depth:
            depth -= 1
        parts.append(_ANY if character == "." and not depth else character)
        position += 1
    return "".join(parts)


def _escape(character: str) -> str:
    if character in _ASCII:
        return f"[{_ASCII[character]}]"
    if character.lower() in _ASCII:
        return f"[^{_ASCII[character.lower()]}]"
    return f"\\{character}"


def matches(pattern: str, text: str) -> bool | None:
    """Whether the whole text matches; None where the pattern cannot be translated.

    No pattern of the installed botocore is of that kind, which a test holds; one of a later botocore may be.
    """
    compiled = _compiled(pattern)
    return None if compiled is None else compiled.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    import regex

    try:
        return regex.compile(translated(pattern), regex.VERSION1)
    except regex.error:
        return None
