"""Where results go: standard output, a file, a screen; whole or not at all."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli import NAMES, OFFLINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli import Run

CHECK = list(OFFLINE)
GENERATE = ["generate", *NAMES, *OFFLINE[4:]]
COMMAND = [sys.executable, "-m", "iamcheck"]


def plain(**more: str) -> dict[str, str]:
    """This process's environment without what changes how results are shown."""
    return {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "TERM", "COLUMNS"}} | more


@pytest.mark.parametrize("words", [CHECK, [*CHECK, "--output", "json"], GENERATE], ids=["table", "json", "generate"])
def test_a_file_holds_what_standard_output_would(run: Run, tmp_path: Path, words: list[str]) -> None:
    shown = run(*words)
    written = run(*words, "--output-file", "result")
    assert (written.status, written.out, written.err) == (shown.status, "", "")
    assert (tmp_path / "result").read_text(encoding="utf-8") == shown.out
    assert [one.name for one in tmp_path.iterdir()] == ["result"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "result").stat().st_mode) == 0o666 & ~umask


def test_a_file_is_replaced_whole(run: Run, tmp_path: Path) -> None:
    (tmp_path / "result").write_text("before" * 10000)
    assert run(*GENERATE, "--output-file", "result").status == 0
    assert json.loads((tmp_path / "result").read_text())["Version"] == "2012-10-17"


def test_a_run_that_cannot_answer_leaves_the_file_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "result").write_text("before")
    assert run("check", "churn_7", *CHECK[2:], "--output-file", "result").status == 2
    assert (tmp_path / "result").read_text() == "before"


def test_a_hyphen_is_standard_output(run: Run, tmp_path: Path) -> None:
    assert run(*CHECK, "--output-file", "-") == run(*CHECK)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [CHECK, GENERATE], ids=["check", "generate"])
def test_a_full_disk_is_bad_output(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("iamcheck: standard output: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [CHECK, GENERATE, ["--help"]], ids=["check", "generate", "help"])
def test_a_reader_that_has_gone_gets_no_traceback(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, *words], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, "")


def on_a_terminal(words: Sequence[str], **environment: str) -> str:
    """What a terminal of 80 columns shows."""
    ours, theirs = pty.openpty()
    subprocess.run(
        [*COMMAND, *words], stdout=theirs, stderr=subprocess.DEVNULL, stdin=theirs, env=plain(**environment), timeout=60
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as terminal:
        shown = b""
        try:
            while chunk := terminal.read1():
                shown += chunk
        except OSError:  # Linux says so when the other end is closed
            pass
    return shown.decode()


@pytest.mark.parametrize(
    ("words", "environment", "coloured"),
    [
        ([], {"TERM": "xterm"}, True),
        (["--no-color"], {"TERM": "xterm"}, False),
        ([], {"TERM": "xterm", "NO_COLOR": "1"}, False),
        ([], {"TERM": "xterm", "NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--output", "json"], {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(words: list[str], environment: dict[str, str], coloured: bool) -> None:
    assert ("\x1b[32mpass\x1b[0m" in on_a_terminal([*CHECK, *words], **environment)) is coloured


def test_results_are_as_wide_as_the_terminal() -> None:
    widths = {
        columns: max(map(len, on_a_terminal([*CHECK, "--no-color"], COLUMNS=str(columns)).splitlines()))
        for columns in (50, 80, 200)
    }
    assert widths[50] <= 50 < widths[80] <= 80 < widths[200] <= 120
