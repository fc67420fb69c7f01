"""Finds the smallest change of a statement that is there: one resource, action or condition value more.

Offered only where the statement then allows nothing that is not needed beside what it allows now: a statement with a
wildcard would hand the wildcard on.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.explain.remedies.layers import changing, policy_of
from iamcheck.explain.remedies.statements import PURPOSE_OPERATORS
from iamcheck.explain.why import nearest_misses
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from iamcheck.explain.why import Difference
    from iamcheck.iam.model import Policy, PolicySet, Request, Statement, StatementRef

__all__ = ["changed", "diff"]


def changed(
    policies: PolicySet, denied: Iterable[Request], needed: Sequence[Request], unchangeable: Collection[str]
) -> tuple[PolicySet, tuple[tuple[Policy, Policy], ...]] | None:
    """The set with the nearest statements widened until they take every denied request; None where that cannot be.

    Args:
        policies: The policies.
        denied: What is denied, by no Allow of an identity policy.
        needed: Every request that is needed, the denied ones among them.
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
    policies: PolicySet, request: Request, needed: Sequence[Request], unchangeable: Collection[str]
) -> tuple[PolicySet, StatementRef, Policy] | None:
    for miss in nearest_misses(request, policies):
        if len(miss.differences) != 1 or miss.ref.index is None:
            continue
        policy = policy_of(policies, miss.ref)
        if policy is None or policy.name in unchangeable:
            continue
        statement = policy.statements[miss.ref.index]
        difference = miss.differences[0]
        wider = _widened(statement, difference, request)
        if wider is None or not _is_needed(statement, wider, difference, needed):
            continue
        statements = tuple(wider if statement.index == miss.ref.index else statement for statement in policy.statements)
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
    if difference.element == "Condition" and _is_one_more_text(difference):
        conditions = tuple(
            condition._replace(values=(*condition.values, *(difference.had or ())))
            if str(condition.operator) == difference.operator and condition.key == difference.key
            else condition
            for condition in statement.conditions
        )
        return replace(statement, conditions=conditions)
    return None


def _is_one_more_text(difference: Difference) -> bool:
    """Whether the value of the request, put beside those of the condition, stands for itself and nothing else."""
    values = difference.had or ()
    is_text = len(values) == 1 and not any(character in values[0] for character in "*?$")
    return is_text and difference.operator in {"StringEquals", "StringLike"}


def _is_needed(statement: Statement, wider: Statement, difference: Difference, needed: Sequence[Request]) -> bool:
    """Whether all that a wider statement allows beside what it allowed before is needed, or is nothing at all."""
    more_values = statement.conditions != wider.conditions
    pairs = _pairs(wider) - (set() if more_values else _pairs(statement))
    for action, resource in pairs:
        of_pair = [
            request for request in needed if (request.action_key, request.resource) == (action.lower(), resource)
        ]
        if more_values and difference.key is not None:
            key = difference.key.lower()
            of_pair = [one for one in of_pair if key in one.given and one.given[key].values == difference.had]
        if (
            not any(_requires_purpose(wider, one) for one in of_pair)
            and catalogue.accepts(action, resource) is not False
        ):
            return False
    return bool(pairs)


def _requires_purpose(statement: Statement, request: Request) -> bool:
    """Whether the conditions let an action through for what the request is made for, and for nothing else."""
    return all(
        any(
            condition.key.lower() == key.lower()
            and str(condition.operator) == operator
            and set(condition.values) <= set(request.given[key.lower()].values)
            for condition in statement.conditions
        )
        for key, operator in PURPOSE_OPERATORS.items()
        if key.lower() in request.given
    )


def _pairs(statement: Statement) -> set[tuple[str, str]]:
    return {(action, resource) for action in statement.actions or () for resource in statement.resources or ()}


def diff(before: Policy, after: Policy) -> str:
    """The change of a policy as a unified diff of its text."""
    return "".join(_lines(before, after))


def _lines(before: Policy, after: Policy) -> Iterator[str]:
    from difflib import unified_diff

    now, then = (
        f"{json.dumps(document.to_dict(), indent=2)}\n".splitlines(keepends=True) for document in (before, after)
    )
    return unified_diff(now, then, fromfile=f"{before.name} (now)", tofile=f"{after.name} (changed)", n=2)
