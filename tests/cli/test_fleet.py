"""`iamcheck fleet`: many rows, each with the result that `check` gives, in order, whatever becomes of the others."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, NEEDS_MFA, REGION_LOCK, ROLE, allow, deny, policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.cli import Done, Run, Write

HERE: dict[str, object] = {"region": "eu-west-1", "account_id": ACCOUNT}
NAMES: dict[str, object] = {"endpoint": "churn", "config": "churn-v7"}
EVERYTHING = policy(allow("*"))


def lines(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def as_json_lines(rows: Sequence[Mapping[str, object]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def files(write: Write, tmp_path: Path) -> None:
    """The files that the rows name."""
    write("allow.json", EVERYTHING)
    write("mfa.json", NEEDS_MFA)
    write("lock.json", REGION_LOCK)
    write("nothing.json", policy(allow("s3:GetObject")))
    write("scp.json", policy(deny("ec2:*")))
    write("endpoint.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
    (tmp_path / "stack.yaml").write_text(STACK)
    details = {
        "UserDetailList": [],
        "GroupDetailList": [],
        "Policies": [],
        "RoleDetailList": [
            {
                "RoleName": "ci",
                "RoleId": "AROAEXAMPLE",
                "Arn": ROLE,
                "Path": "/",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
                "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": EVERYTHING}],
                "AttachedManagedPolicies": [],
                "InstanceProfileList": [],
                "Tags": [],
            }
        ],
    }
    write("details.json", details)


STACK = """\
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: !Sub 'churn-${Stage}'
      ProductionVariants:
        - {VariantName: a, ModelName: m, InstanceType: ml.m5.large, InitialInstanceCount: 1, InitialVariantWeight: 1}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: !Sub 'churn-${Stage}'
      EndpointConfigName: !GetAtt Config.EndpointConfigName
