"""What a slow network costs a check: the same process against a server that answers after 100 ms and at once, in turn.

`pytest -m benchmark -s tests/benchmarks/test_latency.py` prints the seconds; the goal is half a second of difference.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.cli import CONFIG_ARN, ENDPOINT_ARN, NAMES, allow, policy

if TYPE_CHECKING:
    from tests.server import Call, LoopbackAws

pytestmark = pytest.mark.benchmark

RUNS = 7
LATENCY = 0.1
DEPLOYER = policy(allow("sagemaker:CreateEndpoint*", [ENDPOINT_ARN, CONFIG_ARN]))


@pytest.mark.parametrize("kind", ["user", "role"])
def test_a_slow_network(aws: LoopbackAws, kind: str) -> None:
    make = aws.create_user if kind == "user" else aws.create_role
    environment = {**os.environ, **aws.environment(make("deployer", policy=DEPLOYER))}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    delay = 0.0

    def wait(_: Call) -> None:
        time.sleep(delay)

    aws.hook("*", wait)

    def seconds() -> float:
        start = time.perf_counter()
        words = [sys.executable, "-m", "iamcheck", "check", *NAMES, "--engine", "aws"]
        # a session in a role cannot prove by itself that STS is active: the status says so, and takes as long
        subprocess.run(words, stdout=subprocess.DEVNULL, env=environment, check=False)
        return time.perf_counter() - start

    seconds()  # fills the caches
    pairs = []
    for _ in range(RUNS):
        delay = LATENCY
        slow = seconds()
        delay = 0.0
        pairs.append((slow, seconds()))
    a, b = (median(column) for column in zip(*pairs, strict=True))
    differences = sorted(slow - fast for slow, fast in pairs)
    print(  # noqa: T201  the figures are what a benchmark is for
        f"\n{kind}: {a:.2f} s after {LATENCY * 1000:.0f} ms, {b:.2f} s at once; difference {a - b:.2f} s "
        f"(of pairs: median {median(differences):.2f}, {differences[0]:.2f} to {differences[-1]:.2f})"
    )
    assert len(pairs) == RUNS
