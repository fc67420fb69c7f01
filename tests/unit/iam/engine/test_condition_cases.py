"""Every rule on conditions, as a case: its source, a condition block, a context, and whether the block holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import ContextInput, ContextValue, Evaluation, KeyType, Policy, PolicySet, Request

CASES = json.loads((Path(__file__).parents[3] / "cases" / "engine" / "conditions.json").read_text("utf-8"))


def _value(raw: Any) -> ContextInput:  # noqa: ANN401 - whatever the JSON holds
    return ContextValue(tuple(raw["value"]), KeyType(raw["type"])) if isinstance(raw, dict) else raw


def _ask(case: dict[str, Any], statements: list[dict[str, Any]], semantics: Semantics) -> Evaluation:
    version = case.get("version", "2012-10-17")
    document = {**({"Version": version} if version else {}), "Statement": statements}
    policy = Policy.parse(document, stored=case.get("stored", True))
    request = Request(
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        context={key: _value(raw) for key, raw in case["context"].items()},
        absent=case.get("absent", ()),
    )
    return evaluate(request, PolicySet(identity=[policy]), semantics=semantics)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{n}-{case['source'][:40]}") for n, case in enumerate(CASES)])
def test_condition(case: dict[str, Any]) -> None:
    both = [Semantics(case["semantics"])] if "semantics" in case else list(Semantics)
    statement = {"Action": "s3:GetObject", "Resource": "*", "Condition": case["condition"]}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for semantics in both:
        allow = _ask(case, [{"Effect": "Allow", **statement}], semantics)
        deny = _ask(case, [{"Effect": "Deny", **statement}, everything], semantics)
        assert allow.allowed is case["holds"], (semantics, case["source"])
        denies = True if case.get("fails_closed") else case["holds"]
        assert deny.allowed is (None if denies is None else not denies), (semantics, case["source"])
