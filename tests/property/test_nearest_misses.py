"""The nearest misses agree with the decision: there are some exactly where the layer that stopped it has an Allow."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.explain.why import applied_denies, denial_message, nearest_misses
from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import UNREAD, Decision, Effect, Policy, PolicySet, PolicyType, Request
from tests.profiles import examples
from tests.property.worlds import policy_sets, requests

if TYPE_CHECKING:
    from collections.abc import Sequence


def _levels(policies: PolicySet, layer: PolicyType) -> Sequence[Sequence[Policy]]:
    """The policies of a layer; more than one level for SCPs and RCPs alone."""
    found = {
        PolicyType.IDENTITY: policies.identity,
        PolicyType.BOUNDARY: policies.boundary,
        PolicyType.RESOURCE: policies.resource,
        PolicyType.SESSION: policies.session,
    }.get(layer)
    if layer is PolicyType.SCP:
        return () if policies.scps is UNREAD else policies.scps
    if layer is PolicyType.RCP:
        return () if policies.rcps is UNREAD else policies.rcps
    if found is None or found is UNREAD:
        return ()
    return [[found]] if isinstance(found, Policy) else [found]


def _allows(level: Sequence[Policy]) -> int:
    return sum(one.effect is Effect.ALLOW for policy in level for one in policy.statements)


def _near(request: Request, level: Sequence[Policy]) -> int:
    """How many statements are named: those that allow something of the service, else one of the others."""
    service = request.action_key.partition(":")[0]
    of_service = sum(
        row.effect is Effect.ALLOW
        and (row.actions is None or any(fnmatchcase(service, text.lower().partition(":")[0]) for text in row.actions))
        for policy in level
        for row in policy.statements
    )
    return of_service or min(1, _allows(level))


@given(requests(), policy_sets(), st.sampled_from(Semantics))
@examples(100)
def test_misses_and_denies_agree_with_the_decision(
    asked: tuple[Request, tuple[str, ...]], policies: PolicySet, semantics: Semantics
) -> None:
    request, _ = asked
    answer = evaluate(request, policies, semantics=semantics)
    misses = nearest_misses(request, policies, most=99, semantics=semantics)
    denies = applied_denies(request, policies, semantics=semantics)
    assert [one.ref for one in denies] == (list(answer.matched) if answer.decision is Decision.EXPLICIT_DENY else [])
    assert all(one.reasons for one in denies)
    assert bool(denial_message(answer)) is (answer.decision is not Decision.ALLOWED)
    if answer.decision is not Decision.IMPLICIT_DENY:
        assert misses == ()
        return
    assert answer.blocked_by is not None
    levels = _levels(policies, answer.blocked_by)
    if answer.blocked_by in (PolicyType.SCP, PolicyType.RCP):
        named = {miss.ref.level for miss in misses}
        assert len(named) <= 1
        # a level that is passed over allows the request by itself
        assert misses or any(_allows(level) == 0 for level in levels)
        assert all(len(misses) == _near(request, levels[level]) for level in named if level is not None)
    else:
        assert len(misses) == _near(request, [policy for level in levels for policy in level])
    assert {miss.ref.policy_type for miss in misses} <= {answer.blocked_by}
    assert [len([one for one in miss.differences if not one.perhaps]) for miss in misses] == sorted(
        len([one for one in miss.differences if not one.perhaps]) for miss in misses
    )
    if semantics is Semantics.LIVE:
        assert all(miss.differences for miss in misses), "an Allow that speaks of the request would have allowed it"
    assert misses[:3] == nearest_misses(request, policies, semantics=semantics)
