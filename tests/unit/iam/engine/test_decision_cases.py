"""Every rule on statements and layers, as a case: its source, policies, a request, and what the engine must say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import UNREAD, Decision, Policy, PolicySet, Request

CASES = json.loads((Path(__file__).parents[3] / "cases" / "engine" / "decisions.json").read_text("utf-8"))


def _policy(statements: list[dict[str, Any]]) -> Policy:
    # some rows hold what IAM takes in its simulator and does not store
    return Policy.parse({"Version": "2012-10-17", "Statement": statements}, stored=False)


def _layer(name: str, content: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
    if content == "UNREAD":
        return UNREAD
    if name in ("boundary", "resource"):
        return _policy(content)
    if name in ("scps", "rcps"):
        return [[_policy(one) for one in level] for level in content]
    return [_policy(one) for one in content]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{n}-{case['source'][:40]}") for n, case in enumerate(CASES)])
def test_decision(case: dict[str, Any]) -> None:
    layers = {
        ("resource" if name == "resource_policy" else name): content for name, content in case["policies"].items()
    }
    policies = PolicySet(**{name: _layer(name, content) for name, content in layers.items()})
    expect = case["expect"]
    for semantics in [Semantics(case["semantics"])] if "semantics" in case else list(Semantics):
        answer = evaluate(Request(**case["request"]), policies, semantics=semantics)
        said = {
            "decision": answer.decision,
            "certain": answer.certain,
            "blocked_by": answer.blocked_by,
            "open_keys": sorted(answer.open_keys),
            "open_layers": sorted(answer.open_layers),
            "missing": sorted(answer.missing_context),
            "matched": [[ref.policy_type, ref.index] for ref in answer.matched],
            "could_allow": answer.could_allow,
        }
        assert {name: said[name] for name in expect} == expect, (semantics, case["source"])
        assert answer.could_allow or answer.decision is not Decision.ALLOWED
        assert (answer.blocked_by is None) is (answer.decision is Decision.ALLOWED)
