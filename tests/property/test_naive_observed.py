"""The naive reading against AWS's own answers, before it may judge the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.iam.model import ContextValue, Decision, KeyType, Policy, PolicySet, PolicyType, Position, Request
from tests.naive import Place, decide

if TYPE_CHECKING:
    from iamcheck.iam.model import ContextInput

OBSERVED = Path(__file__).parents[1] / "cases" / "observed"
USER = "arn:aws:iam::123456789012:user/somebody"


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (OBSERVED / name).read_text("utf-8").splitlines()]


def _wrong_live(row: dict[str, Any]) -> bool:
    action = {"Action": "iam:TagUser", "Resource": "*"}
    statements = [{"Effect": row["effect"], **action, "Condition": row["condition"]}]
    if row["allowed_otherwise"]:
        statements.append({"Effect": "Allow", **action})
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statements}, stored=False)
    context: dict[str, ContextInput] = {
        f"aws:RequestTag/{key}": ContextValue((value,), KeyType.STRING) for key, value in row["tags"].items()
    }
    if row["tags"]:
        context["aws:TagKeys"] = list(row["tags"])
    answer = decide(Request("iam:TagUser", USER, USER, context), PolicySet([policy]))
    expected: str = row["answer"]
    return (answer.decision is Decision.ALLOWED) != (expected == "allowed")


def test_it_agrees_with_enforcement() -> None:
    rows = _rows("live.jsonl")
    assert len(rows) > 400
    assert [row for row in rows if _wrong_live(row)] == []


def _request(row: dict[str, Any]) -> Request:
    given = row["input"]
    context: dict[str, ContextInput] = {
        entry["ContextKeyName"]: ContextValue(
            tuple(entry["ContextKeyValues"]), kind := KeyType(entry["ContextKeyType"]), kind.many
        )
        for entry in given["ContextEntries"]
    }
    (resource,) = given.get("ResourceArns", ["*"])
    if "ResourceOwner" in given:
        context["aws:ResourceAccount"] = given["ResourceOwner"].split(":")[4]
    return Request(row["action"], resource, given.get("CallerArn"), context)


def _position(position: Position | None) -> tuple[int, int]:
    assert position is not None
    return position.line, position.column


def _wrong_simulator(row: dict[str, Any]) -> bool:
    identity = [Policy.parse(text, stored=False) for text in row["input"]["PolicyInputList"]]
    text = row["input"].get("ResourcePolicy")
    resource = Policy.parse(text, stored=False) if text else None
    answer = decide(_request(row), PolicySet(identity, resource=resource), simulator=True)

    def seen(place: Place) -> tuple[str, tuple[int, int], tuple[int, int]]:
        beside = place.policy_type is PolicyType.RESOURCE and resource
        statement = (beside or identity[place.source]).statements[place.index]
        source = "ResourcePolicy" if beside else f"PolicyInputList.{place.source + 1}"
        return source, _position(statement.start), _position(statement.end)

    expected = {
        (
            one["SourcePolicyId"],
            (one["StartPosition"]["Line"], one["StartPosition"]["Column"]),
            (one["EndPosition"]["Line"], one["EndPosition"]["Column"]),
        )
        for one in row["MatchedStatements"]
    }
    return str(answer.decision) != row["decision"] or {seen(place) for place in answer.matched} != expected


def test_it_agrees_with_the_simulator() -> None:
    # the rows with an error are about the input, which the naive reading does not check
    rows = [row for row in _rows("simulator.jsonl") if "error" not in row]
    assert len(rows) > 150
    assert [row for row in rows if _wrong_simulator(row)] == []


@pytest.mark.parametrize("name", ["live.jsonl", "simulator.jsonl"])
def test_the_check_can_fail(name: str) -> None:
    wrong = _wrong_live if name == "live.jsonl" else _wrong_simulator
    row = next(row for row in _rows(name) if "error" not in row)
    answers = {"allowed": "denied", "denied": "allowed", "implicitDeny": "allowed"}
    field = "answer" if name == "live.jsonl" else "decision"
    assert wrong({**row, field: answers[row[field]]})
