"""What finding one principal in a gigabyte of authorization details costs beside reading them, the two run in turn.

`pytest -m benchmark -s tests/benchmarks/test_details.py` prints the ratio; the goal is at most 2. The other is the same
parser with nothing done about what it reads. Time is that of the processor, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.unit.aws.account.large import ROLE, USER, write_details

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark

RUNS = 5
PRINCIPALS = 100_000
OURS = """
from iamcheck.aws.account import read_details
read_details(sys.argv[1], sys.argv[2])
"""
BARE = """
from collections import deque
import ijson
with open(sys.argv[1], "rb") as file:
    deque(ijson.basic_parse(file, use_float=True), maxlen=0)
"""


def seconds(program: str, *arguments: str) -> float:
    timed = f"import sys, time\n{program}\nprint(time.process_time())"
    done = subprocess.run([sys.executable, "-c", timed, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


@pytest.mark.parametrize("arn", [USER, ROLE], ids=["user", "role"])
def test_one_principal_beside_the_parser_alone(tmp_path: Path, arn: str) -> None:
    path = tmp_path / "details.json"
    write_details(path, PRINCIPALS, statements=9)
    who = arn.replace("@" * 7, f"{PRINCIPALS // 2 - 1:07}")
    pairs = [(seconds(OURS, str(path), who), seconds(BARE, str(path))) for _ in range(RUNS)]
    size = path.stat().st_size
    path.unlink()
    ratios = sorted(ours / bare for ours, bare in pairs)
    ours, bare = (median(column) for column in zip(*pairs, strict=True))
    print(  # noqa: T201  the figures are what a benchmark is for
        f"\n{size / 1e9:.2f} GB: {ours:.1f} s, the parser alone {bare:.1f} s, "
        f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    assert len(pairs) == RUNS


WHO_CAN = """
from iamcheck.aws.account.authorization_details import read_account
from iamcheck.fleet.questions.who_can import WhoCanQuestion, who_can
endpoint = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
who_can(WhoCanQuestion("sagemaker:CreateEndpoint", endpoint), [read_account(sys.argv[1])])
import resource
sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
"""


def test_who_can_over_ten_thousand_principals_takes_under_60_seconds_and_500_mb(tmp_path: Path) -> None:
    path = tmp_path / "details.json"
    write_details(path, 10_000, statements=9)
    sys.stdout.write(f"\nwho-can: {seconds(WHO_CAN, str(path)):.1f} processor seconds (and MB on standard error)\n")
