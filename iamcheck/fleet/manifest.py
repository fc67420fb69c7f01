"""Reads a manifest row by row: JSON Lines, CSV or YAML. A row that cannot be read is a row with an error."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import BinaryIO

__all__ = ["ManifestRow", "read_manifest", "template_rows"]

_LONGEST: Final = 1_000_000
"""Bytes of a row: what a row says are names of files, and short words."""
_NOT_UTF8: Final = "not UTF-8"
_LIST: Final = "write one `- ` item for each row; of a template, give --from FILE"
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
        _require_manifest(text, path)
        kind = _FORMATS.get(Path(path).suffix.lower()) or _kind(text)
        rest = _Rest(text, file)
        count = 0
        for count, (values, error) in enumerate(_READERS[kind](rest), 1):
            yield ManifestRow(count, values, error)
        if not count:
            place = "standard input" if path == "-" else path
            raise InvalidInputError("the manifest has no rows", where=place, cure="give one row for each deployment")


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


_Read = tuple["Mapping[str, object]", "InvalidInputError | None"]


def _json_lines(file: _Rest) -> Iterator[_Read]:
    lines = io.BufferedReader(file, 1 << 16)
    while line := lines.readline(_LONGEST + 1):
        is_long = len(line) > _LONGEST
        while len(line) > _LONGEST and not line.endswith(b"\n"):
            line = lines.readline(_LONGEST + 1)
        if is_long:
            yield {}, InvalidInputError(f"longer than {_LONGEST:,} bytes", cure="is it a row?")
        elif line.strip():
            yield _json_row(line)


def _json_row(line: bytes) -> _Read:
    try:
        value = json.loads(line.decode("utf-8"), object_pairs_hook=_members)
    except UnicodeDecodeError:
        return {}, InvalidInputError(_NOT_UTF8, cure="save it as UTF-8")
    except InvalidInputError as error:
        return {}, error
    except (ValueError, RecursionError):
        return {}, InvalidInputError("not JSON", cure="write one JSON object in a line")
    return _row(value)


def _members(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInputError(f"{key!r} stands twice", cure="keep one")
        found[key] = value
    return found


def _row(value: object) -> _Read:
    if not isinstance(value, dict):
        return {}, InvalidInputError("not a JSON object", cure='write {"endpoint": "NAME", "config": "NAME", ...}')
    return value, None


def _csv(file: _Rest) -> Iterator[_Read]:
    text = io.TextIOWrapper(io.BufferedReader(file, 1 << 16), "utf-8", errors="surrogateescape", newline="")
    csv.field_size_limit(_LONGEST)
    rows = csv.reader(text, strict=True)
    try:
        header = next(rows, [])
    except csv.Error as error:
        raise InvalidInputError(f"not CSV: {error}", where="line 1", cure="name the keys in the first line") from None
    keys = [key.strip() for key in header]
    if any(_is_not_utf8(key) for key in keys):
        raise InvalidInputError(_NOT_UTF8, where="line 1", cure="save it as UTF-8")
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidInputError(f"the column {twice!r} stands twice", where="line 1", cure="keep one")
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield {}, InvalidInputError(f"not CSV: {error}")
            continue
        if cells is None:
            return
        if cells:
            yield _csv_row(keys, cells)


def _is_not_utf8(cell: str) -> bool:
    """Whether a cell has bytes that are not UTF-8, which are read as surrogates."""
    return not cell.isascii() and any("\udc80" <= char <= "\udcff" for char in cell)


def _csv_row(keys: list[str], cells: list[str]) -> _Read:
    if len(cells) != len(keys):
        return {}, InvalidInputError(f"{len(cells)} cells, and the first line has {len(keys)}", cure="quote commas")
    values: dict[str, object] = {}
    for key, cell in zip(keys, cells, strict=True):
        if _is_not_utf8(cell):
            return {}, InvalidInputError(_NOT_UTF8, where=key, cure="save it as UTF-8")
        if cell.lstrip().startswith("["):
            try:
                values[key] = json.loads(cell)
            except (ValueError, RecursionError):
                return {}, InvalidInputError("not a JSON list", where=key, cure='write ["ONE", "TWO"]')
        elif cell.strip():
            values[key] = _TRUTH.get(cell, cell)
    return values, None


_TRUTH: Final = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}


def _yaml(file: _Rest) -> Iterator[_Read]:
    import yaml

    try:
        loader = yaml.SafeLoader(io.BufferedReader(file, 1 << 16))
        loader.get_event()  # type: ignore[no-untyped-call]  # types-pyyaml leaves it open
        if not loader.check_event(yaml.DocumentStartEvent):
            return
        loader.get_event()  # type: ignore[no-untyped-call]  # types-pyyaml leaves it open
        if not loader.check_event(yaml.SequenceStartEvent):
            raise InvalidInputError("not a list", where="the manifest", cure=_LIST)
        loader.get_event()  # type: ignore[no-untyped-call]  # types-pyyaml leaves it open
        while not loader.check_event(yaml.SequenceEndEvent):
            loader.anchors = {}
            yield _yaml_row(loader.compose_node(None, None))  # type: ignore[arg-type]  # an item has no parent
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        cure = "no row after this one can be read"
        yield {}, InvalidInputError("not YAML", where=place, cure=cure)


def _yaml_row(node: object) -> _Read:
    try:
        return _row(_yaml_value(node, 3))
    except InvalidInputError as error:
        return {}, error


def _yaml_value(node: object, depth: int) -> object:
    """A row's value: numbers stay texts, as they are written, for an account id has leading zeros."""
    import yaml

    if not depth:
        raise InvalidInputError("nested too deeply", cure="a value is a text or a list of texts")
    if isinstance(node, yaml.MappingNode):
        return _members((str(_yaml_value(key, 1)), _yaml_value(value, depth - 1)) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_yaml_value(item, depth - 1) for item in node.value]
    text = str(getattr(node, "value", ""))
    tag = getattr(node, "tag", "").rpartition(":")[2]
    return None if tag == "null" else text.lower() in ("true", "yes", "on") if tag == "bool" else text


_READERS: Final[Mapping[str, Callable[[_Rest], Iterator[_Read]]]] = {
    "jsonl": _json_lines,
    "csv": _csv,
    "yaml": _yaml,
}
