"""The memory of a fleet's worker does not grow with the number of deployments that have nothing in common."""

from __future__ import annotations

import gc
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from iamcheck.cli import fleet
from iamcheck.cli.fleet_rows import answer_rows, check_row
from iamcheck.cli.words import CheckWords
from iamcheck.fleet.manifest.reading import ManifestRow
from iamcheck.iam.model import Policy, Request, Statement
from iamcheck.permissions import RequiredPermission
from iamcheck.results import Evidence
from tests.cli import ACCOUNT, allow, policy

if TYPE_CHECKING:
    from pathlib import Path

KINDS = (Policy, Statement, Request, RequiredPermission, Evidence)


def kept() -> Counter[str]:
    """How many objects there are of each kind."""
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS))


@pytest.mark.slow
def test_a_worker_keeps_a_bounded_number_of_results(tmp_path: Path) -> None:
    context = fleet.command.make_context("fleet", ["-", "--offline", "--region", "eu-west-1", "--account-id", ACCOUNT])
    words = {name: context.params.get(name) for name in CheckWords.__annotations__} | {"file_assumptions": ()}

    def kept_after(numbers: range) -> Counter[str]:
        for n in numbers:
            (tmp_path / f"{n}.json").write_text(json.dumps(policy(allow("*", Sid=f"Of{n}"))))
        names = ({"endpoint": f"e-{n}", "config": f"c-{n}", "policy": f"{n}.json"} for n in numbers)
        rows = [check_row(ManifestRow(1, values), str(tmp_path)) for values in names]
        assert {result.verdict for result in answer_rows(words, "memory", rows)} == {"pass"}
        return kept()

    assert kept_after(range(600)) == kept_after(range(600, 1200))
