"""The mistakes of other engines: each case has another answer under the mistaken reading that it names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import ContextValue, Evaluation, KeyType, Policy, PolicySet, Request

CASES = json.loads((Path(__file__).parents[3] / "cases" / "engine" / "traps.json").read_text("utf-8"))


def _policies(layers: dict[str, Any]) -> PolicySet:
    def one(statement: dict[str, Any]) -> Policy:
        return Policy.parse({"Version": "2012-10-17", "Statement": statement}, stored=False)

    return PolicySet(
        identity=[one(statement) for statement in layers.get("identity", [])],
        boundary=one(layers["boundary"]) if "boundary" in layers else None,
        scps=[[one(statement) for statement in level] for level in layers.get("scps", [])],
    )


def _answer(case: dict[str, Any], semantics: Semantics) -> Evaluation:
    context = {
        key: ContextValue(tuple(texts), KeyType(kind), KeyType(kind).many)
        for key, (kind, texts) in case.get("context", {}).items()
    }
    request = Request(case["action"], case["resource"], context=context, absent=case.get("absent", []))
    return evaluate(request, _policies(case["layers"]), semantics=semantics)


@pytest.mark.parametrize("semantics", Semantics)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["trap"])
def test_trap(case: dict[str, Any], semantics: Semantics) -> None:
    assert case["mistaken"] != case["decision"]
    answer = _answer(case, semantics)
    assert answer.decision.value == case["decision"]
    assert answer.certain


def test_a_missing_key_of_another_statement_is_no_reason_for_a_denial() -> None:
    # AWS lists the keys of all policies, irrelevant statements included: to supply one may change nothing
    irrelevant = {
        "Effect": "Allow",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:ViaAWSService": "true"}},
    }
    request = Request("s3:GetObject", "arn:aws:s3:::data/a")
    answer = evaluate(request, _policies({"identity": [irrelevant]}), semantics=Semantics.SIMULATOR)
    assert answer.missing_context == ("aws:ViaAWSService",)
    assert answer.certain
    assert answer.open_keys == frozenset()


def test_more_actions_than_plans_are_kept_for_are_decided_alike() -> None:
    policies = PolicySet(
        identity=[Policy.parse({"Statement": {"Effect": "Allow", "Action": "s3:A*", "Resource": "*"}})]
    )
    names = [f"{letter}{number}" for letter in "AB" for number in range(1100)]
    for _ in range(2):
        allowed = [evaluate(Request(f"s3:{name}", "arn:aws:s3:::b"), policies).allowed for name in names]
        assert allowed == [name.startswith("A") for name in names]


@pytest.mark.parametrize("semantics", Semantics)
@pytest.mark.parametrize("element", ["Resource", "NotResource"])
@pytest.mark.parametrize(
    ("entry", "resource", "value"),
    [
        ("arn:aws:nosuch::${aws:userid}:x", "arn:aws:nosuch::u:v:x", "u:v"),
        ("arn:*:nosuch::${aws:userid}:?x*", "arn:aws:nosuch::u:v:yxz", "u:v"),
        ("arn:aws:${aws:userid}:::x", "arn:aws:a:b:c:::x", "a:b:c"),
        ("arn:aws:nosuch:${aws:userid, 'z'}::x", "arn:aws:nosuch:a:b:::x", "a:b:"),
        ("arn:aws:nosuch::${aws:userid}:${aws:userid}", "arn:aws:nosuch::u:v:u:v", "u:v"),
    ],
)
def test_a_value_of_an_unknown_key_may_hold_colons(
    entry: str, resource: str, value: str, element: str, semantics: Semantics
) -> None:
    policies = _policies({"identity": [{"Effect": "Allow", "Action": "*", element: entry}]})
    unknown = evaluate(Request("nosuch:Thing", resource), policies, semantics=semantics)
    assert not unknown.certain
    assert unknown.open_keys == {"aws:userid"}
    if semantics is Semantics.SIMULATOR:
        known = evaluate(
            Request("nosuch:Thing", resource, context={"aws:userid": value}), policies, semantics=semantics
        )
        assert (known.allowed, known.certain) == (element == "Resource", True)


@pytest.mark.parametrize("semantics", Semantics)
def test_no_value_of_an_unknown_key_makes_another_text_match(semantics: Semantics) -> None:
    policies = _policies(
        {"identity": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:nosuch::${aws:userid}:x"}]}
    )
    unknown = evaluate(Request("nosuch:Thing", "arn:aws:nosuch::u:v:y"), policies, semantics=semantics)
    assert (unknown.allowed, unknown.certain) == (False, True)


@pytest.mark.parametrize("semantics", Semantics)
@pytest.mark.parametrize("value", ["a:b", "a"])
def test_a_value_may_hold_colons_in_an_incomplete_arn_too(value: str, semantics: Semantics) -> None:
    # IAM takes no such entry; a statement that is made without parsing may have it
    entry = "arn:aws:${aws:userid}:c"
    resource = f"arn:aws:{value}:c:d:e"
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = Policy.parse({"Version": "2012-10-17", "Statement": everything})
    statement = replace(policy.statements[0], resources=(entry,))
    policies = PolicySet(identity=[replace(policy, statements=(statement,))])
    unknown = evaluate(Request("nosuch:Thing", resource), policies, semantics=semantics)
    assert (unknown.certain, unknown.open_keys) == (False, frozenset({"aws:userid"}))
