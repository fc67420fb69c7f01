"""`iamcheck fleet --scheduler`: a real Dask scheduler with two worker processes on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, NEEDS_MFA, allow, policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

FLEET = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline", "--scp", "FullAWSAccess,scp.json"]


class Cluster:
    """A scheduler and two workers, in a folder where none of the fleet's files are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--host", "127.0.0.1")
        self.workers = [self._start("worker", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1") for _ in range(2)]
        while not self.file.exists() or not self.file.stat().st_size:
            assert self.scheduler.poll() is None
            time.sleep(0.05)
        self.address: str = json.loads(self.file.read_text())["address"]

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, "--scheduler-file", str(self.file)]
        return subprocess.Popen(
            [*command, "--no-dashboard", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.stop()


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A folder with a manifest of 400 rows and the results of a serial run, `serial.jsonl`."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    (folder / "mfa.json").write_text(json.dumps(NEEDS_MFA))
    (folder / "allow.json").write_text(json.dumps(policy(allow("*"))))
    (folder / "scp.json").write_text(json.dumps(policy(allow("*"))))
    row = {"config": "c", "region": "eu-west-1", "account_id": ACCOUNT}
    rows = [{**row, "endpoint": f"e-{n}", "policy": ["mfa.json" if n % 3 else "allow.json"]} for n in range(400)]
    rows[7] = {"endpint": "e"}
    rows[200] = {**rows[200], "policy": ["missing.json"]}
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    subprocess.run([*FLEET, "--output-file", "serial.jsonl"], cwd=folder, capture_output=True, check=False)
    return folder


@contextmanager
def running(fleet: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [*FLEET, *words]
    with subprocess.Popen(command, cwd=fleet, stderr=subprocess.PIPE, text=True) as process:
        yield process


def wait_for(results: Path, size: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and (not results.exists() or results.stat().st_size < size):
        time.sleep(0.01)


def test_the_results_are_those_of_a_serial_run(fleet: Path, cluster: Cluster) -> None:
    words = ("--scheduler", cluster.address, "--output-file", "out.jsonl")
    done = subprocess.run([*FLEET, *words], cwd=fleet, capture_output=True, text=True, check=False)
    assert done.stderr == "iamcheck: 400 rows: 134 pass, 0 fail, 2 invalid, 264 unknown\n"
    assert (fleet / "out.jsonl").read_bytes() == (fleet / "serial.jsonl").read_bytes()
    assert done.returncode == 2


def test_a_killed_worker_loses_nothing_and_doubles_nothing(fleet: Path, cluster: Cluster) -> None:
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(fleet / "out.jsonl", 300_000, process)
        cluster.workers[0].kill()
        _, said = process.communicate()
    assert (fleet / "out.jsonl").read_bytes() == (fleet / "serial.jsonl").read_bytes(), said


def test_a_scheduler_that_goes_away_ends_the_run_which_goes_on_later(fleet: Path, cluster: Cluster) -> None:
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(fleet / "out.jsonl", 300_000, process)
        cluster.scheduler.kill()
        _, said = process.communicate()
    assert process.returncode == 3
    assert said == (
        f"iamcheck: the Dask scheduler at {cluster.address} went away; --resume goes on from the results that were "
        "written\n"
    )
    subprocess.run([*FLEET, "--resume", "out.jsonl"], cwd=fleet, capture_output=True, check=False)
    assert (fleet / "out.jsonl").read_bytes() == (fleet / "serial.jsonl").read_bytes()


def test_an_address_where_nobody_answers_is_said(fleet: Path, closed_port: str) -> None:
    address = closed_port.replace("http", "tcp")
    done = subprocess.run([*FLEET, "--scheduler", address], cwd=fleet, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"iamcheck: no Dask scheduler answers at {address} (--scheduler)\n"
