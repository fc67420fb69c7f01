"""`iamcheck fleet` online: sessions and roles are shared by rows, and calls are bounded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.shared_sessions import SharedSessions
from iamcheck.errors import AwsUnavailableError
from tests.documents import allow, document
from tests.server import error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli import Run
    from tests.server import Answer, Call, LoopbackAws

ACCOUNTS = ("123456789012", "210987654321", "345678901234")
EVERYTHING = document(allow("*"))
NAMES = {"endpoint": "churn", "config": "churn-v7", "region": "eu-west-1"}


def write_rows(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    (folder / "fleet.jsonl").write_text("".join(f"{json.dumps({**NAMES, **row})}\n" for row in rows))


def trust() -> dict[str, object]:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNTS[0]}:root"}
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def without_external_id(call: Call) -> Answer | None:
    """Refuse what a trust policy refuses that asks for the external id x1."""
    if call.parameters.get("ExternalId") == "x1":
        return None
    return error(call.protocol, 403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole")


def test_a_row_online_is_what_check_says(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{}, {}])
    check = run("check", "churn", "churn-v7", "--region", "eu-west-1", "--output", "json", **aws.environment())
    done = run("fleet", "fleet.jsonl", **aws.environment())
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"row": number, **check.document} for number in (1, 2)
    ]
    assert done.status == check.status


def test_a_role_is_assumed_once_in_each_account(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    for account in ACCOUNTS:
        aws.create_role("fleet", account_id=account, policy=EVERYTHING, trust=trust())
    write_rows(tmp_path, [{"account_id": account} for account in ACCOUNTS * 2])
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    results = [json.loads(line) for line in done.out.splitlines()]
    assert [one["reports"][0]["deployment"]["account_id"] for one in results] == [*ACCOUNTS, *ACCOUNTS]
    assert [one["reports"][0]["principal"] for one in results] == [
        f"arn:aws:sts::{account}:assumed-role/fleet/iamcheck-fleet" for account in ACCOUNTS * 2
    ]
    assert aws.actions.count("sts:AssumeRole") == 3


def test_a_role_that_may_not_be_assumed_is_unknown_with_the_cure(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    aws.create_role("fleet", policy=EVERYTHING, trust=trust())
    aws.hook("sts:AssumeRole", without_external_id)
    write_rows(tmp_path, [{"account_id": ACCOUNTS[0]}, {}])
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    refused, unplaced = (json.loads(line) for line in done.out.splitlines())
    assert (refused["verdict"], unplaced["verdict"]) == ("unknown", "invalid")
    assert "--external-id where its trust policy has one" in refused["error"]
    assert "asks for MFA" in refused["error"]
    assert "give account_id in the row" in unplaced["error"]
    again = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", "--external-id", "x1", **aws.environment())
    assert json.loads(again.out.splitlines()[0])["reports"][0]["principal"].endswith(
        "assumed-role/fleet/iamcheck-fleet"
    )


@pytest.mark.parametrize("most", [1, 5, 20])
def test_no_more_calls_are_made_than_the_bound(most: int, aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{}] * 4)
    before = len(aws.calls)
    done = run("fleet", "fleet.jsonl", "--max-calls", str(most), **aws.environment())
    assert 0 < len(aws.calls) - before <= most
    verdicts = [json.loads(line)["verdict"] for line in done.out.splitlines()]
    assert len(verdicts) == 4
    assert verdicts[-1] == "unknown"
    assert done.status == 3


def test_a_role_is_assumed_anew_before_its_credentials_expire(
    aws: LoopbackAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.create_role("fleet", policy=EVERYTHING, trust=trust())
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    moment = [0.0]
    shared = SharedSessions(role_name="fleet", clock=lambda: moment[0])

    def session() -> object:
        return shared.session(None, ACCOUNTS[0], region="eu-west-1", partition="aws", timeout=30)

    first = session()
    assert session() is first
    moment[0] = 10**12
    assert session() is not first
    assert aws.actions.count("sts:AssumeRole") == 2
    with pytest.raises(AwsUnavailableError, match="AssumeRole"):
        shared.session(None, "999999999999", region="eu-west-1", partition="aws", timeout=30)
