"""On a terminal a fleet shows how far it is, in one line; in a pipe it shows nothing but its summary."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Final

import pytest

from iamcheck.cli.fleet_output import RowProgress

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

fcntl = pytest.importorskip("fcntl", reason="terminals of Unix")
pty = pytest.importorskip("pty", reason="terminals of Unix")
termios = pytest.importorskip("termios", reason="terminals of Unix")

SUMMARY: Final = "iamcheck: 3 rows: 0 pass, 0 fail, 3 invalid, 0 unknown"


class Terminal:
    """A terminal; `text` is what was written to it, once it is closed."""

    def __init__(self, columns: int = 80) -> None:
        self._ours, self.file = pty.openpty()
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._data = b""
        # a terminal that nobody reads takes no more than some kilobytes
        self._reader = threading.Thread(target=self._read)

    def _read(self) -> None:
        try:
            while more := os.read(self._ours, 1 << 16):
                self._data += more
        except OSError:
            # Linux says so that nobody has the other side open any more
            return

    def __enter__(self) -> Terminal:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.file)
        self._reader.join()
        os.close(self._ours)

    @property
    def text(self) -> str:
        return self._data.decode().replace("\r\n", "\n")

    @property
    def states(self) -> list[str]:
        """Each state of each line, without what hides and shows the cursor."""
        text = self.text.replace("\x1b[?25l", "").replace("\x1b[?25h", "")
        return [state for line in text.split("\n") for state in line.split("\r") if state]

    @property
    def screen(self) -> list[str]:
        """The lines that stay: each state overwrites the beginning of the one before."""
        lines = []
        for line in self.text.replace("\x1b[?25l", "").replace("\x1b[?25h", "").split("\n"):
            cells = ""
            for state in line.split("\r"):
                cells = state + cells[len(state) :]
            lines.append(cells.rstrip())
        return lines


def progress(total: int | None, rows: int, *, seconds: float, columns: int = 80, done: int = 0) -> Terminal:
    """The terminal after so many rows, of which each took so many seconds."""
    now = 0.0
    with (
        Terminal(columns) as terminal,
        os.fdopen(os.dup(terminal.file), "w") as file,
        RowProgress(file, total, done, clock=lambda: now) as bar,
    ):
        for _ in range(rows):
            now += seconds
            bar.advance()
    return terminal


def test_the_bar_tells_rows_rate_and_time_left() -> None:
    terminal = progress(200_000, 30_000, seconds=1 / 1024)
    assert "[" + 2 * "#" + 22 * "-" + "] 20,600 of 200,000 rows, 1,024 rows/s, 0:02:56 left" in terminal.states


def test_the_rate_is_shown_when_a_second_has_told_something() -> None:
    states = progress(100, 12, seconds=0.25).states
    assert [state.partition("] ")[2].rstrip() for state in states[:6]] == [
        *("0 of 100 rows", "1 of 100 rows", "2 of 100 rows", "3 of 100 rows", "4 of 100 rows"),
        "5 of 100 rows, 4.0 rows/s, 0:00:24 left",
    ]


def test_rows_of_the_run_before_count_as_done_and_not_for_the_rate() -> None:
    terminal = progress(100, 11, seconds=1, done=80)
    assert any("90 of 100 rows, 1.0 rows/s, 0:00:10 left" in state for state in terminal.states)


@pytest.mark.parametrize("total", [9, 2_000, 200_000, 99_999_999, None])
@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("seconds", [1 / 1024, 0.7, 13, 40_000])
def test_no_state_of_the_bar_is_wider_than_the_terminal(total: int | None, columns: int, seconds: float) -> None:
    terminal = progress(total, 9, seconds=seconds, columns=columns)
    assert max(map(len, terminal.states)) < columns
    assert len(terminal.screen) == 2, "the bar and the empty line after it"


def test_the_bar_is_drawn_ten_times_a_second_at_most() -> None:
    assert len(progress(10_000, 10_000, seconds=1 / 1024).states) <= 101


def test_the_last_state_is_whole_and_the_cursor_is_shown_again() -> None:
    terminal = progress(2_000, 2_000, seconds=1 / 1024)
    assert terminal.screen == ["[" + 28 * "#" + "] 2,000 of 2,000 rows, 1,024 rows/s", ""]
    assert terminal.text.endswith("\x1b[?25h\n")


def test_rows_that_nobody_can_count_have_no_bar() -> None:
    terminal = progress(None, 3_000, seconds=1 / 1024)
    assert terminal.screen == ["3,000 rows, 1,024 rows/s", ""]


@pytest.mark.parametrize("name", ["rows.jsonl", "-"])
def test_a_run_leaves_the_bar_and_the_summary_on_the_terminal(tmp_path: Path, name: str) -> None:
    terminal = run(tmp_path, name, "--output-file", "out.jsonl", err=True)
    bar, *rest = terminal.screen
    assert bar.endswith("3 of 3 rows" if name != "-" else "3 rows")
    assert rest == [SUMMARY, ""]


def test_there_is_no_bar_among_results_that_go_to_the_terminal(tmp_path: Path) -> None:
    *results, summary, last = run(tmp_path, "rows.jsonl", out=True, err=True).screen
    assert [json.loads(line)["row"] for line in results] == [1, 2, 3]
    assert (summary, last) == (SUMMARY, "")


def test_there_is_no_bar_in_a_pipe(tmp_path: Path) -> None:
    assert run(tmp_path, "rows.jsonl", out=True).screen[:-1] != []
    assert (tmp_path / "err").read_text() == f"{SUMMARY}\n"


def run(folder: Path, *words: str, out: bool = False, err: bool = False) -> Terminal:
    """The terminal after a fleet of three rows, of which standard output and standard error may be."""
    rows = folder / "rows.jsonl"
    rows.write_text('{"scope": "none"}\n' * 3)
    command = [sys.executable, "-m", "iamcheck", "fleet", *words, "--offline"]
    with (
        Terminal() as terminal,
        rows.open() as stdin,
        (folder / "out").open("w") as to,
        (folder / "err").open("w") as e,
    ):
        subprocess.run(
            command,
            cwd=folder,
            stdin=stdin,
            stdout=terminal.file if out else to,
            stderr=terminal.file if err else e,
            env={**os.environ, "TERM": "xterm"},
            check=False,
        )
    return terminal
