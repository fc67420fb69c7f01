"""`iamcheck fleet` killed at random moments: a resumed run gives the bytes of an uninterrupted one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, NEEDS_MFA

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A folder with a manifest of 300 rows, and the bytes of its results."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "mfa.json").write_text(json.dumps(NEEDS_MFA))
    row = {"config": "c", "region": "eu-west-1", "account_id": ACCOUNT, "policy": ["mfa.json"]}
    rows = [{**row, "endpoint": f"e-{n % 40}"} if n % 50 else {"endpint": "e"} for n in range(300)]
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    subprocess.run([*COMMAND, "--output-file", "whole.jsonl"], cwd=folder, capture_output=True, check=False)
    return folder, (folder / "whole.jsonl").read_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_a_run_that_is_killed_goes_on(seed: int, whole: tuple[Path, bytes]) -> None:
    folder, expected = whole
    random_moment = random.Random(seed)
    results = folder / f"results-{seed}.jsonl"
    workers = ("--workers", str(1 + seed % 2))
    with subprocess.Popen(
        [*COMMAND, *workers, "--output-file", results.name], cwd=folder, stderr=subprocess.PIPE
    ) as run:
        wanted = random_moment.randrange(len(expected))
        while run.poll() is None and (not results.exists() or results.stat().st_size < wanted):
            pass
        run.kill()
    with results.open("ab") as file:
        # what a kill in the middle of a write leaves behind
        written = results.stat().st_size
        file.write(expected[written : written + random_moment.randrange(1, 5000)])
    done = subprocess.run([*COMMAND, *workers, "--resume", results.name], cwd=folder, capture_output=True, check=False)
    assert results.read_bytes() == expected
    assert done.returncode == 2, done.stderr
