"""Reads a manifest row by row: JSON Lines, CSV or YAML. A row that cannot be read is a row with an error."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.fleet.manifest.csv_rows import csv_rows
from iamcheck.fleet.manifest.rows import LONGEST, NOT_UTF8, is_not_utf8, members, row_values, text_lines
from iamcheck.iam.files import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from iamcheck.fleet.manifest.rows import ReadRow

__all__ = ["ManifestRow", "read_manifest", "template_rows"]

_FORMATS: Final = {".csv": "csv", ".yaml": "yaml", ".yml": "yaml", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""By the end of the file's name; others are told by how the text begins."""

_SOURCE: Final = (
    rb"""(?m)^\s*\{?\s*["']?"""
    rb"""(?:AWSTemplateFormatVersion|Resources|terraform_version|planned_values|StartAt)["']?\s*:"""
)
"""A key at the start of a line that templates, plans or state machines have, and rows do not."""


class ManifestRow(NamedTuple):
    """One row.

    Args:
        number: Its place in the manifest, from 1; lines without text do not count.
        values: What it says, by key; a text, a truth value, a number, None, or a list of texts.
        error: Why it cannot be read; None: it can be.
    """

    number: int
    values: Mapping[str, object]
    error: InvalidInputError | None = None


def read_manifest(path: str, *, stdin: BinaryIO | None = None) -> Iterator[ManifestRow]:
    """Reads the rows of a manifest, one at a time.

    Args:
        path: The file; `-` is standard input.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: The file cannot be read, has no rows, or has no keys in the first line of a CSV.
    """
    with opened(path, stdin=stdin) as file:
        head = file.read(4096)
        text = head.removeprefix(b"\xef\xbb\xbf")
        kind = _FORMATS.get(Path(path).suffix.lower()) or _kind(text)
        if not _has_rows(text, kind):
            _require_manifest(text, path)
        rest = _Rest(text, file)
        count = 0
        for count, (values, error) in enumerate(_READERS[kind](rest), 1):
            yield ManifestRow(count, values, error)
        if not count:
            place = "standard input" if path == "-" else path
            raise InvalidInputError("the manifest has no rows", where=place, cure="give one row for each deployment")


def _has_rows(head: bytes, kind: str) -> bool:
    """Whether the start of a file shows rows, so that what else is in it is a row that cannot be used."""
    lines = [line.strip() for line in head.splitlines()]
    if kind == "yaml":
        content = next((line for line in lines if line and not line.startswith((b"#", b"%", b"---"))), b"")
        return content.startswith(b"- ")
    return kind == "jsonl" and any(_is_object(line) for line in lines if not re.match(_SOURCE, line))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _require_manifest(head: bytes, path: str) -> None:
    """Returns where the start of a file may be that of a manifest: another file has no rows to speak of.

    Raises:
        InvalidInputError: The file is binary, or is a template, a plan or another single document.
    """
    place = "standard input" if path == "-" else path
    line = head.lstrip().partition(b"\n")[0]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInputError("the text is UTF-16, not UTF-8", where=place, cure="save it as UTF-8")
    if b"\0" in line or (b"\0" in head and "\ufffd" in line.decode("utf-8", "replace")):
        raise InvalidInputError("the file is binary", where=place, cure="is it the right file?")
    if re.search(_SOURCE, head):
        cure = f"give --from {'FILE' if path == '-' else path}"
        raise InvalidInputError("it is a template, a plan or a state machine, and no manifest", where=place, cure=cure)
    if line.strip() == b"{":
        cure = "write one JSON object in a line; of a template or a plan, give --from FILE"
        raise InvalidInputError("it is a single JSON document, and no JSON Lines", where=place, cure=cure)


def template_rows(pattern: str) -> Iterator[ManifestRow]:
    """One row for each file that a pattern such as `stacks/*.yaml` names, in the order of the names.

    Raises:
        InvalidInputError: It names no file.
    """
    from glob import glob

    files = sorted(glob(pattern, recursive=True))  # noqa: PTH207  a pattern may be absolute, which Path.glob refuses
    if not files:
        raise InvalidInputError(f"no file is called {pattern}", where="--from", cure="check the pattern")
    for number, file in enumerate(files, 1):
        yield ManifestRow(number, {"from": file})


class _Rest(io.RawIOBase):
    """A file of which the first bytes were looked at."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # whatever io gives is a buffer
        data = self._head[: len(view)] or self._file.read(len(view))
        self._head = self._head[len(data) :]
        view[: len(data)] = data
        return len(data)


def _kind(head: bytes) -> str:
    """The format of a text that begins so."""
    start = head.lstrip()[:1]
    if start == b"{":
        return "jsonl"
    return "yaml" if start in (b"-", b"[", b"#", b"%") else "csv"


def _json_lines(file: _Rest) -> Iterator[ReadRow]:
    for line in text_lines(file):
        if line.is_long:
            yield {}, InvalidInputError(f"longer than {LONGEST:,} bytes", cure="is it a row?")
        elif line.text.strip():
            yield _json_row(line.text.rstrip("\r\n"))


def _json_row(text: str) -> ReadRow:
    if is_not_utf8(text):
        return {}, InvalidInputError(NOT_UTF8, cure="save it as UTF-8")
    try:
        return row_values(json.loads(text, object_pairs_hook=members))
    except InvalidInputError as error:
        return {}, error
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at column {error.colno}"
        return {}, InvalidInputError(problem, cure="write one JSON object in a line")
    except (ValueError, RecursionError):
        return {}, InvalidInputError("not JSON", cure="write one JSON object in a line")


def _yaml_rows(file: _Rest) -> Iterator[ReadRow]:
    from iamcheck.fleet.manifest.yaml_rows import yaml_rows  # slow to import, and few manifests are YAML

    return yaml_rows(file)


_READERS: Final[Mapping[str, Callable[[_Rest], Iterator[ReadRow]]]] = {
    "jsonl": _json_lines,
    "csv": csv_rows,
    "yaml": _yaml_rows,
}
