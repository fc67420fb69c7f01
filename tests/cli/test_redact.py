"""`--redact` of `explain` and `fleet report`: no account id and no name of a principal is left, in any format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, OFFLINE, allow, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run, Write

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploying-role/night-build"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploying-role"
MESSAGE = (
    f"User: {SESSION} is not authorized to perform: sagemaker:CreateEndpoint on resource: "
    f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn because no identity-based policy allows the "
    "sagemaker:CreateEndpoint action"
)
NAMES = (ACCOUNT, "deploying-role", "night-build")


@pytest.mark.parametrize("output", ["table", "json"])
def test_an_explanation_names_nobody(run: Run, write: Write, output: str) -> None:
    write("p.json", policy({**allow("iam:PassRole"), "Resource": ROLE}))
    words = ("explain", MESSAGE, "--policy", "p.json", "--output", output)
    plain, done = run(*words), run(*words, "--redact")
    assert (plain.status, done.status) == (0, 0)
    assert [name for name in NAMES if name not in plain.flat] == []
    assert [name for name in NAMES if name in done.flat] == []
    assert "arn:aws:sts::ACCOUNT-1:assumed-role/PRINCIPAL-" in done.flat
    assert "endpoint/churn" in done.flat


@pytest.mark.parametrize("output", ["table", "markdown", "html", "json"])
def test_the_report_of_a_fleet_names_nobody(run: Run, write: Write, tmp_path: Path, output: str) -> None:
    write("p.json", policy({**allow("iam:PassRole"), "Resource": ROLE}))
    row = {"endpoint": "churn", "config": "churn-v7", "principal": ROLE, "policy": ["p.json"]}
    (tmp_path / "fleet.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({**row, "account_id": "x"}))
    run("fleet", "fleet.jsonl", *OFFLINE[3:], "--output-file", "results.jsonl")
    words = ("fleet", "report", "results.jsonl", "--output", output)
    plain, done = run(*words), run(*words, "--redact")
    assert (plain.status, done.status) == (0, 0)
    assert [name for name in NAMES[:2] if name not in plain.flat] == []
    assert [name for name in NAMES[:2] if name in done.flat] == []
    assert "ACCOUNT-1" in done.flat
    assert "churn" in done.flat


def test_the_table_of_results_is_never_redacted(run: Run, tmp_path: Path) -> None:
    done = run("fleet", "report", "results.jsonl", "--redact", "--parquet", "results.parquet")
    assert (done.status, "--parquet writes the results as they are" in done.err) == (2, True)
    assert not (tmp_path / "results.parquet").exists()
