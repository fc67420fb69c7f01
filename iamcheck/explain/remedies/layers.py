"""Changes one thing of a policy set: a policy more, a statement less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.iam.model import Policy, PolicySet, PolicyType, Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.model import StatementRef

__all__ = ["adding", "changing", "policy_of", "without"]


def adding(policies: PolicySet, added: Policy, layer: PolicyType) -> PolicySet | None:
    """The set with a policy's statements added to a layer; None where nobody adds to it, or nobody has read it.

    Identity policies are a union, so that it is one more; a boundary is one policy, which gets more statements.
    """
    if layer is PolicyType.IDENTITY and not isinstance(policies.identity, Unread):
        return replace(policies, identity=(*policies.identity, added))
    if layer is PolicyType.BOUNDARY and isinstance(policies.boundary, Policy):
        boundary = policies.boundary
        more = [
            replace(statement, index=len(boundary.statements) + index)
            for index, statement in enumerate(added.statements)
        ]
        return replace(policies, boundary=replace(boundary, statements=(*boundary.statements, *more)))
    return None


def policy_of(policies: PolicySet, ref: StatementRef) -> Policy | None:
    """The policy in which a statement stands; None where nobody has read it."""
    policy = _place(policies, ref)
    return None if policy is None else policy[ref.source]


def changing(policies: PolicySet, ref: StatementRef, policy: Policy) -> PolicySet | None:
    """The set with another policy in the place of that in which a statement stands."""
    layer = _place(policies, ref)
    if layer is None:
        return None
    changed = tuple(policy if index == ref.source else unchanged for index, unchanged in enumerate(layer))
    match ref.policy_type:
        case PolicyType.IDENTITY:
            return replace(policies, identity=changed)
        case PolicyType.SESSION:
            return replace(policies, session=changed)
        case PolicyType.BOUNDARY:
            return replace(policies, boundary=policy)
        case PolicyType.RESOURCE:
            return replace(policies, resource=policy)
        case PolicyType.SCP:
            return replace(policies, scps=_level(policies.scps, ref, changed))
        case PolicyType.RCP:
            return replace(policies, rcps=_level(policies.rcps, ref, changed))


def without(policies: PolicySet, ref: StatementRef) -> PolicySet | None:
    """The set without one statement; None where nobody has read it."""
    policy = policy_of(policies, ref)
    if policy is None or ref.index is None:
        return None
    left = tuple(statement for statement in policy.statements if statement.index != ref.index)
    return changing(policies, ref, replace(policy, statements=left))


def _place(policies: PolicySet, ref: StatementRef) -> tuple[Policy, ...] | None:
    """The policies among which `ref.source` counts."""
    match ref.policy_type:
        case PolicyType.IDENTITY:
            layer: object = policies.identity
        case PolicyType.SESSION:
            layer = policies.session
        case PolicyType.BOUNDARY:
            layer = (policies.boundary,)
        case PolicyType.RESOURCE:
            layer = (policies.resource,)
        case PolicyType.SCP | PolicyType.RCP:
            levels = policies.scps if ref.policy_type is PolicyType.SCP else policies.rcps
            layer = () if isinstance(levels, Unread) or ref.level is None else levels[ref.level]
    policies_there = tuple(member for member in layer if isinstance(member, Policy)) if isinstance(layer, tuple) else ()
    return policies_there if ref.source < len(policies_there) else None


def _level(
    levels: Sequence[Sequence[Policy]] | Unread, ref: StatementRef, changed: tuple[Policy, ...]
) -> tuple[Sequence[Policy], ...]:
    known = () if isinstance(levels, Unread) else levels
    return tuple(changed if index == ref.level else level for index, level in enumerate(known))
