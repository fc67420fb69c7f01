"""Writes what a principal may do for SageMaker deployments as one policy, with all layers intersected.

What an Allow of one layer and an Allow of another leave together is written where a policy can say it, and put in words
where it cannot: so the policy never allows more than the layers do.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.assumptions import LayerState
from iamcheck.checks.policy.reach import acts_on, covers, has_wildcard
from iamcheck.iam.model import Effect, Policy, PolicyType, Statement, Unread
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.permissions.operations import all_operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.iam.model import Condition, PolicySet

__all__ = ["PrincipalCan", "deployment_actions", "principal_can", "rests_on"]

_DEPENDENT: Final = ("iam:PassRole", "kms:CreateGrant", "sagemaker:AddTags")
"""Actions that calls of a deployment need besides their own."""


class PrincipalCan(NamedTuple):
    """What a principal may do for deployments.

    Args:
        policy: What it may do for certain, as far as a policy can say it.
        words: What else it may, or may not, do, in words: none where the policy says it all.
    """

    policy: Policy
    words: tuple[str, ...]


def deployment_actions() -> tuple[str, ...]:
    """The actions of SageMaker deployments, sorted."""
    return tuple(sorted({*_DEPENDENT, *(operation.action for operation in all_operations())}))


class _Allow(NamedTuple):
    """An Allow, or what several leave together.

    Args:
        actions: Actions of deployments.
        resources: Its resources.
        conditions: Its conditions, all of which must hold.
        name: The statements that it comes from.
    """

    actions: frozenset[str]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    name: str


def principal_can(policies: PolicySet) -> PrincipalCan:
    """What the layers over a principal leave of the actions of deployments.

    Args:
        policies: The identity policies, the boundary and the SCPs. Policies of resources, RCPs and session policies are
            not among it.
    """
    words: list[str] = []
    actions = deployment_actions()
    layers = list(_layers(policies, words))
    allowed: list[_Allow] | None = None
    for layer, level in layers:
        own = [one for policy in level for one in _allows(policy, layer, actions, words)]
        allowed = own if allowed is None else list(_intersected(allowed, own, words))
    if any(text.startswith("not read") for text in words):
        # a Deny may stand there, so that nothing is certain
        allowed = []
    denies = [one for _, level in layers for policy in level for one in _denies(policy, actions, words)]
    statements = [*_statements(allowed or ()), *denies]
    numbered = tuple(replace(one, index=index) for index, one in enumerate(statements))
    return PrincipalCan(Policy(numbered, "2012-10-17"), tuple(dict.fromkeys(words)))


def _layers(policies: PolicySet, words: list[str]) -> Iterator[tuple[PolicyType, Sequence[Policy]]]:
    """The layers that must each allow."""
    if isinstance(policies.identity, Unread):
        words.append(f"not read: an {POLICY_NAMES[PolicyType.IDENTITY]}; what it allows or denies is not known")
    else:
        yield PolicyType.IDENTITY, policies.identity
    if isinstance(policies.boundary, Unread):
        words.append(f"not read: the {POLICY_NAMES[PolicyType.BOUNDARY]}; what it leaves is not known")
    elif policies.boundary is not None:
        yield PolicyType.BOUNDARY, (policies.boundary,)
    if isinstance(policies.scps, Unread):
        words.append(f"not read: a {POLICY_NAMES[PolicyType.SCP]}; what it leaves is not known")
    else:
        yield from ((PolicyType.SCP, level) for level in policies.scps)


def _allows(policy: Policy, layer: PolicyType, actions: Sequence[str], words: list[str]) -> Iterator[_Allow]:
    for one in policy.statements:
        acted = frozenset(action for action in actions if acts_on(one, action))
        if one.effect is not Effect.ALLOW or not acted:
            continue
        name = _name(one, policy)
        if one.resources is None:
            excepted = ", ".join(one.not_resources or ())
            words.append(
                f"{name} of the {POLICY_NAMES[layer]} allows {_listed(acted)} on all but {excepted}: not written"
            )
        elif _has_literal_variables(one, policy):
            words.append(
                f"{name} of the {POLICY_NAMES[layer]} allows {_listed(acted)}, with a text with ${{ under the older "
                "Version: not written"
            )
        else:
            yield _Allow(acted, one.resources, one.conditions, name)


def _denies(policy: Policy, actions: Sequence[str], words: list[str]) -> Iterator[Statement]:
    """The Denies that act on the actions: they hold whatever allows."""
    for one in policy.statements:
        acted = tuple(action for action in actions if acts_on(one, action))
        if one.effect is Effect.DENY and acted:
            if _has_literal_variables(one, policy):
                words.append(f"{_name(one, policy)} denies {_listed(frozenset(acted))} with a text with ${{ under the "
                             "older Version, here on every resource and without its conditions")  # fmt: skip
                yield replace(one, sid=None, actions=acted, not_actions=None, resources=("*",), not_resources=None,
                              conditions=())  # fmt: skip
            else:
                yield replace(one, sid=None, actions=acted, not_actions=None)


def _has_literal_variables(statement: Statement, policy: Policy) -> bool:
    """Whether a text means another thing under the newer Version, in which `${` begins a variable."""
    texts = (
        *(statement.resources or ()),
        *(statement.not_resources or ()),
        *(value for condition in statement.conditions for value in condition.values),
    )
    return policy.version != "2012-10-17" and any("${" in text for text in texts)


def _intersected(first: Sequence[_Allow], second: Sequence[_Allow], words: list[str]) -> Iterator[_Allow]:
    """What two layers both allow."""
    for one, other in product(first, second):
        actions = one.actions & other.actions
        if not actions:
            continue
        resources, is_whole = _common(one.resources, other.resources)
        conditions = _together(one.conditions, other.conditions)
        if conditions is None:
            words.append(f"{_listed(actions)}: where the conditions of {one.name} and of {other.name} both hold")
            continue
        if not is_whole:
            words.append(f"{_listed(actions)}: on the resources that {one.name} and {other.name} have in common")
        if resources:
            name = one.name if other.resources == ("*",) and not other.conditions else f"{one.name} with {other.name}"
            yield _Allow(actions, resources, conditions, name)


def _common(first: Sequence[str], second: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """The resources that both lists have, as far as they can be written, and whether that is all."""
    found: dict[str, None] = {}
    is_whole = True
    for one, other in product(first, second):
        if covers(other, one):
            found[one] = None
        elif covers(one, other):
            found[other] = None
        elif _may_be_both(one, other):
            is_whole = False
    return tuple(found), is_whole


def _may_be_both(one: str, other: str) -> bool:
    """Whether some resource may be both, where neither has all that the other has."""
    if "${" in one or "${" in other:
        return True
    return has_wildcard(one) or has_wildcard(other)


def _together(first: Sequence[Condition], second: Sequence[Condition]) -> tuple[Condition, ...] | None:
    """The conditions of both; None: one block cannot have them, for it has each operator and key once."""
    found = {(str(one.operator), one.key.lower()): one for one in first}
    if len(found) < len(first):
        return None
    for one in second:
        known = found.setdefault((str(one.operator), one.key.lower()), one)
        if known.values != one.values:
            return None
    return tuple(found.values())


def _statements(allowed: Sequence[_Allow]) -> Iterator[Statement]:
    """The Allows, those alike joined."""
    joined: dict[tuple[tuple[str, ...], tuple[Condition, ...]], set[str]] = {}
    for one in allowed:
        joined.setdefault((one.resources, one.conditions), set()).update(one.actions)
    for (resources, conditions), actions in joined.items():
        yield Statement(Effect.ALLOW, actions=tuple(sorted(actions)), resources=resources, conditions=conditions)


def _name(statement: Statement, policy: Policy) -> str:
    own = f"statement {statement.sid}" if statement.sid else f"Statement[{statement.index}]"
    return f"{own} of {policy.name}"


def _listed(actions: frozenset[str]) -> str:
    return ", ".join(sorted(actions))


_SCPS_OPEN: Final = {
    LayerState.NOT_GIVEN: ("SCPs: none were given (--scp or --organizations gives them)",),
    LayerState.LEFT_OUT: ("SCPs: --organizations ignore leaves them out, and each may deny more",),
}


def rests_on(*, gaps: Sequence[str], scps: LayerState | None) -> tuple[str, ...]:
    """What the policy does not have, in words.

    Args:
        gaps: What was not read of the principal.
        scps: Why SCPs are not among the layers; None: they are, or none applies.
    """
    return (
        *(f"not read: {gap}" for gap in gaps),
        *(() if scps is None else _SCPS_OPEN[scps]),
        "kms:CreateGrant and other calls on a key: the key's policy must allow them too",
        "policies of other resources, such as a model package group: one that names the principal may allow more",
        "RCPs, session policies and VPC endpoint policies: each may deny more",
    )
