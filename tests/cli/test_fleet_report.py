"""`iamcheck fleet report`: what the results of a fleet come to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, allow, deny, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run, Write

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
ROLE = f"arn:aws:iam::{ACCOUNT}:role"


@pytest.fixture
def results(run: Run, write: Write, tmp_path: Path) -> str:
    """Results of every verdict."""
    lock = deny("*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, Sid="Lock")
    write("lock.json", policy(allow("*"), lock))
    write("mfa.json", policy(allow("*"), deny("*", Condition=MFA)))
    write("half.json", policy(allow("sagemaker:CreateEndpoint")))
    row = {"config": "c", "account_id": ACCOUNT, "region": "us-east-1"}
    rows = [
        {**row, "endpoint": "a", "policy": ["lock.json"], "principal": f"{ROLE}/ci"},
        {**row, "endpoint": "b", "policy": ["lock.json"], "principal": f"{ROLE}/ci"},
        {**row, "endpoint": "a", "policy": ["lock.json"], "principal": f"{ROLE}/ci", "region": "eu-west-1"},
        {**row, "endpoint": "a", "policy": ["half.json"]},
        {**row, "endpoint": "a", "policy": ["mfa.json"]},
        {**row, "endpoint": "<b>|`x`"},
        {"endpint": "a"},
    ]
    (tmp_path / "fleet.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "results.jsonl")
    return "results.jsonl"


def test_json_has_every_answer(results: str, run: Run) -> None:
    done = run("fleet", "report", results, "--output", "json")
    found = done.document
    assert done.status == 0
    assert (found["rows"], found["verdicts"]) == (7, {"pass": 1, "fail": 3, "invalid": 2, "unknown": 1})
    by_statement, by_nothing = sorted(found["cannot_deploy"], key=lambda one: -len(one["rows"]))
    assert by_statement == {
        "principal": f"{ROLE}/ci",
        "account_id": ACCOUNT,
        "region": "us-east-1",
        "deployments": ["a", "b"],
        "rows": [1, 2],
        "stopped_by": [found["statements"][0]["statement"]],
    }
    assert by_nothing["principal"] == "the caller"
    assert found["statements"] == [
        {"statement": f"statement Lock of the identity policy lock.json, line {LINE}", "rows": 2}
    ]
    assert {one["call"].partition(" on ")[0] for one in found["missing"]} == {
        "implicitDeny: sagemaker:CreateEndpointConfig"
    }
    assert found["unknown"] == {
        "keys": [{"key": "aws:multifactorauthpresent", "rows": 1, "settles": 1}],
        "cures": [],
    }
    assert sorted((one["rows"], one["row_numbers"]) for one in found["invalid"]) == [(1, [6]), (1, [7])]


def test_a_statement_of_an_scp_is_named_as_check_names_it(run: Run, write: Write, tmp_path: Path) -> None:
    write("allow.json", policy(allow("*")))
    write("scp.json", policy(allow("*"), deny("sagemaker:*", Sid="Lock")))
    row = {"endpoint": "a", "config": "c", "account_id": ACCOUNT, "region": "us-east-1"}
    row_text = json.dumps({**row, "policy": ["allow.json"], "scp": ["scp.json"]})
    (tmp_path / "rows.jsonl").write_text(f"{row_text}\n")
    run("fleet", "rows.jsonl", "--offline", "--output-file", "results.jsonl")
    done = run("fleet", "report", "results.jsonl")
    assert "statement Lock of the service control policy (SCP) scp.json" in done.flat
    assert "scp policy" not in done.flat


LINE = 9
"""Where the statement Lock begins in lock.json."""


@pytest.mark.parametrize("output", ["table", "markdown", "html"])
def test_each_format_says_it(output: str, results: str, run: Run) -> None:
    done = run("fleet", "report", results, "--output", output)
    assert done.status == 0
    for text in (
        "7 rows: 1 pass, 3 fail, 2 invalid, 1 unknown",
        "Who cannot deploy what and where",
        f"{ROLE}/ci",
        "statement Lock of the identity policy lock.json",
        "aws:MultiFactorAuthPresent",
        "row numbers",
        "settles 1 of these rows by itself" if output == "table" else "rows that it settles by itself",
    ):
        assert text in done.flat
    if output == "html":
        assert "<b>" not in done.out


def test_a_manifest_may_be_called_report(results: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "report").write_bytes((tmp_path / "fleet.jsonl").read_bytes())
    done = run("fleet", "./report", "--offline")
    assert [json.loads(line)["verdict"] for line in done.out.splitlines()] == [
        json.loads(line)["verdict"] for line in (tmp_path / results).read_text().splitlines()
    ]


def test_parquet_has_a_line_for_each_piece_of_evidence(results: str, run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet

    done = run("fleet", "report", results, "--parquet", "results.parquet", "--output", "json")
    assert done.document["rows"] == 7
    lines = pyarrow.parquet.read_table(tmp_path / "results.parquet").to_pylist()
    assert {line["row"] for line in lines} == set(range(1, 8))
    denied = [line for line in lines if line["sid"] == "Lock" and line["decision"] == "explicitDeny"]
    assert {(line["row"], line["principal"], line["region"]) for line in denied} == {
        (1, f"{ROLE}/ci", "us-east-1"),
        (2, f"{ROLE}/ci", "us-east-1"),
    }
    assert next(line["open_keys"] for line in lines if line["row"] == 5 and line["status"] == "unknown") == [
        "aws:multifactorauthpresent"
    ]
    (invalid,) = [line for line in lines if line["row"] == 7]
    assert (invalid["verdict"], invalid["check_id"]) == ("invalid", None)
    assert "endpint" in invalid["error"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        ("{", "line 1: it is no result of iamcheck fleet (half a line at the end"),
        ('{"row": 1}\n', "line 1: it is no result of iamcheck fleet (give the file"),
        ('{"row": 1, "verdict": "pass", "reports": []}\n[]\n', "line 2: it is no result"),
    ],
)
def test_what_is_no_result_is_refused(text: str, why: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(text)
    done = run("fleet", "report", "results.jsonl")
    assert (done.status, done.out) == (2, "")
    assert why in done.err


def test_help_tells_of_the_report(run: Run) -> None:
    assert "iamcheck fleet report RESULTS" in run("fleet", "--help").out
    assert run("fleet", "report", "--help").out.startswith("Usage: iamcheck fleet report ")
