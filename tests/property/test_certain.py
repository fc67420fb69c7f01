"""A certain decision stays what it is, whatever the unknown keys and the unread layers turn out to be."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import UNREAD, Decision, Policy, PolicySet, Request
from tests.profiles import examples
from tests.property.worlds import ABSENT, completions, contents, one_statement, policy_sets, requests

if TYPE_CHECKING:
    from iamcheck.iam.model import Evaluation

_MOST_COMPLETIONS = 3000


def _is_alike(decision: Decision, answer: Evaluation, policies: PolicySet) -> bool:
    """Across accounts a denial for want of an Allow of one's own is certain, though an unread policy may deny too."""
    if answer.request.is_across_accounts and policies.resource is UNREAD and not answer.could_allow:
        return decision is not Decision.ALLOWED
    return decision is answer.decision


def _check(asked: tuple[Request, tuple[str, ...]], policies: PolicySet, semantics: Semantics) -> None:
    request, unknown = asked
    answer = evaluate(request, policies, semantics=semantics)
    worlds = itertools.islice(itertools.product(contents(policies), completions(request, unknown)), _MOST_COMPLETIONS)
    for place, ((layers, filled), (settled, complete)) in enumerate(worlds):
        decision = evaluate(complete, filled, semantics=semantics).decision
        if place == 0:
            assert decision is answer.decision, "unknown keys are absent, unread layers are not there"
        if answer.certain:
            assert _is_alike(decision, answer, policies), (settled, layers)
        if not answer.could_allow:
            assert decision is not Decision.ALLOWED, (settled, layers)
        still = all(settled[key] == ABSENT for key in unknown if key.lower() in answer.open_keys)
        if still and not layers & answer.open_layers:
            assert _is_alike(decision, answer, policies), (
                settled,
                layers,
                "no open key differs and no open layer is there",
            )
    assert answer.open_keys <= {key.lower() for key in unknown} | {"aws:principalarn", "aws:username"}
    assert not answer.certain or (not answer.open_keys and not answer.open_layers)


@given(requests(), policy_sets(), st.sampled_from(Semantics))
@examples(60)
def test_no_completion_changes_a_certain_decision(
    asked: tuple[Request, tuple[str, ...]], policies: PolicySet, semantics: Semantics
) -> None:
    _check(asked, policies, semantics)


@given(one_statement(), st.sampled_from(Semantics))
@examples(200)
def test_a_statement_by_itself(world: tuple[tuple[Request, tuple[str, ...]], PolicySet], semantics: Semantics) -> None:
    _check(*world, semantics)


@pytest.mark.slow
@given(requests(), policy_sets(), st.sampled_from(Semantics))
@examples(500)
def test_no_completion_changes_a_certain_decision_in_many_worlds(
    asked: tuple[Request, tuple[str, ...]], policies: PolicySet, semantics: Semantics
) -> None:
    _check(asked, policies, semantics)


@given(
    st.sampled_from(range(1, 6)),
    st.text("a:/*", min_size=1, max_size=5),
    st.sampled_from(["a", "*", "?a", "a?"]),
    st.sampled_from(["Resource", "NotResource"]),
    st.sampled_from(Semantics),
)
@examples(100)
def test_a_value_with_colons_anywhere_in_an_arn_changes_no_certain_decision(
    place: int, value: str, pattern: str, element: str, semantics: Semantics
) -> None:
    parts = ["arn", "a", "a", "a", "a", "a"]
    resource = ":".join([*parts[:place], value, *parts[place + 1 :], "aa"])
    patterns = ["arn", "a", "a", pattern, "a", "a"]
    entry = ":".join([*patterns[:place], "${aws:userid}", *patterns[place + 1 :], "*"])
    statement = {"Effect": "Allow", "Action": "*", element: entry}
    policies = PolicySet(identity=[Policy.parse({"Version": "2012-10-17", "Statement": statement}, stored=False)])
    unknown = evaluate(Request("nosuch:Thing", resource), policies, semantics=semantics)
    known = evaluate(Request("nosuch:Thing", resource, context={"aws:userid": value}), policies, semantics=semantics)
    assert not unknown.certain or unknown.decision is known.decision
    assert unknown.could_allow or known.decision is not Decision.ALLOWED