"""

ROWS: list[tuple[dict[str, object], list[str]]] = [
    (NAMES, ["churn", "churn-v7"]),
    ({**NAMES, "policy": ["allow.json"]}, ["churn", "churn-v7", "--policy", "allow.json"]),
    ({**NAMES, "policy": "mfa.json"}, ["churn", "churn-v7", "--policy", "mfa.json"]),
    (
        {**NAMES, "policy": ["mfa.json"], "context": ["aws:MultiFactorAuthPresent=false"]},
        ["churn", "churn-v7", "--policy", "mfa.json", "--context", "aws:MultiFactorAuthPresent=false"],
    ),
    (
        {**NAMES, "policy": ["mfa.json"], "absent": ["aws:MultiFactorAuthPresent"]},
        ["churn", "churn-v7", "--policy", "mfa.json", "--absent", "aws:MultiFactorAuthPresent"],
    ),
    ({**NAMES, "policy": ["nothing.json"]}, ["churn", "churn-v7", "--policy", "nothing.json"]),
    (
        {**NAMES, "policy": ["lock.json"], "scp": ["FullAWSAccess,scp.json"], "boundary": "allow.json"},
        ["churn", "churn-v7", "--policy", "lock.json", "--scp", "FullAWSAccess,scp.json", "--boundary", "allow.json"],
    ),
    (
        {**NAMES, "principal": ROLE, "authorization_details": "details.json", "scope": "deploy"},
        ["churn", "churn-v7", "--principal", ROLE, "--authorization-details", "details.json", "--scope", "deploy"],
    ),
    ({"from": "stack.yaml"}, ["--from", "stack.yaml"]),
    ({"from": "stack.yaml", "parameter": ["Stage=prod"]}, ["--from", "stack.yaml", "--parameter", "Stage=prod"]),
    (
        {"from": "stack.yaml", "policy": ["allow.json"], "excess": True, "strict": True},
        ["--from", "stack.yaml", "--policy", "allow.json", "--excess", "--strict"],
    ),
    ({"request": "endpoint.json"}, ["--request", "endpoint.json"]),
    ({**NAMES, "skip": ["policy.minimal"]}, ["churn", "churn-v7", "--skip", "policy.minimal"]),
    (
        {**NAMES, "scope": "update", "expect_endpoint": "existing", "expect_config": "new"},
        ["churn", "churn-v7", "--scope", "update", "--endpoint", "existing", "--config", "new"],
    ),
]
"""A row, and the words of `check` that it stands for."""


@pytest.mark.usefixtures("files")
def test_the_result_of_a_row_is_the_document_of_check_with_its_number(run: Run, tmp_path: Path) -> None:
    # each row twice: what the first has in common with the second must not change its result
    rows = [{**row, **HERE} for row, _ in ROWS] * 2
    (tmp_path / "fleet.jsonl").write_text(as_json_lines(rows))
    results = run("fleet", "fleet.jsonl", "--offline").out.splitlines()
    expected = []
    for _, words in ROWS:
        done = run("check", *words, "--offline", "--region", "eu-west-1", "--account-id", ACCOUNT, "--output", "json")
        expected.append(json.loads(done.out))
    assert results == [json.dumps({"row": number, **one}) for number, one in enumerate(expected * 2, 1)]


@pytest.mark.usefixtures("files")
def test_two_processes_give_the_bytes_of_one(run: Run, tmp_path: Path) -> None:
    rows = [{**row, **HERE} for row, _ in ROWS] * 3
    (tmp_path / "fleet.jsonl").write_text(as_json_lines(rows))
    alone = run("fleet", "fleet.jsonl", "--offline", "--output-file", "one.jsonl")
    together = run("fleet", "fleet.jsonl", "--offline", "--workers", "2", "--output-file", "two.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert (alone.status, alone.err) == (together.status, together.err) == (1, alone.err)
    assert alone.out == together.out == ""


@pytest.mark.usefixtures("files")
def test_csv_and_yaml_say_what_json_lines_say(run: Run, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {**row, **HERE, "account_id": "012345678901"} for row, _ in ROWS if "principal" not in row
    ]
    keys = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(keys)
    for row in rows:
        cells = (row.get(key, "") for key in keys)
        writer.writerow(json.dumps(cell) if isinstance(cell, (list, bool)) else cell for cell in cells)
    (tmp_path / "fleet.csv").write_text(text.getvalue())
    lists = {key for row in rows for key, value in row.items() if isinstance(value, list)}
    items = [
        "- "
        + "\n  ".join(
            f"{key}: {json.dumps(value) if key in lists else str(value).lower() if value is True else value}"
            for key, value in row.items()
        )
        for row in rows
    ]
    (tmp_path / "fleet.yaml").write_text("\n".join(items))
    (tmp_path / "fleet.jsonl").write_text(as_json_lines(rows))
    outputs = [run("fleet", name, "--offline").out for name in ("fleet.jsonl", "fleet.csv", "fleet.yaml")]
    assert outputs[0].count("\n") == len(rows)
    assert outputs[0] == outputs[1] == outputs[2]
    assert "invalid" not in {one["verdict"] for one in map(json.loads, outputs[0].splitlines())}


def test_an_object_stands_for_the_pairs_that_an_option_repeats(run: Run, tmp_path: Path) -> None:
    pairs = {"aws:SourceIp": "203.0.113.7", "aws:username": "a=b"}
    row = {"endpoint": "churn", "config": "churn-v7", "policy": ["wide.json"], **HERE, "account_id": "012345678901"}
    (tmp_path / "wide.json").write_text(json.dumps(EVERYTHING))
    listed = [f"{key}={value}" for key, value in pairs.items()]
    rows = [{**row, "context": context} for context in (pairs, listed, {"aws:SourceIp": 7}, {"aws:SourceIp": ["x"]})]
    (tmp_path / "fleet.jsonl").write_text(as_json_lines(rows))
    whole, same, *bad = map(json.loads, run("fleet", "fleet.jsonl", "--offline").out.splitlines())
    assert {**whole, "row": 2} == same
    assert same["verdict"] == "pass"
    assert [one["error"] for one in bad] == [
        "context: 'aws:SourceIp': 7 is no text (write it between quotes)",
        "context: 'aws:SourceIp': ['x'] is no text (write it between quotes)",
    ]


BAD_ROWS = [
    ("{", "not JSON"),
    ("[1]", "not a JSON object"),
    ('{"endpoint": "a", "endpoint": "b"}', "'endpoint' stands twice"),
    ('{"endpint": "a"}', "did you mean endpoint?"),
    ('{"output": "json"}', "there is no such key"),
    ('{"endpoint": 7}', "endpoint: 7 is no text"),
    ('{"endpoint": "a", "config": "b", "account_id": 123456789012}', "account_id: 123456789012 is no text"),
    ('{"endpoint": "a", "config": "b", "pin": "yes"}', "pin: 'yes' is no truth value"),
    ('{"endpoint": "a", "config": "b", "scope": "all"}', "scope: "),
    ('{"endpoint": "a", "config": "b", "scope": ""}', "scope: it is empty"),
    ('{"endpoint": "a", "config": "b", "policy": [["allow.json"]]}', "policy: "),
    ('{"endpoint": "a", "config": "b", "policy": "missing.json"}', "missing.json: there is no such file"),
    ('{"endpoint": "a", "config": "b", "policy": "-"}', "a row reads no standard input"),
    ('{"endpoint": "a", "config": "b", "timeout": NaN}', "timeout: "),
    ('{"endpoint": "bad_name!", "config": "b"}', "bad_name!"),
    ('{"endpoint": "a"}', "config: not given"),
    ('{"endpoint": "a", "config": "b", "region": "mars-1"}', "mars-1"),
    ('{"from": "binary.yaml"}', "binary.yaml"),
    ("\x00\x01", "not JSON"),
]


@pytest.mark.parametrize(("bad", "why"), BAD_ROWS)
def test_a_bad_row_is_its_own_result_and_the_rest_is_unharmed(bad: str, why: str, run: Run, tmp_path: Path) -> None:
    good = json.dumps({**NAMES, **HERE})
    (tmp_path / "binary.yaml").write_bytes(b"\x00\xff\xfe" * 100)
    (tmp_path / "fleet.jsonl").write_text(f"{good}\n{bad}\n\n{good}\n")
    done = run("fleet", "fleet.jsonl", "--offline", "--region", "eu-west-1", "--account-id", ACCOUNT)
    first, middle, last = lines(done)
    assert done.status == 2
    assert done.err == "iamcheck: 3 rows: 2 pass, 0 fail, 1 invalid, 0 unknown\n"
    assert (middle["row"], middle["verdict"], middle["reports"]) == (2, "invalid", [])
    assert why in middle["error"]
    assert first.pop("row") == 1
    assert last.pop("row") == 3
    assert first == last
    assert first["verdict"] == "pass"


def test_a_row_that_is_not_utf8_is_invalid(run: Run, tmp_path: Path) -> None:
    good = json.dumps({**NAMES, **HERE}).encode()
    (tmp_path / "fleet.jsonl").write_bytes(good + b"\n\xff\xfe\n" + good)
    done = run("fleet", "fleet.jsonl", "--offline")
    assert [one["verdict"] for one in lines(done)] == ["pass", "invalid", "pass"]


@pytest.mark.parametrize(
    ("policies", "status"),
    [
        (["allow.json"], 0),
        (["allow.json", "mfa.json"], 3),
        (["allow.json", "mfa.json", "missing.json"], 2),
        (["allow.json", "mfa.json", "missing.json", "nothing.json"], 1),
    ],
)
@pytest.mark.usefixtures("files")
def test_the_exit_status_is_that_of_the_worst_row(policies: list[str], status: int, run: Run, tmp_path: Path) -> None:
    (tmp_path / "fleet.jsonl").write_text(as_json_lines([{**NAMES, **HERE, "policy": name} for name in policies]))
    done = run("fleet", "fleet.jsonl", "--offline")
    assert done.status == status
    assert len(lines(done)) == len(policies)


def test_a_glob_of_templates_is_a_manifest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for name in ("b", "a"):
        (tmp_path / "stacks" / f"{name}.yaml").write_text(STACK.replace("churn", name))
    here = ("--offline", "--region", "eu-west-1", "--account-id", ACCOUNT)
    done = run("fleet", "--from", "stacks/*.yaml", *here)
    names = [one["reports"][0]["deployment"]["endpoint_name"] for one in lines(done)]
    assert names == ["a-dev", "b-dev"]
    nothing = run("fleet", "--from", "stacks/*.yml", *here)
    assert (nothing.status, nothing.out) == (2, "")
    assert "no file is called stacks/*.yml" in nothing.err


@pytest.mark.usefixtures("files")
def test_paths_are_relative_to_the_manifest_and_those_of_options_are_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "own.json").write_text(json.dumps(EVERYTHING))
    (tmp_path / "sub" / "fleet.jsonl").write_text(as_json_lines([{**NAMES, **HERE, "policy": ["own.json"]}]))
    done = run("fleet", "sub/fleet.jsonl", "--offline", "--scp", "FullAWSAccess,scp.json")
    (result,) = lines(done)
    assert result["verdict"] == "pass"
    (asked,) = [one for one in result["reports"][0]["checks"] if one["id"] == "principal.allowed"]
    assert asked["evidence"][0]["decided_by"]["policy"] == "sub/own.json"


@pytest.mark.usefixtures("files")
def test_an_option_counts_for_rows_that_do_not_have_it(run: Run, tmp_path: Path) -> None:
    rows = [{**NAMES, **HERE}, {**NAMES, **HERE, "policy": ["nothing.json"]}, {**NAMES, **HERE, "policy": None}]
    (tmp_path / "fleet.jsonl").write_text(as_json_lines(rows))
    done = run("fleet", "fleet.jsonl", "--offline", "--policy", "allow.json")
    asked = [
        next(one["status"] for one in result["reports"][0]["checks"] if one["id"] == "principal.allowed")
        for result in lines(done)
    ]
    assert asked == ["pass", "fail", "skipped"]


def test_standard_input_is_a_manifest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = as_json_lines([{**NAMES, **HERE}] * 2)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = run("fleet", "-", "--offline")
    assert [one["row"] for one in lines(done)] == [1, 2]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "MANIFEST: not given"),
        (("missing.jsonl",), "missing.jsonl: there is no such file"),
        (("empty.jsonl",), "empty.jsonl: the manifest has no rows"),
        (("twice.csv",), "the column 'endpoint' stands twice"),
        (("one.jsonl", "--output-file", "missing/out.jsonl"), "missing/out.jsonl"),
        (("one.jsonl", "--workers", "0"), "--workers"),
        (("one.jsonl", "--resume", "missing.jsonl"), "there is no such file"),
    ],
)
def test_a_run_that_cannot_begin_says_why(words: tuple[str, ...], why: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "twice.csv").write_text("endpoint,endpoint\na,b\n")
    (tmp_path / "one.jsonl").write_text(as_json_lines([{**NAMES, **HERE}]))
    done = run("fleet", *words, "--offline")
    assert (done.status, done.out) == (2, "")
    assert why in done.err


# --- resume


@pytest.fixture
def interrupted(run: Run, tmp_path: Path, files: None) -> bytes:
    """A manifest `fleet.jsonl` whose results are in `results.jsonl`, whole; gives their bytes."""
    rows: list[Mapping[str, object]] = [{**row, **HERE} for row, _ in ROWS[:6]]
    rows.append({"endpint": "a"})
    (tmp_path / "fleet.jsonl").write_text(as_json_lines(rows))
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "results.jsonl")
    return (tmp_path / "results.jsonl").read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.55, 0.8, 0.999, 1.0])
def test_a_resumed_run_gives_the_bytes_of_an_uninterrupted_one(
    share: float, interrupted: bytes, run: Run, tmp_path: Path
) -> None:
    results = tmp_path / "results.jsonl"
    results.write_bytes(interrupted[: int(len(interrupted) * share)])
    done = run("fleet", "fleet.jsonl", "--offline", "--resume", "results.jsonl")
    assert results.read_bytes() == interrupted
    assert (done.status, done.out) == (1, "")
    assert done.err == "iamcheck: 7 rows: 3 pass, 2 fail, 1 invalid, 1 unknown\n"


def test_a_run_that_wrote_nothing_can_be_resumed(interrupted: bytes, run: Run, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").unlink()
    run("fleet", "fleet.jsonl", "--offline", "--resume", "results.jsonl")
    assert (tmp_path / "results.jsonl").read_bytes() == interrupted


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("fleet.jsonl", "{}\n", "the manifest differs"),
        ("mfa.json", json.dumps(EVERYTHING), "mfa.json differs"),
        ("results.jsonl.state", "{", "cannot be read as the state of a run"),
        ("results.jsonl.state", "[]", "cannot be read as the state of a run"),
        ("results.jsonl", '{"row": 2}\n', "line 1 is not the result of row 1"),
        ("results.jsonl", "\n", "line 1 is not the result of row 1"),
    ],
)
def test_what_differs_is_not_resumed(
    name: str, text: str, why: str, interrupted: bytes, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "results.jsonl").write_bytes(interrupted[:-100])
    (tmp_path / name).write_text(text)
    before = (tmp_path / "results.jsonl").read_bytes()
    done = run("fleet", "fleet.jsonl", "--offline", "--resume", "results.jsonl")
    assert (done.status, done.out) == (2, "")
    assert why in done.err
    assert (tmp_path / "results.jsonl").read_bytes() == before


@pytest.mark.usefixtures("interrupted")
def test_other_options_and_another_version_are_not_resumed(run: Run, tmp_path: Path) -> None:
    done = run("fleet", "fleet.jsonl", "--offline", "--strict", "--resume", "results.jsonl")
    assert (done.status, "the options differ" in done.err) == (2, True)
    state = tmp_path / "results.jsonl.state"
    state.write_text(json.dumps({**json.loads(state.read_text()), "version": "0.0.1 2020-01-01"}))
    done = run("fleet", "fleet.jsonl", "--offline", "--resume", "results.jsonl")
    assert (done.status, "iamcheck's version differs" in done.err) == (2, True)
    state.unlink()
    done = run("fleet", "fleet.jsonl", "--offline", "--resume", "results.jsonl")
    assert (done.status, "nobody knows what the results were made from" in done.err) == (2, True)
