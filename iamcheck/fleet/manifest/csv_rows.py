"""Reads the rows of a CSV manifest. A quote that nothing closes costs its own line, and none after it."""

from __future__ import annotations

import csv
import json
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.fleet.manifest.rows import LONGEST, NOT_UTF8, is_not_utf8, text_lines
from iamcheck.iam.model.wording import counted

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Mapping

    from iamcheck.fleet.manifest.rows import Line, ReadRow

__all__ = ["csv_rows"]

_MOST_LINES: Final = 100
"""Lines of a row, some of whose cells have line ends: a list of policies, say."""
_TRUTH: Final[Mapping[str, bool]] = {
    "true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False
}  # fmt: skip


def csv_rows(file: io.RawIOBase) -> Iterator[ReadRow]:
    """The rows of a CSV, whose first line has the keys.

    Raises:
        InvalidInputError: The first line has no keys that can be used.
    """
    ahead: deque[Line] = deque()
    lines = text_lines(file)
    keys: list[str] | None = None
    while _read_ahead(ahead, lines, 1):
        if not ahead[0].text.strip():
            ahead.popleft()
            continue
        count, cells = _cells(ahead, lines, keys)
        for _ in range(count):
            ahead.popleft()
        if keys is None:
            keys = _keys(cells)
        elif isinstance(cells, InvalidInputError):
            yield {}, cells
        else:
            yield _row(keys, cells)


def _read_ahead(ahead: deque[Line], lines: Iterator[Line], count: int) -> bool:
    """Whether there are so many lines, which then wait in `ahead`."""
    ahead.extend(islice(lines, max(0, count - len(ahead))))
    return len(ahead) >= count


def _cells(
    ahead: deque[Line], lines: Iterator[Line], keys: list[str] | None
) -> tuple[int, list[str] | InvalidInputError]:
    """How many lines the first row has that waits, and its cells."""
    if ahead[0].is_long:
        return 1, InvalidInputError(f"longer than {LONGEST:,} bytes", cure="is it a row?")
    alone = _parsed(ahead[0].text)
    if not isinstance(alone, InvalidInputError):
        return 1, alone
    text, count = ahead[0].text, 1
    while text.count('"') % 2 and count < _MOST_LINES and _read_ahead(ahead, lines, count + 1):
        if len(text) + len(ahead[count].text) > LONGEST:
            break
        text += ahead[count].text
        count += 1
    cells = _parsed(text)
    if count > 1 and not isinstance(cells, InvalidInputError) and (keys is None or len(cells) == len(keys)):
        return count, cells
    if ahead[0].text.count('"') % 2:
        alone = InvalidInputError("a cell begins with a quote that nothing closes", cure='write " at its end')
    return 1, alone


def _parsed(text: str) -> list[str] | InvalidInputError:
    csv.field_size_limit(LONGEST)
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        return InvalidInputError(f"not CSV: {error}", cure='write a cell that has commas or quotes as "A, ""B"""')


def _keys(cells: list[str] | InvalidInputError) -> list[str]:
    if isinstance(cells, InvalidInputError):
        raise InvalidInputError(cells.what, where="line 1", cure="name the keys in the first line")
    keys = [key.strip() for key in cells]
    if any(is_not_utf8(key) for key in keys):
        raise InvalidInputError(NOT_UTF8, where="line 1", cure="save it as UTF-8")
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidInputError(f"the column {twice!r} stands twice", where="line 1", cure="keep one")
    return keys


def _row(keys: list[str], cells: list[str]) -> ReadRow:
    if len(cells) != len(keys):
        return {}, InvalidInputError(
            f"{counted(len(cells), 'cell')}, and the first line has {len(keys)}", cure="quote commas"
        )
    values: dict[str, object] = {}
    for key, cell in zip(keys, cells, strict=True):
        if is_not_utf8(cell):
            return {}, InvalidInputError(NOT_UTF8, where=key, cure="save it as UTF-8")
        if cell.lstrip().startswith("["):
            try:
                values[key] = json.loads(cell)
            except (ValueError, RecursionError):
                return {}, InvalidInputError("not a JSON list", where=key, cure='write ["ONE", "TWO"]')
        elif cell.strip():
            values[key] = _TRUTH.get(cell, cell)
    return values, None
