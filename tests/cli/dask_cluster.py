"""A real Dask scheduler and worker processes on this machine, and fleets that run on them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli import ACCOUNT, NEEDS_MFA, allow, policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

FLEET = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline", "--scp", "FullAWSAccess,scp.json"]


class Cluster:
    """A scheduler and workers, in a folder where none of the fleet's files are.

    Args:
        folder: The folder.
        workers: How many worker processes there are.
        has_nanny: Whether a worker that is killed is replaced.
        scheduler_path: What stands before the other folders of the scheduler's PYTHONPATH.
        worker_path: Likewise for the workers.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 2,
        has_nanny: bool = False,
        scheduler_path: str = "",
        worker_path: str = "",
    ) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", scheduler_path, "--port", "0", "--host", "127.0.0.1")
        words = ("--nanny" if has_nanny else "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
        self.workers = [self._start("worker", worker_path, *words) for _ in range(workers)]
        while not self.file.exists() or not self.file.stat().st_size:
            assert self.scheduler.poll() is None
            time.sleep(0.05)
        self.address: str = json.loads(self.file.read_text())["address"]

    def _start(self, what: str, path: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, "--scheduler-file", str(self.file)]
        return subprocess.Popen(
            [*command, "--no-dashboard", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (path, *sys.path)))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill_a_worker(self, random: Random) -> None:
        """Kills a worker process; its nanny, where it has one, begins another."""
        worker = random.choice(self.workers)
        for process in [pid for pid, command in children(worker.pid) if "spawn_main" in command] or [worker.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def stop(self) -> None:
        """Ends all its processes."""
        for process in (*self.workers, self.scheduler):
            begun = children(process.pid)
            process.kill()
            process.wait()
            for pid, _ in begun:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[tuple[int, str]]:
    """The processes that a process began, with their command lines."""
    found: list[tuple[int, str]] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for file in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, file.read_text().split()):
                found.append((child, Path(f"/proc/{child}/cmdline").read_text()))
    return found


def write_fleet(folder: Path, rows: int = 400) -> Path:
    """A folder with a manifest and the results of a serial run, `serial.jsonl`."""
    folder.mkdir()
    (folder / "mfa.json").write_text(json.dumps(NEEDS_MFA))
    (folder / "allow.json").write_text(json.dumps(policy(allow("*"))))
    (folder / "scp.json").write_text(json.dumps(policy(allow("*"))))
    row = {"config": "c", "region": "eu-west-1", "account_id": ACCOUNT}
    manifest: list[Mapping[str, object]] = [
        {**row, "endpoint": f"e-{n}", "policy": ["mfa.json" if n % 3 else "allow.json"]} for n in range(rows)
    ]
    manifest[7] = {"endpint": "e"}
    manifest[rows // 2] = {**manifest[rows // 2], "policy": ["missing.json"]}
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in manifest))
    subprocess.run([*FLEET, "--output-file", "serial.jsonl"], cwd=folder, capture_output=True, check=False)
    return folder


@contextmanager
def running(fleet: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run of the fleet."""
    command = [*FLEET, *words]
    with subprocess.Popen(command, cwd=fleet, stderr=subprocess.PIPE, text=True) as process:
        yield process


def wait_for(results: Path, size: int, process: subprocess.Popen[str]) -> None:
    """Waits until there are so many bytes of results, or the run has ended."""
    while process.poll() is None and (not results.exists() or results.stat().st_size < size):
        time.sleep(0.005)


def require_equal_after_a_kill(fleet: Path, cluster: Cluster, random: Random) -> None:
    """Runs the fleet, kills a worker at a random moment, and fails where the results differ from a serial run's."""
    serial = (fleet / "serial.jsonl").read_bytes()
    results = fleet / "out.jsonl"
    results.unlink(missing_ok=True)
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(results, random.randrange(len(serial)), process)
        cluster.kill_a_worker(random)
        _, error = process.communicate()
    assert results.read_bytes() == serial, error
    assert process.returncode == 2, error
    assert error.count("\n") == 1


def pause(process: subprocess.Popen[bytes]) -> None:
    """Stops a process where it is."""
    process.send_signal(signal.SIGSTOP)
