"""Matches wildcards: `*` is any run of characters, `?` is one UTF-16 unit; everything else is literal.

A pattern is compiled once into a function of the text. Matching takes the stars one by one, each segment at the first
place where it fits, so that it is linear in text times pattern at worst and never exponential.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html; newlines, brackets,
backslashes and UTF-16 units as observed in AWS's answers, September 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final, TypeAlias

__all__ = [
    "ANY",
    "STAR",
    "Matcher",
    "Pieces",
    "Wild",
    "compile_glob",
    "glob_pieces",
    "plain_text",
    "split_parts",
    "units",
]


class Wild(Enum):
    """A wildcard in a pattern."""

    STAR = "*"
    ANY = "?"


STAR: Final = Wild.STAR
ANY: Final = Wild.ANY

Pieces: TypeAlias = "tuple[str | Wild, ...]"
"""A pattern: literal texts, in which `*` and `?` are themselves, and wildcards."""
Matcher: TypeAlias = Callable[[str], bool]

_WILDS: Final = {"*": STAR, "?": ANY}
# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_WILD = "([*?])"
_BEYOND_BMP = "[\U00010000-\U0010ffff]"


def glob_pieces(text: str) -> Pieces:
    """The pieces of a pattern as a policy spells it."""
    if "*" not in text and "?" not in text:
        return (text,)
    return tuple(_WILDS.get(piece, piece) for piece in re.split(_WILD, text) if piece)


def plain_text(pieces: Pieces) -> str:
    """The pattern as a text, for operators to which a wildcard is a character like any other."""
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    return "".join(piece.value if isinstance(piece, Wild) else piece for piece in pieces)


def units(text: str) -> str:
    """The text with one character for each UTF-16 unit."""
    return text if text.isascii() else re.sub(_BEYOND_BMP, _surrogates, text)


def _surrogates(match: re.Match[str]) -> str:
    above = ord(match[0]) - 0x10000
    return chr(0xD800 + (above >> 10)) + chr(0xDC00 + (above & 0x3FF))


def compile_glob(pieces: Pieces) -> Matcher:
    """A function that tells whether a text matches the pattern."""
    if ANY in pieces:
        return _with_single_wildcards(pieces)
    segments = [str(plain_text(segment)) for segment in _segments(pieces)]
    if len(segments) == 1:
        return segments[0].__eq__
    head, *middle, tail = segments
    if any(middle):
        return partial(_match_segments, head, [segment for segment in middle if segment], tail)
    if not tail:
        return partial(_starts_with, head) if head else _always
    return partial(_match_ends, head, tail, len(head) + len(tail))


def _segments(pieces: Pieces) -> list[Pieces]:
    """What stands between the stars."""
    parts: list[list[str | Wild]] = [[]]
    for piece in pieces:
        if piece is STAR:
            parts.append([])
        else:
            parts[-1].append(piece)
    return [tuple(segment) for segment in parts]


def _always(_text: str) -> bool:
    return True


def _starts_with(head: str, text: str) -> bool:
    return text.startswith(head)


def _match_ends(head: str, tail: str, length: int, text: str) -> bool:
    return len(text) >= length and text.startswith(head) and text.endswith(tail)


def _match_segments(head: str, middle: list[str], tail: str, text: str) -> bool:
    start, end = len(head), len(text) - len(tail)
    if start > end or not text.startswith(head) or not text.endswith(tail):
        return False
    for segment in middle:
        start = text.find(segment, start, end)
        if start < 0:
            return False
        start += len(segment)
    return True


def _with_single_wildcards(pieces: Pieces) -> Matcher:
    # without a star in it a segment has one length, so its expression never backtracks
    expressions = [
        re.compile("".join("." if piece is ANY else re.escape(units(str(piece))) for piece in segment), re.DOTALL)
        for segment in _segments(pieces)
    ]
    if len(expressions) == 1:
        return partial(_match_whole, expressions[0])
    tail_length = sum(1 if piece is ANY else len(units(str(piece))) for piece in _segments(pieces)[-1])
    return partial(_match_expressions, expressions[:-1], expressions[-1], tail_length)


def _match_whole(expression: re.Pattern[str], text: str) -> bool:
    return expression.fullmatch(units(text)) is not None


def _match_expressions(segments: list[re.Pattern[str]], tail: re.Pattern[str], tail_length: int, text: str) -> bool:
    text = units(text)
    end = len(text) - tail_length
    match = segments[0].match(text) if end >= 0 else None
    for segment in segments[1:]:
        if match is None:
            return False
        match = segment.search(text, match.end(), end)
    return match is not None and match.end() <= end and tail.match(text, end) is not None


def split_parts(pieces: Pieces) -> list[Pieces]:
    """The parts of an ARN pattern: at most six, the last of which holds all further colons."""
    parts: list[list[str | Wild]] = [[]]
    for piece in pieces:
        if isinstance(piece, Wild):
            parts[-1].append(piece)
            continue
        first, *others = piece.split(":", 6 - len(parts))
        parts[-1].append(first)
        parts.extend([other] for other in others)
    return [tuple(piece for piece in part if piece) for part in parts]
