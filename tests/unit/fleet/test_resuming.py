"""A file of results is repaired to its whole lines, and a hash tells whether what a run read is the same again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from iamcheck.errors import InvalidInputError
from iamcheck.fleet.resuming import file_hash, repair
from iamcheck.fleet.row_text import error_result

if TYPE_CHECKING:
    from pathlib import Path

VERDICTS = ("invalid", "unknown", "invalid", "unknown")
LINES = [
    f"{''.join(error_result(number, verdict, 'why: a text that says it').texts)}\n".encode()
    for number, verdict in enumerate(VERDICTS, 1)
]


def test_results_that_break_off_anywhere_are_repaired_to_their_whole_lines(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    whole = b"".join(LINES)
    for length in range(len(whole) + 1):
        results.write_bytes(whole[:length])
        written = repair(str(results), rows=4)
        rows = whole[:length].count(b"\n")
        assert results.read_bytes() == b"".join(LINES[:rows])
        counts = {verdict: VERDICTS[:rows].count(verdict) for verdict in VERDICTS[:rows]}
        assert (written.rows, written.verdicts) == (rows, counts)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (LINES[1], 1),
        (LINES[0] + LINES[0], 2),
        (LINES[0] + LINES[2], 2),
        (b"\n" + LINES[0], 1),
        (LINES[0][:-30] + b"\n", 1),
        (b"".join(LINES) + LINES[0].replace(b'"row": 1,', b'"row": 5,'), 5),
        (b"\x00" * 100 + b"\n", 1),
    ],
)
def test_a_line_that_is_not_the_result_of_its_row_is_refused(content: bytes, line: int, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    results.write_bytes(content)
    with pytest.raises(InvalidInputError, match=f"line {line} is not the result of row {line}"):
        repair(str(results), rows=4)
    assert results.read_bytes() == content


def test_the_hash_of_a_file_or_folder_is_that_of_its_content(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a").write_text("1")
    assert file_hash(str(tmp_path / "one")) == file_hash(str(tmp_path / "two"))
    assert file_hash(str(tmp_path / "one" / "a")) == file_hash(str(tmp_path / "two" / "a"))
    (tmp_path / "two" / "b").write_text("")
    assert file_hash(str(tmp_path / "one")) != file_hash(str(tmp_path / "two"))
    without = [os.path.realpath(tmp_path / "two" / "b")]
    assert file_hash(str(tmp_path / "one")) == file_hash(str(tmp_path / "two"), without=without)
    assert file_hash(str(tmp_path / "none")) == file_hash("a\0b") == ""


def test_what_cannot_be_compared_is_never_the_same(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for number in range(10_001):
        (tmp_path / "folder" / str(number)).touch()
    for name in (str(tmp_path / "pipe"), "/dev/zero", str(tmp_path / "folder")):
        assert file_hash(name) != file_hash(name)
