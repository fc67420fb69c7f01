"""`iamcheck fleet report`: what the results of a fleet come to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, allow, deny, policy

if TYPE_CHECKING:
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
    assert found["key_sets"] == []
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
        "(row 4)" if output == "table" else "row numbers",
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_documented_queries_answer_in_duckdb(
    results: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb", reason="the queries need DuckDB: pip install 'iamcheck[slow]'")
    page = (Path(__file__).parents[2] / "docs/commands/fleet.md").read_text()
    queries = dict(re.findall(r"^\| (which .*?) \| `(select .*)` \|$", page, re.MULTILINE))
    run("fleet", "report", results, "--parquet", "results.parquet")
    monkeypatch.chdir(tmp_path)
    assert {question: duckdb.sql(query).fetchall() for question, query in queries.items()} == {
        "which accounts fail most": [(ACCOUNT, 3)],
        "which statements deny, and whom": [("lock.json", "Lock", 1)],
        "which keys keep rows unknown": [("aws:multifactorauthpresent", 1)],
    }


def test_of_calls_that_differ_in_their_resource_alone_one_line_is_shown(run: Run, write: Write, tmp_path: Path) -> None:
    write("none.json", policy(allow("s3:*")))
    row = {"account_id": ACCOUNT, "region": "us-east-1", "policy": ["none.json"]}
    rows = [{**row, "endpoint": f"e{number}", "config": f"c{number}"} for number in range(3)]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    run("fleet", "rows.jsonl", "--offline", "--output-file", "results.jsonl")
    place = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}"
    (config, endpoint) = (
        f"implicitDeny: sagemaker:CreateEndpointConfig on 3 resources, such as {place}:endpoint-config/c0",
        f"implicitDeny: sagemaker:CreateEndpoint on 6 resources, such as {place}:endpoint-config/c0",
    )
    done = run("fleet", "report", "results.jsonl")
    assert f"- {endpoint} - {config} " in done.flat
    document = run("fleet", "report", "results.jsonl", "--output", "json").document
    assert document["missing"] == [{"call": endpoint, "rows": 3}, {"call": config, "rows": 3}]
    (stopped,) = document["cannot_deploy"]
    assert len(stopped["stopped_by"]) == 9


def test_a_call_that_is_denied_whatever_is_unknown_is_a_cause(run: Run, write: Write, tmp_path: Path) -> None:
    write("mfa.json", policy(allow("sagemaker:CreateEndpoint"), deny("*", Condition=MFA)))
    row = {"endpoint": "a", "config": "c", "account_id": ACCOUNT, "region": "us-east-1", "policy": ["mfa.json"]}
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(row)}\n")
    run("fleet", "rows.jsonl", "--offline", "--output-file", "results.jsonl")
    document = run("fleet", "report", "results.jsonl", "--output", "json").document
    (stopped,) = document["cannot_deploy"]
    config = f"sagemaker:CreateEndpointConfig on arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint-config/c"
    assert [text.partition(": ")[2] for text in stopped["stopped_by"]] == [config]
    assert document["missing"] == [{"call": stopped["stopped_by"][0], "rows": 1}]


def test_a_denial_that_is_not_certain_is_no_cause(run: Run, write: Write, tmp_path: Path) -> None:
    without_mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    config = "sagemaker:CreateEndpointConfig"
    write("half.json", policy(allow(config), deny(config, Condition=without_mfa, Sid="Perhaps")))
    row = {"endpoint": "a", "config": "c", "account_id": ACCOUNT, "region": "us-east-1", "policy": ["half.json"]}
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(row)}\n")
    run("fleet", "rows.jsonl", "--offline", "--output-file", "results.jsonl")
    document = run("fleet", "report", "results.jsonl", "--output", "json").document
    assert document["statements"] == []
    (missing,) = document["missing"]
    assert missing["call"].startswith("implicitDeny: sagemaker:CreateEndpoint on 2 resources, such as ")


def test_keys_that_settle_rows_together_are_named(run: Run, write: Write, tmp_path: Path) -> None:
    where = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
    write("office.json", policy(allow("*"), deny("*", Condition=where)))
    row = {"endpoint": "a", "config": "c", "account_id": ACCOUNT, "region": "us-east-1", "policy": ["office.json"]}
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(row)}\n")
    run("fleet", "rows.jsonl", "--offline", "--output-file", "results.jsonl")
    document = run("fleet", "report", "results.jsonl", "--output", "json").document
    assert document["key_sets"] == [{"keys": ["aws:sourceip", "aws:sourcevpce"], "rows": 1}]
    assert "1 aws:SourceIp, aws:SourceVpce" in run("fleet", "report", "results.jsonl").flat


RESULT: dict[str, object] = {"row": 1, "schema_version": "2", "verdict": "unknown", "error": None}
REPORT: dict[str, object] = {"principal": None, "deployment": {"account_id": ACCOUNT}}
CHECK: dict[str, object] = {
    "id": "principal.allowed",
    "status": "unknown",
    "summary": "?",
    "open_keys": [],
    "remedy": None,
    "evidence": [],
}


def result(check: dict[str, object] | None = None, report: dict[str, object] | None = None, **more: object) -> str:
    """A line of results that is as short as one can be, but for what a test changes."""
    return json.dumps(
        {**RESULT, "reports": [{**REPORT, "checks": [{**CHECK, **(check or {})}], **(report or {})}], **more}
    )


@pytest.mark.slow
def test_a_short_result_is_a_result(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "results.jsonl").write_text(f"{result()}\n")
    done = run("fleet", "report", "results.jsonl", "--parquet", "results.parquet")
    assert done.status == 0
    assert (tmp_path / "results.parquet").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "why"),
    [
        (result(schema_version="1"), "another version of iamcheck (run the fleet again"),
        (result(schema_version="3"), "another version"),
        (result(verdict="maybe"), "no result"),
        (result(row=True), "no result"),
        (result(row=0), "no result"),
        (result(row=10**30), "no result"),
        (result(error={}), "no result"),
        (result(reports=["x"]), "no result"),
        (result(reports=[{}]), "no result"),
        (result(report={"deployment": None}), "no result"),
        (result(report={"principal": 5}), "no result"),
        (result(report={"checks": {"a": 1}}), "no result"),
        (result({"evidence": "x"}), "no result"),
        (result({"evidence": [1]}), "no result"),
        (result({"open_keys": "abc"}), "no result"),
        (result({"open_keys": [5]}), "no result"),
        (result({"remedy": "x"}), "no result"),
        (result({"remedy": {"text": 5}}), "no result"),
        (result({"evidence": [{"decided_by": "x"}]}), "no result"),
        (result({"evidence": [{"decided_by": {"index": "a"}}]}), "no result"),
        (result({"evidence": [{"certain": "yes"}]}), "no result"),
        ('{"row": 2, "verdict": "pass"}', "no result"),
        ("[" * 100_000, "no result"),
    ],
)
def test_a_line_of_another_shape_is_refused_and_leaves_no_table(line: str, why: str, run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "results.jsonl").write_text(f"{result()}\n{line}\n")
    done = run("fleet", "report", "results.jsonl", "--parquet", "results.parquet")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert "results.jsonl, line 2: " in done.err
    assert why in done.err
    assert [file.name for file in tmp_path.iterdir() if "parquet" in file.name] == []


def test_the_table_is_not_written_over_the_results(results: str, run: Run, tmp_path: Path) -> None:
    before = (tmp_path / results).read_bytes()
    done = run("fleet", "report", results, "--parquet", f"./{results}")
    assert (done.status, "it is the file of the results" in done.err) == (2, True)
    assert (tmp_path / results).read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize(("path", "reason"), [("gone/results.parquet", "No such file or directory"), (".", "")])
def test_a_table_that_cannot_be_written_has_the_reason_of_the_system(
    path: str, reason: str, results: str, run: Run
) -> None:
    pytest.importorskip("pyarrow")
    done = run("fleet", "report", results, "--parquet", path)
    assert done.status == 2
    assert done.err.startswith(f"iamcheck: {path}: cannot be written: {reason}")
    assert "Detail" not in done.err


def test_each_cell_of_the_page_has_its_columns_name_for_narrow_screens(results: str, run: Run) -> None:
    page = run("fleet", "report", results, "--output", "html").out
    assert "<td" in page
    assert "<td>" not in page
    assert f'<td data-name="principal">{ROLE}/ci</td>' in page


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
