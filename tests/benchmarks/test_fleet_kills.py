"""Fleets whose workers and schedulers are killed a hundred times: nothing is lost, nothing is twice.

It takes minutes: `pytest -m benchmark -s tests/benchmarks/test_fleet_kills.py`.
"""

from __future__ import annotations

import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.cli import test_fleet_kills
from tests.cli.dask_cluster import FLEET, Cluster, require_equal_after_a_kill, running, wait_for, write_fleet

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("distributed")
pytestmark = pytest.mark.benchmark
whole = test_fleet_kills.whole


def test_a_hundred_runs_with_a_killed_process_give_the_bytes_of_a_serial_run(whole: tuple[Path, bytes]) -> None:
    for seed in range(100):
        test_fleet_kills.require_equal_after_a_kill(*whole, Random(seed))
        sys.stdout.write(f"\r{seed + 1} runs are equal")
        sys.stdout.flush()


def test_a_hundred_runs_with_a_killed_worker_give_the_bytes_of_a_serial_run(tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path / "fleet")
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster", has_nanny=True)
    try:
        for seed in range(100):
            require_equal_after_a_kill(fleet, cluster, Random(seed))
            sys.stdout.write(f"\r{seed + 1} runs are equal")
            sys.stdout.flush()
    finally:
        cluster.stop()


def test_twenty_runs_whose_scheduler_is_killed_go_on(tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path / "fleet")
    serial = (fleet / "serial.jsonl").read_bytes()
    for seed in range(20):
        (fleet / "out.jsonl").unlink(missing_ok=True)
        folder = tmp_path / f"cluster-{seed}"
        folder.mkdir()
        cluster = Cluster(folder)
        with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
            wait_for(fleet / "out.jsonl", Random(seed).randrange(len(serial) * 3 // 4), process)
            cluster.scheduler.kill()
            _, error = process.communicate()
        cluster.stop()
        assert (process.returncode, error.count("\n")) == (3, 1), error
        assert "went away; --resume goes on" in error
        subprocess.run([*FLEET, "--resume", "out.jsonl"], cwd=fleet, capture_output=True, check=False)
        assert (fleet / "out.jsonl").read_bytes() == serial
        sys.stdout.write(f"\r{seed + 1} runs are equal")
        sys.stdout.flush()


def test_a_run_that_has_no_workers_any_more_ends_after_a_minute(tmp_path: Path) -> None:
    fleet = write_fleet(tmp_path / "fleet")
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster")
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(fleet / "out.jsonl", 300_000, process)
        for worker in cluster.workers:
            worker.kill()
        _, error = process.communicate()
    cluster.stop()
    assert process.returncode == 3
    assert "has no workers any more; --resume goes on from the results that were written" in error
    subprocess.run([*FLEET, "--resume", "out.jsonl"], cwd=fleet, capture_output=True, check=False)
    assert (fleet / "out.jsonl").read_bytes() == (fleet / "serial.jsonl").read_bytes()
