"""A certain decision stays what it is, whatever the unknown keys and the unread layers turn out to be."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import UNREAD, Decision, PolicySet, Request
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
