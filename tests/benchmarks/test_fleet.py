"""What a row of a fleet costs: time by the clock, and processor time and memory of every process (Linux).

The bounds stand in the names and are checked by hand on a machine with nothing else to do:
`pytest -m benchmark -s tests/benchmarks/test_fleet.py`. Where it has, time of the clock says little, and the processor
time of the busiest process tells about how long two workers would take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.benchmark

ACCOUNT = "123456789012"
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2")
STACK = """\
Parameters:
  Stage: {{Type: String, Default: dev}}
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ModelName: model-{n}
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec-{n}
      PrimaryContainer:
        Image: !Sub '${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.amazonaws.com/image:{n}'
        ModelDataUrl: s3://bucket-{n}/model.tar.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: !Sub 'config-{n}-${{Stage}}'
      ProductionVariants:
        - VariantName: a
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.m5.large
          InitialInstanceCount: 2
          InitialVariantWeight: 1
      Tags: [{{Key: team, Value: t{n}}}]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: !Sub 'endpoint-{n}-${{Stage}}'
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      Tags: [{{Key: team, Value: t{n}}}]
"""


def world(folder: Path, rows: int, *, by_principal: bool = False) -> Path:
    """Twenty templates, fifty principals' policies of twenty statements, and the manifest.

    Args:
        folder: Where they are written.
        rows: Rows of the manifest.
        by_principal: Whether the rows of a principal stand beside each other, and not those of a deployment.
    """
    for n in range(20):
        (folder / f"stack-{n}.yaml").write_text(STACK.format(n=n))
    for n in range(50):
        statements: list[dict[str, object]] = [
            {"Effect": "Allow", "Action": ["sagemaker:Create*", "sagemaker:AddTags"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/*"},
        ]
        if n % 5 == 0:
            mfa = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
            statements.append({"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*", "Condition": mfa})
        if n % 7 == 0:
            lock = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
            statements.append({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": lock})
        rest: list[dict[str, object]] = [
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": f"arn:aws:s3:::b{k}/*"} for k in range(20)
        ]
        policy = {"Version": "2012-10-17", "Statement": [*statements, *rest][:20]}
        (folder / f"p{n}.json").write_text(json.dumps(policy))
    with (folder / "fleet.jsonl").open("w") as file:
        for n in range(rows):
            # the principal changes with each row, or after each deployment of a stage
            principal, template, region = (n // 100 % 50, n % 20, n // 20 % 5)
            if not by_principal:
                principal, template, region = (n % 50, n // 50 % 20, n // 1000 % 5)
            row = {
                "from": f"stack-{template}.yaml",
                "region": REGIONS[region],
                "account_id": ACCOUNT,
                "principal": f"arn:aws:iam::{ACCOUNT}:role/p{principal}",
                "policy": [f"p{principal}.json"],
                "scp": ["FullAWSAccess"],
                "parameter": [f"Stage=s{n // 5000}"],
            }
            file.write(f"{json.dumps(row)}\n")
    return folder


def unlike_names(folder: Path, rows: int) -> Path:
    """A manifest of bare names, of which each row has its own."""
    with (world(folder, 1) / "fleet.jsonl").open("w") as file:
        for n in range(rows):
            row = {
                "endpoint": f"endpoint-{n}",
                "config": f"config-{n}",
                "region": REGIONS[n % 5],
                "account_id": ACCOUNT,
                "policy": [f"p{n % 50}.json"],
            }
            file.write(f"{json.dumps(row)}\n")
    return folder


def unlike_templates(folder: Path, rows: int) -> Path:
    """A manifest of templates, of which each row has its own."""
    with (world(folder, 1) / "fleet.jsonl").open("w") as file:
        for n in range(rows):
            (folder / f"stack-{n}.yaml").write_text(STACK.format(n=n))
            row = {"from": f"stack-{n}.yaml", "region": REGIONS[n % 5], "account_id": ACCOUNT}
            file.write(f"{json.dumps({**row, 'policy': [f'p{n % 50}.json']})}\n")
    return folder


class Process(NamedTuple):
    """A process of a run."""

    seconds: float
    """Processor time."""
    megabytes: float
    """The most memory that it had."""


class Measured(NamedTuple):
    """A run: the time of the clock in seconds, and its processes, the one that was started first."""

    seconds: float
    processes: tuple[Process, ...]

    def __str__(self) -> str:
        processor = " + ".join(f"{process.seconds:.1f}" for process in self.processes)
        memory = ", ".join(f"{process.megabytes:.0f}" for process in self.processes)
        return f"{self.seconds:.1f} s by the clock, {processor} s of processors, {memory} MB"


def process(pid: int) -> Process | None:
    """A process as it is now; None: it has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        ticks = sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:13]))
        lines = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        return Process(ticks / os.sysconf("SC_CLK_TCK"), int(lines["VmHWM"].split()[0]) / 1024)
    except (OSError, KeyError):
        return None


def children(pid: int) -> list[int]:
    """What a process started, in whichever of its threads."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):  # the thread has ended
            found += map(int, (thread / "children").read_text().split())
    return found


def measured(folder: Path, workers: int) -> Measured:
    """Runs the fleet of a folder, and looks at its processes ten times a second."""
    command = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline", "--output-file", "out"]
    began = time.perf_counter()
    seen: dict[int, Process] = {}
    with subprocess.Popen([*command, "--workers", str(workers)], cwd=folder, stderr=subprocess.PIPE, text=True) as run:
        while run.poll() is None:
            for pid in (run.pid, *children(run.pid)):
                if (now := process(pid)) is not None:
                    seen[pid] = now
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        assert run.stderr is not None
        assert run.returncode in (1, 3), run.stderr.read()
    # what multiprocessing starts to watch over its resources does nothing
    return Measured(seconds, tuple(one for one in seen.values() if one.seconds >= 0.1))


def say(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")


@pytest.mark.parametrize("by_principal", [False, True])
def test_ten_thousand_rows_take_two_workers_under_20_seconds_and_one_at_least_1_7_times_as_long(
    by_principal: bool, tmp_path: Path
) -> None:
    folder = world(tmp_path, 10_000, by_principal=by_principal)
    runs = {workers: min(measured(folder, workers) for _ in range(3)) for workers in (1, 2)}
    for workers, run in runs.items():
        say(f"{workers} workers: {run}; {10_000 / run.seconds:,.0f} rows a second")
    say(f"ratio {runs[1].seconds / runs[2].seconds:.2f}")


@pytest.mark.parametrize("rows", [20_000, 200_000])
def test_each_process_stays_under_300_mb_and_the_rate_the_same_however_many_rows(rows: int, tmp_path: Path) -> None:
    run = measured(world(tmp_path, rows), 2)
    say(f"{rows:,} rows: {run}; {rows / run.seconds:,.0f} rows a second")


@pytest.mark.parametrize("make", [unlike_names, unlike_templates])
@pytest.mark.parametrize("rows", [1_000, 10_000])
def test_rows_that_have_nothing_in_common_cost_the_same_however_many(
    make: Callable[[Path, int], Path], rows: int, tmp_path: Path
) -> None:
    run = measured(make(tmp_path, rows), 2)
    say(f"{rows:,} rows, {make.__name__}: {run}; {rows / run.seconds:,.0f} rows a second")
