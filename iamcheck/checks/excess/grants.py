"""Expands which actions policies allow on something: an over-estimate, for conditions are not evaluated.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html and
..._elements_notaction.html; a boundary, an SCP and a session policy as in reference_policies_evaluation-logic.html.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iamcheck.iam.action_expansion import expand_actions
from iamcheck.iam.engine.statements import action_matcher
from iamcheck.iam.model import Effect, StatementRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iamcheck.iam.model import Policy, PolicyType, Statement

__all__ = ["AllowingStatement", "covers", "denied_outright", "grants"]


@dataclass(frozen=True, slots=True)
class AllowingStatement:
    """A statement that allows an action on something."""

    ref: StatementRef
    resources: tuple[str, ...]
    """Entries of Resource; of NotResource each as `all but ENTRY`."""
    conditional: bool
    """It has conditions, which may or may not hold."""

    @property
    def on_everything(self) -> bool:
        """Whether it allows the action on every resource, under conditions or not."""
        return any(set(entry) == {"*"} for entry in self.resources)


@dataclass(slots=True)
class Granted:
    """The statements that allow one action."""

    action: str
    """As the reference spells it, else as the policy does."""
    by: list[AllowingStatement] = field(default_factory=list)


def grants(policies: Sequence[Policy], layer: PolicyType) -> dict[str, Granted]:
    """What policies allow on something, by the action in lower case."""
    granted: dict[str, Granted] = {}
    for ref, statement in _statements(policies, layer):
        if statement.effect is not Effect.ALLOW:
            continue
        resources = statement.resources
        if statement.not_resources is not None:
            resources = tuple(f"all but {entry}" for entry in statement.not_resources)
        grant = AllowingStatement(ref, resources or (), bool(statement.conditions))
        for action in _actions(statement):
            granted.setdefault(action.lower(), Granted(action)).by.append(grant)
    return granted


def covers(policies: Iterable[Policy], effect: Effect, *, outright: bool = False) -> Callable[[str], bool]:
    """Makes a function that says of an action, in lower case, whether a statement of that effect names it.

    Args:
        policies: The policies.
        effect: Allow or Deny.
        outright: Count only statements on every resource without conditions.
    """
    tests = [
        _test(statement)
        for policy in policies
        for statement in policy.statements
        if statement.effect is effect and not (outright and not _is_outright(statement))
    ]
    return lambda action: any(test(action) for test in tests)


def denied_outright(policies: Iterable[Policy]) -> Callable[[str], bool]:
    """Makes a function that says of an action, in lower case, whether a Deny takes it from everybody, always."""
    return covers(policies, Effect.DENY, outright=True)


def _is_outright(statement: Statement) -> bool:
    everywhere = any(set(entry) == {"*"} for entry in statement.resources or ())
    return everywhere and not statement.conditions and statement.not_principals is None


def _test(statement: Statement) -> Callable[[str], bool]:
    matchers = [action_matcher(pattern) for pattern in statement.actions or statement.not_actions or ()]
    is_named = statement.actions is not None
    return lambda action: any(matcher(action) for matcher in matchers) is is_named


def _actions(statement: Statement) -> Iterable[str]:
    if statement.actions is not None:
        return expand_actions(statement.actions)
    exempt = {action.lower() for action in expand_actions(statement.not_actions or ())}
    return [action for action in expand_actions(["*"]) if action.lower() not in exempt]


def _statements(policies: Sequence[Policy], layer: PolicyType) -> Iterator[tuple[StatementRef, Statement]]:
    for source, policy in enumerate(policies):
        for statement in policy.statements:
            yield policy.reference(statement, layer, source=source), statement


def by_level(actions: Mapping[str, Granted], level_of: Callable[[str], str]) -> dict[str, list[Granted]]:
    """The actions by access level, in their order."""
    by_name: dict[str, list[Granted]] = {}
    for granted in actions.values():
        by_name.setdefault(level_of(granted.action), []).append(granted)
    return by_name
