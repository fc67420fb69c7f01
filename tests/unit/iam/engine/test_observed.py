"""The engine gives every answer that AWS was seen to give: live and in its policy simulator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import ContextValue, KeyType, Policy, PolicySet, Request

if TYPE_CHECKING:
    from typing import Any

OBSERVED = Path(__file__).parents[3] / "cases" / "observed"
ALLOW_ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def _rows(name: str) -> list[Any]:
    return [
        pytest.param(json.loads(line), id=f"{name}:{number}")
        for number, line in enumerate((OBSERVED / f"{name}.jsonl").read_text("utf-8").splitlines(), 1)
    ]


@pytest.mark.parametrize("row", _rows("live"))
def test_live(row: dict[str, Any]) -> None:
    statements = [{"Effect": row["effect"], "Action": "iam:TagUser", "Resource": "*", "Condition": row["condition"]}]
    if row["allowed_otherwise"]:
        statements.append({"Effect": "Allow", "Action": "iam:TagUser", "Resource": "*"})
    document = {"Version": "2012-10-17", "Statement": statements}
    context = {f"aws:RequestTag/{key}": value for key, value in row["tags"].items()}
    request = Request(
        "iam:TagUser",
        "arn:aws:iam::123456789012:user/test",
        context={**context, **({"aws:TagKeys": list(row["tags"])} if row["tags"] else {})},
        absent=["aws:RequestTag/team", "aws:RequestTag/value"]
        if not row["tags"]
        else [key for key in ("aws:RequestTag/team", "aws:RequestTag/value") if key not in context],
    )
    if not row["tags"]:
        request = Request(request.action, request.resource, absent=[*request.absent, "aws:TagKeys"])
    policies = PolicySet(
        identity=[Policy.parse(ALLOW_ALL)], session=[Policy.parse(document, name="session", stored=False)]
    )
    answer = evaluate(request, policies)
    assert answer.certain
    assert answer.allowed is (row["answer"] == "allowed")


@pytest.mark.parametrize("row", [row for row in _rows("simulator") if "error" not in row.values[0]])
def test_simulator(row: dict[str, Any]) -> None:
    given = row["input"]
    policies = PolicySet(
        identity=[
            Policy.parse(text, name=f"PolicyInputList.{number}", stored=False)
            for number, text in enumerate(given["PolicyInputList"], 1)
        ],
        resource=Policy.parse(given["ResourcePolicy"], name="ResourcePolicy", stored=False)
        if "ResourcePolicy" in given
        else None,
    )
    request = Request(
        row["action"],
        given.get("ResourceArns", ["*"])[0],
        principal=given.get("CallerArn"),
        context={
            entry["ContextKeyName"]: ContextValue(
                tuple(entry["ContextKeyValues"]),
                KeyType(entry["ContextKeyType"]),
                entry["ContextKeyType"][-4:] == "List",
            )
            for entry in given["ContextEntries"]
        },
    )
    answer = evaluate(request, policies, semantics=Semantics.SIMULATOR)
    assert answer.decision == row["decision"]
    found = [
        {
            "SourcePolicyId": ref.policy,
            "StartPosition": {"Line": ref.start.line, "Column": ref.start.column},
            "EndPosition": {"Line": ref.end.line, "Column": ref.end.column},
        }
        for ref in answer.matched
        if ref.start and ref.end
    ]
    for statement in row["MatchedStatements"]:
        del statement["SourcePolicyType"]
    assert found == row["MatchedStatements"]
