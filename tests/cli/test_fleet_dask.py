"""`iamcheck fleet --scheduler`: a real Dask scheduler with two worker processes on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

import iamcheck
from tests.cli.dask_cluster import (
    FLEET,
    Cluster,
    pause,
    require_equal_after_a_kill,
    running,
    wait_for,
    write_fleet,
)
from tests.cli.fleets import ACCOUNTS, create_roles, write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import LoopbackAws

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

SOME = 300_000
"""Bytes of results after which a run has begun and is far from its end."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a manifest of 400 rows and the results of a serial run, `serial.jsonl`."""
    return write_fleet(tmp_path_factory.mktemp("dask") / "fleet")


@pytest.fixture(autouse=True)
def _no_results(fleet: Path) -> None:
    (fleet / "out.jsonl").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster whose workers come back."""
    made = Cluster(tmp_path_factory.mktemp("elsewhere"), has_nanny=True)
    yield made
    made.stop()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that a test may break."""
    made = Cluster(tmp_path)
    yield made
    made.stop()


def fleet_run(fleet: Path, *words: str, connect: str = "") -> subprocess.CompletedProcess[str]:
    """A run of the fleet.

    Args:
        fleet: Its folder.
        words: Options.
        connect: How long Dask waits for a scheduler, where it is not what it waits elsewhere.
    """
    environment = {**os.environ, **({"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": connect} if connect else {})}
    command = [*FLEET, *words]
    return subprocess.run(command, cwd=fleet, env=environment, capture_output=True, text=True, check=False)


def require_clear_end(fleet: Path, status: int, error: str, why: str) -> None:
    """Fails where a run has no clear end, or does not give the bytes of a serial run after --resume."""
    serial = (fleet / "serial.jsonl").read_bytes()
    # a run may be quicker than whoever ends its scheduler
    if (fleet / "out.jsonl").stat().st_size < len(serial):
        assert (status, error) == (3, f"iamcheck: {why}; --resume goes on from the results that were written\n")
    fleet_run(fleet, "--resume", "out.jsonl")
    assert (fleet / "out.jsonl").read_bytes() == serial


def test_the_results_are_those_of_a_serial_run(fleet: Path, lasting: Cluster) -> None:
    done = fleet_run(fleet, "--scheduler", lasting.address, "--output-file", "out.jsonl")
    assert done.stderr == "iamcheck: 400 rows: 134 pass, 0 fail, 2 invalid, 264 unknown\n"
    assert (fleet / "out.jsonl").read_bytes() == (fleet / "serial.jsonl").read_bytes()
    assert done.returncode == 2


@pytest.mark.parametrize("seed", range(4))
def test_a_worker_that_is_killed_at_any_moment_loses_nothing(seed: int, fleet: Path, lasting: Cluster) -> None:
    # tests/benchmarks/test_fleet_kills.py has a hundred such runs
    require_equal_after_a_kill(fleet, lasting, Random(seed))


def test_the_worker_that_is_left_does_the_work_of_both(fleet: Path, cluster: Cluster) -> None:
    require_equal_after_a_kill(fleet, cluster, Random(0))


def test_a_slow_worker_costs_time_alone(fleet: Path, cluster: Cluster) -> None:
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(fleet / "out.jsonl", SOME, process)
        pause(cluster.workers[0])
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)
        cluster.workers[0].send_signal(signal.SIGCONT)
        _, error = process.communicate()
    assert (fleet / "out.jsonl").read_bytes() == (fleet / "serial.jsonl").read_bytes(), error


@pytest.mark.parametrize("seed", range(2))
def test_a_scheduler_that_goes_away_ends_the_run_which_goes_on_later(seed: int, fleet: Path, cluster: Cluster) -> None:
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(fleet / "out.jsonl", Random(seed).randrange(2 * SOME), process)
        cluster.scheduler.kill()
        _, error = process.communicate()
    require_clear_end(fleet, process.returncode, error, f"the Dask scheduler at {cluster.address} went away")


