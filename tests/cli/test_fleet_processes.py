"""`iamcheck fleet` where the system has no room for its workers: a clear end, and --resume goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no such limits")

ROWS: Final = 40
COMMAND = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline", "--workers", "3"]
LIMITED = """
import os, resource, sys
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
os.execv(sys.argv[3], sys.argv[3:])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a manifest of rows that have nothing in common."""
    folder = tmp_path_factory.mktemp("fleet")
    row = {"config": "c", "region": "eu-west-1", "account_id": ACCOUNT}
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps({**row, 'endpoint': f'e-{n}'})}\n" for n in range(ROWS)))
    return folder


def limited(folder: Path, limit: str, most: int, *words: str) -> tuple[int, str]:
    """The exit status and the messages of a run that has no more of something than a limit."""
    command = [sys.executable, "-c", LIMITED, limit, str(most), *COMMAND, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


WHOLE = f"iamcheck: {ROWS} rows: {ROWS} pass, 0 fail, 0 invalid, 0 unknown\n"
REFUSED = (
    "iamcheck: a worker process cannot be started: Too many open files "
    "(give --workers a smaller number, or allow more processes and open files)"
)


def test_a_run_that_can_start_no_process_says_what_to_allow(folder: Path) -> None:
    assert limited(folder, "RLIMIT_NOFILE", 8) == (3, f"{REFUSED}\n")
    assert limited(folder, "RLIMIT_NOFILE", 8, "--output-file", "none.jsonl") == (3, f"{REFUSED}\n")


@pytest.mark.parametrize("files", [12, 15, 18, 21])
def test_a_run_that_can_start_some_processes_ends_well_or_goes_on_after_resume(folder: Path, files: int) -> None:
    status, error = limited(folder, "RLIMIT_NOFILE", files, "--output-file", "some.jsonl")
    if status == 3:
        written = (folder / "some.jsonl").read_bytes().count(b"\n")
        goes_on = "; --resume goes on from the results that were written" if written else ""
        assert error == f"{REFUSED}{goes_on}\n"
        done = subprocess.run(
            [*COMMAND, "--resume", "some.jsonl"], cwd=folder, capture_output=True, text=True, timeout=60
        )
        status, error = done.returncode, done.stderr
    assert (status, error) == (0, WHOLE)
