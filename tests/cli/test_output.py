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


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_mode(run: Run, tmp_path: Path, mode: int) -> None:
    (tmp_path / "result").write_text("before")
    (tmp_path / "result").chmod(mode)
    assert run(*GENERATE, "--output-file", "result").status == 0
    assert stat.S_IMODE((tmp_path / "result").stat().st_mode) == mode
    assert "before" not in (tmp_path / "result").read_text()


@pytest.mark.parametrize("target", ["folder/result", "folder/missing"])
def test_a_link_stays_and_what_it_names_is_written(run: Run, tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "result").write_text("before")
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "second").symlink_to("link")
    assert run(*GENERATE, "--output-file", "second").status == 0
    assert (tmp_path / "link").readlink() == Path(target)
    assert (tmp_path / "second").is_symlink()
    assert json.loads((tmp_path / target).read_text())["Version"] == "2012-10-17"
    assert {one.name for one in (tmp_path / "folder").iterdir()} == {"result", Path(target).name}


def test_a_fifo_is_written_in_place(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    done = subprocess.run([*COMMAND, *GENERATE, "--output-file", str(fifo)], capture_output=True, timeout=60)
    with os.fdopen(reading, "rb") as reader:
        assert json.loads(reader.read())["Version"] == "2012-10-17"
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert fifo.is_fifo()


def test_a_device_stays_a_device(run: Run, tmp_path: Path) -> None:
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    assert run(*GENERATE, "--output-file", "null").status == 0
    assert device.readlink() == Path("/dev/null")
    assert Path("/dev/null").is_char_device()


def test_a_full_device_is_bad_output(run: Run) -> None:
    done = run(*GENERATE, "--output-file", "/dev/full")
    assert (done.status, done.out) == (2, "")
    assert done.err == "iamcheck: /dev/full: cannot be written: No space left on device\n"


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_name_is_added_to(tmp_path: Path, name: str) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("a") as out:
        done = subprocess.run([*COMMAND, *GENERATE, "--output-file", name], stdout=out, timeout=60)
    assert done.returncode == 0
    assert log.read_text().startswith("before\n{")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (".", "directory"),
        ("missing/result", "No such file"),
        ("file/result", "Not a directory"),
        ("loop", "symbolic links"),
        ("a\0b", "null"),
        ("x" * 300, "too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_bad_output(run: Run, tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "file").write_text("before")
    (tmp_path / "loop").symlink_to("loop")
    done = run(*GENERATE, "--output-file", name)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err
    assert {one.name for one in tmp_path.iterdir()} == {"file", "loop"}
    assert (tmp_path / "file").read_text() == "before"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_its_owner_protects_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "result").write_text("before")
    (tmp_path / "result").chmod(0o444)
    assert run(*GENERATE, "--output-file", "result").status == 2
    assert (tmp_path / "result").read_text() == "before"


def test_an_empty_name_is_wrong_usage(run: Run) -> None:
    done = run(*GENERATE, "--output-file", "")
    assert (done.status, done.out) == (2, "")
    assert "--output-file" in done.err


def test_a_name_of_the_longest_length_is_written(run: Run, tmp_path: Path) -> None:
    assert run(*GENERATE, "--output-file", "x" * 255).status == 0
    assert (tmp_path / ("x" * 255)).exists()


@pytest.mark.parametrize("words", [CHECK, GENERATE, ["--help"], ["--version"]], ids=lambda words: words[0])
def test_a_full_disk_is_bad_output(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("iamcheck: standard output: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["check", "churn_7", *CHECK[2:]], ["nosuch"]], ids=["bad input", "wrong usage"])
def test_a_standard_error_that_is_full_does_not_change_the_status(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *words], stdout=subprocess.PIPE, stderr=full, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")


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