def test_a_scheduler_that_hangs_ends_the_run_which_goes_on_later(
    fleet: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "5s")
    with running(fleet, "--scheduler", cluster.address, "--output-file", "out.jsonl") as process:
        wait_for(fleet / "out.jsonl", SOME, process)
        pause(cluster.scheduler)
        _, error = process.communicate()
    why = f"the Dask scheduler at {cluster.address} does not answer any more"
    require_clear_end(fleet, process.returncode, error, why)


def test_an_address_where_nobody_answers_is_an_error(fleet: Path, closed_port: str) -> None:
    address = closed_port.replace("http", "tcp")
    done = fleet_run(fleet, "--scheduler", address, connect="2s")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"iamcheck: no Dask scheduler answers at {address} (--scheduler)\n"


def test_a_scheduler_that_accepts_and_never_answers_is_an_error(fleet: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        done = fleet_run(fleet, "--scheduler", address, connect="2s")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"iamcheck: no Dask scheduler answers at {address} (--scheduler)\n"


@pytest.mark.parametrize("address", ["nonsense://127.0.0.1:1", "tcp://127.0.0.1:port", "tcp://", ":::"])
def test_what_is_no_address_is_an_error(address: str, fleet: Path) -> None:
    done = fleet_run(fleet, "--scheduler", address)
    assert done.returncode in (2, 3)
    assert done.stdout == ""
    assert done.stderr.startswith("iamcheck: ")
    assert "--scheduler" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_scheduler_without_workers_is_an_error(fleet: Path, tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, workers=0)
    done = fleet_run(fleet, "--scheduler", cluster.address, connect="5s")
    cluster.stop()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"iamcheck: the Dask scheduler at {cluster.address} has no workers "
        f"(start one with: dask worker {cluster.address})\n"
    )


def without_iamcheck(folder: Path) -> str:
    """A folder for PYTHONPATH where there is no iamcheck to be imported."""
    (folder / "iamcheck").mkdir(parents=True)
    (folder / "iamcheck" / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'iamcheck'\")\n")
    return str(folder)


def of_another_version(folder: Path) -> str:
    """A folder for PYTHONPATH with another version of iamcheck."""
    shutil.copytree(Path(iamcheck.__file__).parent, folder / "iamcheck")
    file = folder / "iamcheck" / "_version.py"
    file.write_text(file.read_text().replace(iamcheck.__version__, "0.0.1"))
    return str(folder)


@pytest.mark.parametrize(
    ("scheduler", "worker", "why"),
    [
        ("", "none", "ModuleNotFoundError: No module named 'iamcheck'"),
        ("none", "", "ModuleNotFoundError: No module named 'iamcheck'"),
        ("", "other", "the iamcheck of a worker is 0.0.1"),
    ],
)
def test_a_cluster_without_this_iamcheck_is_an_error(
    scheduler: str, worker: str, why: str, fleet: Path, tmp_path: Path
) -> None:
    paths = {"": "", "none": without_iamcheck(tmp_path / "none"), "other": of_another_version(tmp_path / "other")}
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster", scheduler_path=paths[scheduler], worker_path=paths[worker])
    done = fleet_run(fleet, "--scheduler", cluster.address)
    cluster.stop()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"iamcheck: the Dask cluster at {cluster.address} cannot check rows: {why}")
    assert f"(install iamcheck {iamcheck.__version__} on its scheduler and its workers" in done.stderr
    assert done.stderr.count("\n") == 1


def test_rows_that_ask_aws_stay_here_with_their_credentials_and_bound(
    cluster: Cluster, aws: LoopbackAws, tmp_path: Path
) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(9)])
    command = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--assume-role-name", "fleet"]

    def results(*words: str) -> bytes:
        done = subprocess.run([*command, *words], cwd=tmp_path, env=aws.environment(), capture_output=True, check=False)
        return done.stdout

    scheduler = ("--scheduler", cluster.address)
    serial = results()
    assert results(*scheduler) == serial
    before = len(aws.calls)
    bounded = [json.loads(line) for line in results(*scheduler, "--max-calls", "15").splitlines()]
    assert [one["row"] for one in bounded] == list(range(1, 10))
    assert len(aws.calls) - before == 3 * 15
