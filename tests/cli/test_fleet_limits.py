"""The limits of `iamcheck fleet` online: calls in an account."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.call_budget import CallBudget
from iamcheck.errors import AwsUnavailableError
from tests.cli.fleets import ACCOUNTS, create_roles, results_of, write_rows
from tests.server import error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run
    from tests.server import LoopbackAws

ASSUME = ("fleet", "fleet.jsonl", "--assume-role-name", "fleet")


@pytest.mark.parametrize("most", [1, 5, 14])
def test_no_more_calls_are_made_than_the_bound(most: int, aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{"endpoint": f"e{n}"} for n in range(4)])
    done = run("fleet", "fleet.jsonl", "--max-calls", str(most), **aws.environment())
    assert len(aws.calls) == most
    verdicts = [one["verdict"] for one in results_of(done)]
    assert len(verdicts) == 4
    assert verdicts[-1] == "unknown"
    assert f"{most} calls were made with the credentials (--max-calls)" in done.out.splitlines()[-1]
    assert done.status == 3


def test_the_rows_of_each_account_have_the_bound_for_themselves(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(9)])
    run(*ASSUME, "--max-calls", "15", **aws.environment())
    keys = {one.access_key_id for one in aws.calls if one.operation == "GetCallerIdentity"}
    assert len(keys) == 3
    assert Counter(one.access_key_id for one in aws.calls if one.operation != "AssumeRole") == dict.fromkeys(keys, 14)
    assert aws.actions.count("sts:AssumeRole") == 3


def test_retries_count_as_calls(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    aws.hook("sts:GetCallerIdentity", lambda call: error(call.protocol, 400, "Throttling", "Rate exceeded"))
    write_rows(tmp_path, [{}])
    done = run("fleet", "fleet.jsonl", "--max-calls", "2", **aws.environment())
    assert aws.actions == ["sts:GetCallerIdentity"] * 2
    assert results_of(done)[0]["verdict"] == "unknown"
    assert "2 calls were made with the credentials (--max-calls)" in done.out


def test_no_row_passes_for_which_the_bound_left_no_call(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{"endpoint": f"e{n}"} for n in range(3)])
    skipped = [
        word for name in ("sts.active", "endpoint-config.ready", "endpoint-name.ready") for word in ("--skip", name)
    ]
    whole = run("fleet", "fleet.jsonl", *skipped, **aws.environment())
    assert [one["verdict"] for one in results_of(whole)] == ["pass"] * 3
    done = run("fleet", "fleet.jsonl", *skipped, "--max-calls", "5", **aws.environment())
    assert results_of(done)[-1]["verdict"] == "unknown"


def test_a_budget_gives_each_number_once(tmp_path: Path) -> None:
    def is_taken(_: int) -> bool:
        try:
            CallBudget(str(tmp_path), 100).take("account 123456789012")
        except AwsUnavailableError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(is_taken, range(400))) == 100
    with pytest.raises(AwsUnavailableError, match="cannot be counted"):
        CallBudget(str(tmp_path / "gone"), 100).take("account 123456789012")


@pytest.mark.slow
def test_worker_processes_share_the_bound_exactly(aws: LoopbackAws, tmp_path: Path) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(30)])
    command = [sys.executable, "-m", "iamcheck", *ASSUME, "--workers", "2", "--max-calls", "21"]
    done = subprocess.run(command, cwd=tmp_path, env=aws.environment(), capture_output=True, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["row"] for one in results] == list(range(1, 31))
    assert {one["verdict"] for one in results} == {"unknown"}
    assert len(aws.calls) == 3 * 21
