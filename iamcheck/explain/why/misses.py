"""Finds what was nearest to allowing a request, and which statements deny it.

The engine decides and traces; nothing is matched a second time here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.explain.why.difference import Difference, difference
from iamcheck.explain.why.reasons import reasons
from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.engine.explain import explain
from iamcheck.iam.engine.statements import action_matcher
from iamcheck.iam.model import UNREAD, Decision, Effect, Policy, PolicySet, PolicyType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.explain.why.difference import Rank
    from iamcheck.iam.engine.explain import StatementTrace
    from iamcheck.iam.model import Request, StatementRef, Unread

__all__ = ["Applied", "Miss", "applied_denies", "blocking_level", "nearest_misses"]


@dataclass(frozen=True, slots=True)
class Miss:
    """An Allow that did not match, with all that kept it from matching."""

    ref: StatementRef
    differences: tuple[Difference, ...]
    """What failed, then what may fail: the nearest to a match first. Empty: the statement speaks of the request, and
    what it grants does not count here (a role's trust policy in AWS's simulator, for one)."""

    @property
    def text(self) -> str:
        """One line: `statement Deploy of deployer, line 3: Resource has us-east-1, the request eu-west-1`."""
        differences_text = (
            "; ".join(difference.text for difference in self.differences)
            or "it speaks of the request, but does not count here"
        )
        return f"{self.ref}: {differences_text}"


@dataclass(frozen=True, slots=True)
class Applied:
    """A Deny that matched, with what made it apply."""

    ref: StatementRef
    reasons: tuple[str, ...]
    """`Condition StringNotEquals aws:RequestedRegion: the request has eu-central-1, the policy exempts eu-west-1`."""
    perhaps: bool = False
    """It is taken to apply because keys of which nothing is known are taken to be absent."""

    @property
    def text(self) -> str:
        """One line: the statement, and what made it apply."""
        return f"{self.ref}: {'; '.join(self.reasons)}"


def nearest_misses(
    request: Request, policies: PolicySet, *, most: int = 3, semantics: Semantics = Semantics.LIVE
) -> tuple[Miss, ...]:
    """The Allows that came nearest, in the layer that stopped an implicit deny; nothing for any other decision.

    Statements of which fewer elements fail come first; among them a condition is nearer than a resource, a resource
    than a principal, a principal than an action; a resource of the same service and type with fewer parts that differ,
    and an action of the same service with the likest name, are nearer than others; else the policies' order is kept.
    Statements whose actions are all of other services are left out, but for the first where all are such.

    Args:
        request: What is asked.
        policies: The policies, as for `evaluate`. Of SCPs and RCPs the first level that stops the request counts.
        most: How many at most.
        semantics: As for `evaluate`.

    Returns:
        Empty where the layer has no Allow at all, or where nobody has read it.

    Raises:
        UnsupportedElementError: A statement stands in a layer that does not take it.
    """
    answer = evaluate(request, policies, semantics=semantics)
    if answer.decision is not Decision.IMPLICIT_DENY or answer.blocked_by is None:
        return ()
    layer, level = answer.blocked_by, blocking_level(request, policies, answer.blocked_by, semantics=semantics)
    misses = [
        _miss(trace, request, policies)
        for trace in explain(request, policies, semantics=semantics)
        if trace.effect is Effect.ALLOW and trace.ref.policy_type is layer and level in (None, trace.ref.level)
    ]
    ordered = [miss for _, miss in sorted(misses, key=lambda one: one[0])]
    of_service = [miss for miss in ordered if _has_service_of(request, miss)]
    return tuple((of_service or ordered[:1])[:most])


def applied_denies(
    request: Request, policies: PolicySet, *, semantics: Semantics = Semantics.LIVE
) -> tuple[Applied, ...]:
    """The Denies that decide an explicit deny, in the policies' order; nothing for any other decision.

    Raises:
        UnsupportedElementError: A statement stands in a layer that does not take it.
    """
    answer = evaluate(request, policies, semantics=semantics)
    if answer.decision is not Decision.EXPLICIT_DENY:
        return ()
    traces = {
        _place(traced.ref): traced for traced in explain(request, policies, semantics=semantics, only=answer.matched)
    }
    denies = [traces[_place(ref)] for ref in answer.matched]
    return tuple(Applied(trace.ref, reasons(trace, request), trace.matched is None) for trace in denies)


def blocking_level(
    request: Request, policies: PolicySet, layer: PolicyType, *, semantics: Semantics = Semantics.LIVE
) -> int | None:
    """The first level of SCPs or RCPs, from the root, that has no Allow for a request; None for other layers."""
    if layer is PolicyType.SCP and policies.scps is not UNREAD:
        alone = [PolicySet(scps=[level]) for level in policies.scps]
    elif layer is PolicyType.RCP and policies.rcps is not UNREAD:
        alone = [PolicySet(rcps=[level]) for level in policies.rcps]
    else:
        return None
    blocked = (
        place for place, level in enumerate(alone) if evaluate(request, level, semantics=semantics).blocked_by is layer
    )
    return next(blocked, None)


def _miss(trace: StatementTrace, request: Request, policies: PolicySet) -> tuple[tuple[object, ...], Miss]:
    variables = _version(trace.ref, policies) == "2012-10-17"
    open_ones = [element for element in trace.elements if element.matched is None]
    failed = sorted(
        (difference(element, request, variables=variables) for element in trace.failed),
        key=lambda pair: _filled(pair[1]),
    )
    perhaps = [difference(element, request, variables=variables)[0] for element in open_ones]
    ranks = tuple(_filled(rank) for _, rank in failed)
    order = (len(failed), ranks, len(open_ones), _place(trace.ref))
    return order, Miss(trace.ref, (*(missed for missed, _ in failed), *perhaps))


def _has_service_of(request: Request, miss: Miss) -> bool:
    """Whether a statement has an action of the request's service: its nearest action, where all its actions failed."""
    service = request.action_key.partition(":")[0]
    actions = [pattern for each in miss.differences if each.element == "Action" for pattern in each.wanted]
    return not actions or any(action_matcher(pattern.lower().partition(":")[0])(service) for pattern in actions)


def _filled(rank: Rank) -> Rank:
    """Ranks are compared with each other, whatever element they are of."""
    return (*rank, *(0.0 for _ in range(5 - len(rank))))


def _place(ref: StatementRef) -> tuple[int, int, int, int]:
    return (
        list(PolicyType).index(ref.policy_type),
        -1 if ref.level is None else ref.level,
        ref.source,
        -1 if ref.index is None else ref.index,
    )


def _version(ref: StatementRef, policies: PolicySet) -> str:
    layer: Sequence[Policy] | Policy | Unread | None
    match ref.policy_type:
        case PolicyType.BOUNDARY:
            layer = policies.boundary
        case PolicyType.RESOURCE:
            layer = policies.resource
        case PolicyType.IDENTITY:
            layer = policies.identity
        case PolicyType.SESSION:
            layer = policies.session
        case PolicyType.SCP | PolicyType.RCP:
            levels = policies.scps if ref.policy_type is PolicyType.SCP else policies.rcps
            layer = None if levels is UNREAD or ref.level is None else levels[ref.level]
    if layer is None or layer is UNREAD:
        return ""
    return layer.version if isinstance(layer, Policy) else layer[ref.source].version
