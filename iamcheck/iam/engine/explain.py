"""Says why a statement matches a request or does not: what each element asks for and what the request has.

The slow path, for people: it asks every statement of every layer, those of other actions included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iamcheck.iam.engine.context import simulated
from iamcheck.iam.engine.evaluate import compiled
from iamcheck.iam.engine.rcps import in_force
from iamcheck.iam.engine.semantics import RULES, Semantics
from iamcheck.iam.engine.truth import NO, YES

if TYPE_CHECKING:
    from collections.abc import Collection

    from iamcheck.iam.engine.statements import CompiledStatement, Element
    from iamcheck.iam.model import Effect, PolicySet, Principals, Request, Statement, StatementRef

__all__ = ["ElementTrace", "StatementTrace", "explain"]


class ElementTrace(NamedTuple):
    """One element of a statement against a request."""

    element: str
    """`Action`, `NotAction`, `Resource`, `NotResource`, `Principal`, `NotPrincipal` or `Condition`."""
    matched: bool | None
    """None: it depends on keys of which nothing is known."""
    wanted: tuple[str, ...]
    """The texts of the element."""
    had: tuple[str, ...] | None
    """What the request has; None: nothing, the key is absent, or nothing is known of it."""
    operator: str | None = None
    key: str | None = None
    """The key of a condition, in the policy's spelling."""
    unknown: tuple[str, ...] = ()
    """The keys, in the policy's spelling, of which nothing is known."""


class StatementTrace(NamedTuple):
    """One statement against a request."""

    ref: StatementRef
    effect: Effect
    matched: bool | None
    """None: it depends on keys of which nothing is known."""
    elements: tuple[ElementTrace, ...]

    @property
    def failed(self) -> tuple[ElementTrace, ...]:
        """The elements that keep the statement from matching."""
        return tuple(element for element in self.elements if element.matched is False)


def explain(
    request: Request,
    policies: PolicySet,
    *,
    semantics: Semantics = Semantics.LIVE,
    only: Collection[StatementRef] | None = None,
) -> tuple[StatementTrace, ...]:
    """Traces the statements of a policy set, the nearest to a match first.

    Statements for the action come before all others, and within these the one with the fewest elements that fail; else
    the policies' order is kept.

    Args:
        request: What is asked.
        policies: The policies.
        semantics: As for `evaluate`.
        only: The statements to trace; None: every one.

    Raises:
        UnsupportedElementError: A statement stands in a layer that does not take it.
    """
    rules = RULES[semantics]
    simulated_request = request if rules.keys_are_derived else simulated(request)
    index = compiled(in_force(request, policies, rules), semantics)
    statements = index.statements if only is None else [one for one in index.statements if one.ref in only]
    traces = [_statement(statement, simulated_request) for statement in statements]
    return tuple(sorted(traces, key=_distance))


def _distance(trace: StatementTrace) -> tuple[bool, int]:
    return trace.elements[0].matched is False, len(trace.failed)


def _statement(statement: CompiledStatement, request: Request) -> StatementTrace:
    elements = (
        _action(statement, request),
        *(_element(element, statement.statement, request) for element in statement.elements),
    )
    outcomes = {element.matched for element in elements}
    matched = False if False in outcomes else None if None in outcomes else True
    return StatementTrace(statement.ref, statement.statement.effect, matched, elements)


def _action(statement: CompiledStatement, request: Request) -> ElementTrace:
    patterns = statement.statement.actions
    name = "Action" if patterns is not None else "NotAction"
    texts = patterns if patterns is not None else statement.statement.not_actions or ()
    return ElementTrace(name, statement.acts_on(request.action_key), texts, (request.action,))


def _element(element: Element, statement: Statement, request: Request) -> ElementTrace:
    outcome = element.test(request)
    matched = True if outcome == YES else False if outcome == NO else None
    unknown = tuple(dict.fromkeys(spelling for key, spelling in element.keys if request.is_unknown(key)))
    condition = element.condition
    if condition is not None:
        value = request.known.get(condition.key.lower())
        had = value.values if value else None
        return ElementTrace(
            element.name, matched, condition.values, had, str(condition.operator), condition.key, unknown
        )
    if element.name.endswith("Principal"):
        named = statement.principals or statement.not_principals
        had = None if request.principal is None else (request.principal,)
        # the path of a session's role matters only where a statement may name it
        return ElementTrace(element.name, matched, _texts(named), had, unknown=unknown if matched is None else ())
    texts = statement.resources if element.name == "Resource" else statement.not_resources
    return ElementTrace(element.name, matched, texts or (), (request.resource,), unknown=unknown)


def _texts(principals: Principals | None) -> tuple[str, ...]:
    if principals is None:
        return ()
    return (*principals.aws, *principals.service, *principals.federated, *principals.canonical_user)
