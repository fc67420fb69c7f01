"""Finds the statements of a policy set that can apply to an action and a resource.

A statement is found by its actions, and where all its resources are literal by these. So a decision costs no more for
statements that differ from the request by service, by action or by literal resource.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.iam.engine.statements import action_matcher, compile_statement
from iamcheck.iam.model import UNREAD, PolicyType, StatementRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.engine.statements import CompiledStatement
    from iamcheck.iam.engine.variables import KeyTypes
    from iamcheck.iam.engine.wildcards import Matcher
    from iamcheck.iam.model import Policy, PolicySet, Statement

__all__ = ["ActionStatements", "Bucket", "Index", "compile_policies"]

_MOST_PLANS: Final = 1024
"""How many actions' plans are kept; past that all are made anew."""


class Bucket:
    """Statements with one action pattern in common."""

    __slots__ = ("by_resource", "others")

    def __init__(self) -> None:
        self.others: list[CompiledStatement] = []
        self.by_resource: dict[str, list[CompiledStatement]] = {}

    def add(self, statement: CompiledStatement) -> None:
        """Files a statement under its literal resources, where it has only such."""
        if statement.literals is None:
            self.others.append(statement)
            return
        for resource in statement.literals:
            self.by_resource.setdefault(resource, []).append(statement)


class ActionStatements(NamedTuple):
    """The statements to ask about one action."""

    others: tuple[CompiledStatement, ...]
    """To ask whatever the resource is."""
    by_resource: tuple[dict[str, list[CompiledStatement]], ...]
    """To ask only for these resources."""
    by_identity: bool
    """True where identity policies alone decide for an ordinary caller: there is no other layer, and the action is of
    no service whose resources have policies that must allow."""

    def statements(self, resource: str) -> Sequence[CompiledStatement]:
        """The statements that can apply to a resource; one may stand there twice."""
        if not self.by_resource:
            return self.others
        statements = list(self.others)
        for literal in self.by_resource:
            statements += literal.get(resource, ())
        return statements


class Index:
    """The compiled statements of a policy set."""

    def __init__(self, statements: Iterable[CompiledStatement], *, by_identity: bool) -> None:
        self.statements = tuple(statements)
        self._by_identity = by_identity
        self.missing_keys = _missing_keys(self.statements)
        self._literal: dict[str, Bucket] = defaultdict(Bucket)
        self._by_service: dict[str, dict[str, Bucket]] = defaultdict(dict)
        self._general: dict[str, Bucket] = {}
        self._inverted: list[CompiledStatement] = []
        self._matchers: dict[str, Matcher] = {}
        self._plans: dict[str, ActionStatements] = {}
        for statement in self.statements:
            if statement.statement.not_actions is not None:
                self._inverted.append(statement)
            for pattern in {action.lower() for action in statement.statement.actions or ()}:
                self._bucket(pattern).add(statement)

    def _bucket(self, pattern: str) -> Bucket:
        service = pattern.partition(":")[0]
        if "*" not in pattern and "?" not in pattern:
            return self._literal[pattern]
        wide = "*" in service or "?" in service
        buckets = self._general if wide else self._by_service[service]
        if pattern not in self._matchers:
            self._matchers[pattern] = action_matcher(pattern)
        return buckets.setdefault(pattern, Bucket())

    def plan(self, action_key: str) -> ActionStatements:
        """The plan for an action, which is given in lower case."""
        plan = self._plans.get(action_key)
        if plan is None:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[action_key] = self._make_plan(action_key)
        return plan

    def _make_plan(self, action_key: str) -> ActionStatements:
        buckets = [bucket for bucket in [self._literal.get(action_key)] if bucket]
        wide = (self._general, self._by_service.get(action_key.partition(":")[0], {}))
        buckets += [bucket for group in wide for key, bucket in group.items() if self._matchers[key](action_key)]
        others = [statement for bucket in buckets for statement in bucket.others]
        others += [statement for statement in self._inverted if statement.acts_on(action_key)]
        return ActionStatements(
            tuple(dict.fromkeys(others)),
            tuple(bucket.by_resource for bucket in buckets if bucket.by_resource),
            self._by_identity and not action_key.startswith(("kms:", "sts:")),
        )


def _missing_keys(statements: Iterable[CompiledStatement]) -> tuple[tuple[str, str], ...]:
    """The keys of identity, boundary and resource policies, in every spelling."""
    layers = (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.RESOURCE)
    spellings = {
        pair: None
        for statement in statements
        if statement.ref.policy_type in layers
        for element in statement.elements
        if not element.name.endswith("Principal")
        for pair in element.keys
    }
    return tuple(spellings)


def compile_policies(policies: PolicySet, *, rules: Rules, key_types: KeyTypes) -> Index:
    """Compiles every policy of a set.

    Raises:
        UnsupportedElementError: A statement stands in a layer that does not take it.
    """
    compiled: list[CompiledStatement] = []
    key_types = lru_cache(maxsize=None)(key_types)
    is_bounded = policies.boundary is not None and policies.boundary is not UNREAD
    for policy, statement, ref in _statements(policies, rules):
        compiled.append(
            compile_statement(
                statement, policy, ref, len(compiled), is_bounded=is_bounded, rules=rules, key_types=key_types
            )
        )
    return Index(compiled, by_identity=_is_identity_alone(policies))


def _is_identity_alone(policies: PolicySet) -> bool:
    others = (policies.boundary, policies.scps, policies.rcps, policies.resource, policies.session)
    return policies.identity is not UNREAD and not any(others)


def _statements(policies: PolicySet, rules: Rules) -> Iterator[tuple[Policy, Statement, StatementRef]]:
    for policy_type, level, source, policy in _policies(policies, rules):
        for statement in policy.statements:
            yield policy, statement, policy.reference(statement, policy_type, level=level, source=source)


def _policies(policies: PolicySet, rules: Rules) -> Iterator[tuple[PolicyType, int | None, int, Policy]]:
    single = [(PolicyType.BOUNDARY, policies.boundary), (PolicyType.RESOURCE, policies.resource)]
    layers: list[tuple[PolicyType, int | None, Sequence[Policy]]] = []
    if policies.identity is not UNREAD:
        layers.append((PolicyType.IDENTITY, None, policies.identity))
    layers += [(kind, None, (policy,)) for kind, policy in single if policy is not None and policy is not UNREAD]
    if policies.session is not UNREAD and rules.session_policies_count:
        layers.append((PolicyType.SESSION, None, policies.session))
    if policies.scps is not UNREAD:
        layers += [(PolicyType.SCP, level, each) for level, each in enumerate(policies.scps)]
    if policies.rcps is not UNREAD and rules.rcps_count:
        layers += [(PolicyType.RCP, level, each) for level, each in enumerate(policies.rcps)]
    for kind, level, content in layers:
        for source, policy in enumerate(content):
            yield kind, level, source, policy
