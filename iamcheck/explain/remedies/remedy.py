"""Finds what to do about a denial; each step was seen to help before it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from iamcheck.explain.policy_types import words_of
from iamcheck.explain.remedies.change import changed, diff
from iamcheck.explain.remedies.layers import adding, without
from iamcheck.explain.remedies.statements import needed_policy
from iamcheck.explain.remedies.wording import add_text, administrator, allow_text, denies_text, owner_of
from iamcheck.iam.model import Decision, Policy, PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.results import Remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from iamcheck.iam.model import Evaluation, PolicySet, Request, StatementRef
    from iamcheck.results import Json

__all__ = ["World", "named", "remedy_for"]

_MOST_STEPS: Final = 8


@dataclass(frozen=True)
class World:
    """The policies and the simulator with which a remedy is tried.

    Args:
        policies: The policies as they are.
        decide: The evaluations of all that is needed under other policies.
        principal: The ARN of whom the policies belong to; None where nobody is known.
        unchangeable: Names of policies that nobody can change: AWS's own.
        goal: What a remedy is seen to do.
    """

    policies: PolicySet
    decide: Callable[[PolicySet], Sequence[Evaluation]]
    principal: str | None = None
    unchangeable: Collection[str] = field(default_factory=frozenset)
    goal: str = "the deployment passes"


@dataclass(frozen=True)
class _Step:
    """One thing to do: what it is, whom to ask, and for a layer that must allow, what to add."""

    text: str
    layer: PolicyType
    owner: str = ""
    adds: bool = False
    short: str = ""
    """The text of a step that adds, behind a sentence that names the layer and shows no statement."""


def remedy_for(world: World) -> Remedy | None:
    """What to do so that all that is needed is allowed; None where nothing is denied, or nothing is seen to help.

    A statement is offered only where adding it was seen to pass: not where a Deny or the organization stands in the
    way too. Then the text says what does.
    """
    steps: list[_Step] = []
    policies = world.policies
    added: list[Request] = []
    for _ in range(_MOST_STEPS):
        evaluations = world.decide(policies)
        denied = [evaluation for evaluation in evaluations if evaluation.allowed is False]
        if not denied:
            if not steps or any(evaluation.allowed is None for evaluation in evaluations):
                return None
            return _remedy_of(world, steps, needed_policy(added) if added else None)
        change = _next(world, policies, denied)
        if change is None:
            return None
        policies, step, requests = change
        steps.append(step)
        added += requests
    return None


def _next(
    world: World, policies: PolicySet, denied: Sequence[Evaluation]
) -> tuple[PolicySet, _Step, Sequence[Request]] | None:
    """One step, and the policies after it."""
    explicit = [evaluation for evaluation in denied if evaluation.decision is Decision.EXPLICIT_DENY]
    if explicit:
        ref = next((ref for evaluation in explicit for ref in evaluation.matched), None)
        after = None if ref is None else without(policies, ref)
        if ref is None or after is None:
            return None
        words = words_of(ref.policy_type, explicit[0].request.action)
        text = denies_text(named(ref), words, world.principal, of_aws=ref.policy in world.unchangeable)
        return after, _Step(text, ref.policy_type), ()
    layer = denied[0].blocked_by or PolicyType.IDENTITY
    is_unchangeable = layer is PolicyType.BOUNDARY and getattr(policies.boundary, "name", "") in world.unchangeable
    if layer is PolicyType.IDENTITY:
        is_unchangeable = not administrator(world.principal).who
    if layer not in (PolicyType.IDENTITY, PolicyType.BOUNDARY) or is_unchangeable:
        # the policies of organizations and of resources are others' to write
        return None
    requests = [evaluation.request for evaluation in denied if (evaluation.blocked_by or PolicyType.IDENTITY) is layer]
    policy = Policy.parse(needed_policy(requests), name="iamcheck's statement", layer=layer)
    wider = adding(policies, policy, layer)
    if wider is None:
        return None
    words = words_of(layer, requests[0].action)
    name = getattr(policies.boundary, "name", "") if layer is PolicyType.BOUNDARY else ""
    # what is asked for two purposes is one call to the reader
    calls = list(dict.fromkeys(f"{request.action} on {request.resource}" for request in requests))
    text = add_text(calls, words, world.principal, name)
    # where nobody can add a statement, the text says what to do instead
    short = allow_text(calls) if ": add the statement" in text else text
    return wider, _Step(text, layer, owner_of(words, world.principal), adds=True, short=short), requests


def _remedy_of(world: World, steps: Sequence[_Step], policy: Mapping[str, Json] | None) -> Remedy:
    if all(step.adds for step in steps) and policy is not None:
        text = "; and ".join(step.text for step in steps)
        owners = ", ".join(dict.fromkeys(step.owner for step in steps))
        text = f"{text} (ask {owners}): with it, {world.goal}"
        change = _change(world, steps)
        return Remedy(text, policy, proved=True, diff=change)
    first, *rest = steps
    if not rest:
        return Remedy(f"{first.text}; without it, {world.goal}", proved=True)
    stops = "; then ".join([rest[0].short or rest[0].text, *(step.text for step in rest[1:])])
    still = POLICY_NAMES[rest[0].layer]
    return Remedy(f"{first.text}; without it, the {still} still stops it: {stops}", proved=True)


def _change(world: World, steps: Sequence[_Step]) -> str | None:
    """The change of a statement that is there, where that is enough."""
    if [step.layer for step in steps] != [PolicyType.IDENTITY]:
        return None
    evaluations = world.decide(world.policies)
    needed = [evaluation.request for evaluation in evaluations]
    denied = [evaluation.request for evaluation in evaluations if evaluation.allowed is False]
    change = changed(world.policies, denied, needed, world.unchangeable)
    if change is None or any(evaluation.allowed is not True for evaluation in world.decide(change[0])):
        return None
    return "\n".join(diff(before, after).rstrip("\n") for before, after in change[1])


def named(ref: StatementRef) -> str:
    """The statement, and the level of the organization at which its policy is attached."""
    return str(ref) if ref.level is None else f"{ref} (level {ref.level + 1} from the root)"
