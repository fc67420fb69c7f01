"""`iamcheck fleet` killed at random moments: it, or its run after --resume, gives the bytes of an uninterrupted one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, NEEDS_MFA
from tests.cli.dask_cluster import children, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline"]
SUMMARY = "iamcheck: 300 rows: 0 pass, 0 fail, 6 invalid, 294 unknown\n"
ENDS = {signal.SIGKILL: (-9, ""), signal.SIGTERM: (-15, ""), signal.SIGINT: (130, "iamcheck: interrupted\n")}
"""The exit status of a run that a signal ends, and what it prints."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A folder with a manifest of 300 rows, and the bytes of its results."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "mfa.json").write_text(json.dumps(NEEDS_MFA))
    row = {"config": "c", "region": "eu-west-1", "account_id": ACCOUNT, "policy": ["mfa.json"]}
    rows = [{**row, "endpoint": f"e-{n % 40}"} if n % 50 else {"endpoint": "e"} for n in range(300)]
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    subprocess.run([*COMMAND, "--output-file", "whole.jsonl"], cwd=folder, capture_output=True, check=False)
    return folder, (folder / "whole.jsonl").read_bytes()


@pytest.mark.parametrize("seed", range(21))
def test_a_run_that_is_killed_goes_on(seed: int, whole: tuple[Path, bytes]) -> None:
    folder, expected = whole
    number = list(ENDS)[seed % 3]
    moment = random.Random(seed)
    results = folder / f"results-{seed}.jsonl"
    workers = ("--workers", str(1 + seed % 2))
    # in a session of its own: Ctrl-C in a terminal reaches the workers too
    with subprocess.Popen(
        [*COMMAND, *workers, "--output-file", results.name],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as run:
        wait_for(results, moment.randrange(1, len(expected)), run)
        with suppress(ProcessLookupError):
            (os.killpg if number == signal.SIGINT else os.kill)(run.pid, number)
        _, error = run.communicate()
    # a run may be quicker than the signal
    if results.stat().st_size < len(expected):
        assert (run.returncode, error) == ENDS[number]
    with results.open("ab") as file:
        # what a kill in the middle of a write leaves behind
        written = results.stat().st_size
        file.write(expected[written : written + moment.randrange(1, 5000)])
    done = subprocess.run(
        [*COMMAND, *workers, "--resume", results.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert results.read_bytes() == expected
    assert (done.returncode, done.stderr) == (2, SUMMARY)


@pytest.mark.parametrize("seed", range(5))
def test_a_worker_that_is_killed_at_any_moment_loses_nothing(seed: int, whole: tuple[Path, bytes]) -> None:
    folder, expected = whole
    # tests/benchmarks/test_fleet_kills.py has a hundred such runs
    require_equal_after_a_kill(folder, expected, random.Random(seed))


def require_equal_after_a_kill(folder: Path, expected: bytes, moment: random.Random) -> None:
    """Kills a worker of a run at a random moment, and fails where the results are others than expected."""
    results = folder / "killed.jsonl"
    results.unlink(missing_ok=True)
    command = [*COMMAND, "--workers", "2", "--output-file", results.name]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as run:
        wait_for(results, moment.randrange(len(expected)), run)
        workers = [pid for pid, words in children(run.pid) if "spawn_main" in words]
        if workers:
            with suppress(ProcessLookupError):
                os.kill(moment.choice(workers), signal.SIGKILL)
        _, error = run.communicate()
    assert results.read_bytes() == expected, error
    assert (run.returncode, error) == (2, SUMMARY)
