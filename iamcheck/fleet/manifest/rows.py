"""Holds what the readers of manifests share: lines of a bounded length, and the shape of a row."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

__all__ = ["LONGEST", "NOT_UTF8", "Line", "ReadRow", "is_not_utf8", "members", "row_values", "text_lines"]

LONGEST: Final = 1_000_000
"""Bytes of a row: what a row says are names of files, and short words."""
NOT_UTF8: Final = "not UTF-8"

ReadRow: TypeAlias = "tuple[Mapping[str, Any], InvalidInputError | None]"
"""What a row says, by key, or why it cannot be read."""


class Line(NamedTuple):
    """A line of a manifest.

    Args:
        number: Its place in the file, from 1.
        text: The line with its end; bytes that are not UTF-8 are surrogates. Of a line that is too long, the start.
        is_long: Whether it is longer than a row may be.
    """

    number: int
    text: str
    is_long: bool


def text_lines(file: io.RawIOBase) -> Iterator[Line]:
    """The lines of a file, of which no more is held than a row may be long."""
    text = io.TextIOWrapper(io.BufferedReader(file, 1 << 16), "utf-8", errors="surrogateescape", newline="")
    number = 0
    while start := text.readline(LONGEST + 1):
        number += 1
        is_long = len(start) > LONGEST
        rest = start
        while len(rest) > LONGEST and not rest.endswith(("\n", "\r")):
            rest = text.readline(LONGEST + 1)
        yield Line(number, start, is_long)


def is_not_utf8(text: str) -> bool:
    """Whether a text has bytes that are not UTF-8, which are read as surrogates."""
    return not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text)


def members(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """The members of an object.

    Raises:
        InvalidInputError: A key stands twice.
    """
    values: dict[str, object] = {}
    for key, value in pairs:
        if key in values:
            raise InvalidInputError(f"{key!r} stands twice", cure="keep one")
        values[key] = value
    return values


def row_values(value: object) -> ReadRow:
    """The values of a row, where it is an object."""
    if not isinstance(value, dict):
        return {}, InvalidInputError("not a JSON object", cure='write {"endpoint": "NAME", "config": "NAME", ...}')
    return value, None
