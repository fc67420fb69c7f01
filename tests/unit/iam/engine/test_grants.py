"""What a grant in a resource policy is worth, by the principals that it names, under a boundary that allows nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import Effect, Policy, PolicySet, Principals, Request, Statement

CASES = json.loads((Path(__file__).parents[3] / "cases" / "engine" / "grants.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['semantics']}-{'+'.join(case['principal'])}")
def test_grant(case: dict[str, Any]) -> None:
    grant = {"Effect": "Allow", "Principal": {"AWS": case["principal"]}, "Action": "*", "Resource": "*"}
    elsewhere = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    policies = PolicySet(boundary=Policy.parse({"Statement": elsewhere}), resource=Policy.parse({"Statement": grant}))
    context = {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/path/ci"} if ":sts:" in case["caller"] else {}
    request = Request("iam:GetUser", "arn:aws:iam::123456789012:user/bob", case["caller"], context)
    answer = evaluate(request, policies, semantics=Semantics(case["semantics"]))
    assert answer.decision.value == case["decision"]
    assert answer.certain


def test_an_allow_with_not_principal_is_limited_as_one_for_everyone_is() -> None:
    """IAM does not store one, but a policy need not have been parsed."""
    named = Principals(aws=("arn:aws:iam::210987654321:root",))
    bucket = Policy((Statement(Effect.ALLOW, actions=("*",), resources=("*",), not_principals=named),))
    nothing = Policy.parse({"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}})
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", "arn:aws:iam::123456789012:user/u")
    assert evaluate(request, PolicySet(resource=bucket)).allowed is True
    assert evaluate(request, PolicySet(resource=bucket, boundary=nothing)).allowed is False
