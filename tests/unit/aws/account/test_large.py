"""A gigabyte of authorization details: memory is that of the principal, not of the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.aws.account.large import ROLE, USER, write_details

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

PRINCIPALS = 100_000
MOST_MEMORY = 200 * 1024
"""KiB."""
READ = """
import json, sys
from iamcheck.aws.account import read_details

found = read_details(sys.argv[1], sys.argv[2])
# the peak of this process alone; what getrusage says includes the process that started it
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([int(peak), found.tags, len(found.policies), [str(gap) for gap in found.unread]]))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("large") / "details.json"
    write_details(path, PRINCIPALS, statements=9)
    yield path
    path.unlink()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak")
@pytest.mark.parametrize(("arn", "policies"), [(USER, 6), (ROLE, 3)])
def test_one_principal_of_a_gigabyte_takes_little_memory(path: Path, arn: str, policies: int) -> None:
    assert path.stat().st_size >= 1_000_000_000
    number = f"{PRINCIPALS // 2 - 1:07}"
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), arn.replace("@" * 7, number)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    peak, tags, count, unread = json.loads(done.stdout)
    assert (tags, count, unread) == ({"number": number}, policies, [])
    assert peak < MOST_MEMORY
