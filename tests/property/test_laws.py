"""Laws that every evaluation keeps, whatever the policies say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import UNREAD, Decision, Policy, PolicySet, Request
from tests.profiles import examples
from tests.property.worlds import policy_sets, requests

if TYPE_CHECKING:
    import random

_ASKED = requests().map(lambda pair: pair[0])
_EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_ALLOW = Policy.parse({"Statement": _EVERYTHING})
_DENY = Policy.parse({"Statement": {**_EVERYTHING, "Effect": "Deny"}})
_STRENGTH = {Decision.ALLOWED: 1, Decision.IMPLICIT_DENY: 0, Decision.EXPLICIT_DENY: 0}


@given(_ASKED, policy_sets(), st.sampled_from(Semantics))
@examples(30)
def test_a_matching_deny_always_wins(request: Request, policies: PolicySet, semantics: Semantics) -> None:
    if policies.identity is UNREAD:
        return
    answer = evaluate(request, replace(policies, identity=[*policies.identity, _DENY]), semantics=semantics)
    gated = semantics is Semantics.SIMULATOR and answer.decision is Decision.IMPLICIT_DENY
    assert gated or (answer.decision is Decision.EXPLICIT_DENY and answer.certain)


@given(_ASKED, policy_sets(unread=False), st.sampled_from(Semantics), st.randoms(use_true_random=False))
@examples(30)
def test_order_is_irrelevant(
    request: Request, policies: PolicySet, semantics: Semantics, chance: random.Random
) -> None:
    assert policies.identity is not UNREAD
    shuffled = [
        Policy(tuple(chance.sample(policy.statements, len(policy.statements))), policy.version)
        for policy in chance.sample(policies.identity, len(policies.identity))
    ]
    before = evaluate(request, policies, semantics=semantics)
    after = evaluate(request, replace(policies, identity=shuffled), semantics=semantics)
    for name in ("decision", "certain", "open_keys", "open_layers", "blocked_by", "could_allow"):
        assert getattr(after, name) == getattr(before, name)
    assert set(after.missing_context) == set(before.missing_context)


@given(_ASKED, policy_sets(unread=False), st.data(), st.sampled_from(Semantics))
@examples(30)
def test_boundaries_scps_and_sessions_only_shrink(
    request: Request, policies: PolicySet, data: st.DataObject, semantics: Semantics
) -> None:
    limits = data.draw(policy_sets(unread=False))
    free = replace(policies, boundary=None, scps=(), session=(), rcps=())
    for layer in ("boundary", "scps", "session", "rcps"):
        limited = evaluate(request, replace(free, **{layer: getattr(limits, layer)}), semantics=semantics)
        assert _STRENGTH[limited.decision] <= _STRENGTH[evaluate(request, free, semantics=semantics).decision]


@given(_ASKED, st.sampled_from(Semantics))
def test_no_policies_are_an_implicit_deny(request: Request, semantics: Semantics) -> None:
    answer = evaluate(request, PolicySet(), semantics=semantics)
    assert answer.decision is Decision.IMPLICIT_DENY
    assert answer.allowed is False


@given(_ASKED, policy_sets())
@examples(30)
def test_the_case_of_an_action_never_matters(request: Request, policies: PolicySet) -> None:
    answers = [evaluate(replace(request, action=one), policies) for one in (request.action, request.action.swapcase())]
    assert answers[0].decision is answers[1].decision
    assert answers[0].certain is answers[1].certain


@given(_ASKED, policy_sets(unread=False), st.sampled_from(Semantics))
@examples(30)
def test_the_short_way_agrees_with_the_flow_chart(request: Request, policies: PolicySet, semantics: Semantics) -> None:
    """Identity policies alone are decided in one step; an SCP that allows everything takes the long way."""
    alone = PolicySet(identity=policies.identity)
    short = evaluate(request, alone, semantics=semantics)
    long = evaluate(request, replace(alone, scps=[[_ALLOW]]), semantics=semantics)
    for name in ("decision", "certain", "open_keys", "matched", "blocked_by", "missing_context", "could_allow"):
        assert getattr(short, name) == getattr(long, name)


@given(_ASKED, st.text("ab*?/", max_size=6), st.text("ab*?/", max_size=6))
def test_a_substituted_value_never_acts_as_a_wildcard(request: Request, value: str, name: str) -> None:
    statement = {**_EVERYTHING, "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/mine}"}
    policies = PolicySet(identity=[Policy.parse({"Version": "2012-10-17", "Statement": statement})])
    asked = Request("s3:GetObject", f"arn:aws:s3:::b/{name}", context={"aws:PrincipalTag/mine": value})
    assert evaluate(asked, policies).allowed is (value == name)
