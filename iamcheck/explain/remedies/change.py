"""The smallest change of a statement that is there: one resource, action or condition value more.

Offered only where the statement then allows nothing that is not needed beside what it allows now: a statement with a
wildcard would hand the wildcard on.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.explain.remedies.layers import changing, policy_of
from iamcheck.explain.why import nearest_misses
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from iamcheck.explain.why import Difference
    from iamcheck.iam.model import Policy, PolicySet, Request, Statement, StatementRef

__all__ = ["changed", "diff"]


def changed(
    policies: PolicySet, denied: Iterable[Request], needed: Collection[tuple[str, str]], unchangeable: Collection[str]
) -> tuple[PolicySet, tuple[tuple[Policy, Policy], ...]] | None:
    """The set with the nearest statements widened until they take every denied request; None where that cannot be.

    Args:
        policies: The policies.
        denied: What is denied, by no Allow of an identity policy.
        needed: Every pair of an action, in lower case, and a resource that is needed.
        unchangeable: Names of policies that nobody can change: AWS's own.

    Returns:
        The set, and each policy that changed, before and after.
    """
    now = policies
    touched: dict[int, tuple[Policy, Policy]] = {}
    for request in denied:
        if not nearest_misses(request, now):
            # what was widened for another request takes this one too; whether it does is for the caller to see
            continue
        step = _one(now, request, needed, unchangeable)
        if step is None:
            return None
        now, ref, policy = step
        before = policy_of(policies, ref)
        if before is not None:
            touched[ref.source] = (before, policy)
    return (now, tuple(touched.values())) if touched else None


def _one(
    policies: PolicySet, request: Request, needed: Collection[tuple[str, str]], unchangeable: Collection[str]
) -> tuple[PolicySet, StatementRef, Policy] | None:
    for miss in nearest_misses(request, policies):
        if len(miss.differences) != 1 or miss.ref.index is None:
            continue
        policy = policy_of(policies, miss.ref)
        if policy is None or policy.name in unchangeable:
            continue
        statement = policy.statements[miss.ref.index]
        wider = _widened(statement, miss.differences[0], request)
        if wider is None or not _is_needed(statement, wider, needed):
            continue
        statements = tuple(wider if one.index == miss.ref.index else one for one in policy.statements)
        better = replace(policy, statements=statements)
        under = changing(policies, miss.ref, better)
        if under is not None:
            return under, miss.ref, better
    return None


def _widened(statement: Statement, difference: Difference, request: Request) -> Statement | None:
    if difference.perhaps:
        return None
    if difference.element == "Resource" and statement.resources is not None:
        return replace(statement, resources=(*statement.resources, request.resource))
    if difference.element == "Action" and statement.actions is not None:
        return replace(statement, actions=(*statement.actions, request.action))
    if difference.element == "Condition" and difference.operator in {"StringEquals", "StringLike"} and difference.had:
        conditions = tuple(
            replace(one, values=(*one.values, *difference.had))
            if str(one.operator) == difference.operator and one.key == difference.key
            else one
            for one in statement.conditions
        )
        return replace(statement, conditions=conditions)
    return None


def _is_needed(statement: Statement, wider: Statement, needed: Collection[tuple[str, str]]) -> bool:
    """Whether all that a wider statement allows beside what it allowed before is needed, or is nothing at all."""
    before = _pairs(statement) if statement.conditions == wider.conditions else set()
    pairs = _pairs(wider) - before
    return bool(pairs) and all(
        (action.lower(), resource) in needed or catalogue.accepts(action, resource) is False
        for action, resource in pairs
    )


def _pairs(statement: Statement) -> set[tuple[str, str]]:
    return {(action, resource) for action in statement.actions or () for resource in statement.resources or ()}


def diff(before: Policy, after: Policy) -> str:
    """The change of a policy as a unified diff of its text."""
    return "".join(_lines(before, after))


def _lines(before: Policy, after: Policy) -> Iterator[str]:
    from difflib import unified_diff

    now, then = (f"{json.dumps(one.to_dict(), indent=2)}\n".splitlines(keepends=True) for one in (before, after))
    return unified_diff(now, then, fromfile=f"{before.name} (now)", tofile=f"{after.name} (changed)", n=2)
