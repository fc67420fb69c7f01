"""Decides one request, as AWS's flow chart has it: a Deny first, then each layer that must allow.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from iamcheck.iam.catalogue import accepts, condition_key_type
from iamcheck.iam.engine.context import simulated
from iamcheck.iam.engine.index import Index, compile_policies
from iamcheck.iam.engine.layers import Case, unread_layers
from iamcheck.iam.engine.rcps import in_force, path_tells
from iamcheck.iam.engine.semantics import RULES, Semantics
from iamcheck.iam.engine.truth import NO, YES, all_of, point
from iamcheck.iam.engine.truth import is_open as is_perhaps
from iamcheck.iam.model import Decision, Evaluation, PolicySet, PolicyType, Request
from iamcheck.iam.model.argument_types import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from iamcheck.iam.engine.statements import CompiledStatement
    from iamcheck.iam.model import StatementRef

__all__ = ["compiled", "evaluate", "missing_context"]

_CALLER_IDENTITY = "sts:getcalleridentity"
_TOLD = (PolicyType.IDENTITY, PolicyType.RESOURCE)
"""The layers whose matching Allows are told."""


def evaluate(request: Request, policies: PolicySet, *, semantics: Semantics = Semantics.LIVE) -> Evaluation:
    """Decides a request, and says what could change the decision.

    Total over parsed policies: a denial is a value. `certain` is sound: no values of the unknown keys, none of them
    absent, and no content of an unread layer gives another decision. It is not complete: each condition is taken by
    itself and may take any value, so that a decision may be called open, and `open_keys` may name a key, where

    * two conditions on one key cannot both hold, or one of two always does (`StringEquals` and `StringNotEquals`);
    * a value is impossible in AWS though its type allows it (a Region that does not exist);
    * a session's `aws:PrincipalArn` is not given, though every path of the role would do.

    Of a resource whose ARN names no account (an S3 bucket) the owner is taken to be the caller's account, as in the
    simulator, unless the context has `aws:ResourceAccount`; `certain` holds under that.

    A decision can be open without an open key or layer: where a variable stands before the fifth colon of a Resource,
    where a resource policy names a session of the role that asks, and where a NotPrincipal names only half of a caller.

    Args:
        request: What is asked.
        policies: The policies that have a say; compiled at the first question about them.
        semantics: `LIVE` for what happens on the day, `SIMULATOR` for what AWS's policy simulator says. The simulator
            fills in some keys of its own: give them as context.

    Raises:
        UnsupportedElementError: A statement stands in a layer that does not take it.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, and AWS's
    answers of September 2026.
    """
    _require_types(request, policies, semantics)
    rules = RULES[semantics]
    if rules.caller_identity_is_free and request.action_key == _CALLER_IDENTITY:
        return _answer(request, Decision.ALLOWED, could_allow=True)
    answer = _evaluated(request, in_force(request, policies, rules), semantics)
    if policies.rcps and rules.rcps_count and path_tells(request):
        return _over_both_roles(answer, _evaluated(request, policies, semantics))
    return answer


def _over_both_roles(exempt: Evaluation, bound: Evaluation) -> Evaluation:
    """The answer of a session whose role RCPs may or may not act on; the path of the role tells."""
    if exempt.certain and bound.certain and exempt.decision is bound.decision:
        return exempt
    return replace(
        exempt,
        certain=False,
        open_keys=exempt.open_keys | bound.open_keys | {"aws:principalarn"},
        open_layers=exempt.open_layers | bound.open_layers,
        could_allow=exempt.could_allow or bound.could_allow,
    )


def _evaluated(request: Request, policies: PolicySet, semantics: Semantics) -> Evaluation:
    """The answer under policies that all have a say."""
    rules = RULES[semantics]
    index = compiled(policies, semantics)
    judged = request if rules.keys_are_derived else simulated(request)
    if rules.resource_type_gate and _is_of_another_type(request):
        return _answer(request, Decision.IMPLICIT_DENY, blocked_by=PolicyType.IDENTITY)
    plan = index.plan(judged.action_key)
    denies: list[tuple[CompiledStatement, int]] = []
    allows: list[tuple[CompiledStatement, int]] = []
    is_open = False
    for statement in plan.statements(judged.resource):
        outcome = statement.outcome(judged)
        if outcome:
            (denies if statement.denies else allows).append((statement, outcome))
            is_open = is_open or outcome != YES
    if plan.by_identity and judged.is_ordinary and not is_open:
        return _by_identity(request, denies, allows, index)
    case = Case(judged, policies, rules, unread_layers(judged, policies, rules), denies, allows)
    return _decide(case, request, index)


def _require_types(request: object, policies: object, semantics: object) -> None:
    if not isinstance(request, Request):
        refuse(request, "request", "give a Request")
    if not isinstance(policies, PolicySet):
        refuse(policies, "policies", "give a PolicySet")
    if not isinstance(semantics, Semantics):
        refuse(semantics, "semantics", "give one of Semantics")


def _by_identity(
    request: Request,
    denies: list[tuple[CompiledStatement, int]],
    allows: list[tuple[CompiledStatement, int]],
    index: Index,
) -> Evaluation:
    """The commonest case, for speed: identity policies alone, and nothing open. `_decide` gives the same."""
    if denies:
        return _answer(
            request,
            Decision.EXPLICIT_DENY,
            matched=_refs(denies),
            blocked_by=PolicyType.IDENTITY,
        )
    if allows:
        return _answer(request, Decision.ALLOWED, matched=_refs(allows), could_allow=True)
    missing = _missing(index, request.given) if index.missing_keys else ()
    return _answer(request, Decision.IMPLICIT_DENY, blocked_by=PolicyType.IDENTITY, missing=missing)


def compiled(policies: PolicySet, semantics: Semantics) -> Index:
    """The index over a policy set, made once for each semantics."""
    index = policies.compiled.get(semantics)
    if index is None:
        index = compile_policies(policies, rules=RULES[semantics], key_types=condition_key_type)
        policies.compiled[semantics] = index
    return cast("Index", index)


def _is_of_another_type(request: Request) -> bool:
    return request.resource != "*" and accepts(request.action, request.resource) is False


def _decide(case: Case, request: Request, index: Index) -> Evaluation:
    denied = case.denied()
    if denied == YES:
        return _explicit_deny(case, request)
    stages = case.stages()
    allowed = all_of([outcome for _, outcome in stages])
    certain = denied == NO and not is_perhaps(allowed)
    open_keys = frozenset[str]() if certain else _open_keys(case, denied, allowed)
    open_layers = frozenset[PolicyType]() if certain else case.deciding_unread
    if point(denied):
        return _explicit_deny(
            case, request, certain=False, open_keys=open_keys, open_layers=open_layers, could_allow=allowed != NO
        )
    if point(allowed):
        return _answer(
            request,
            Decision.ALLOWED,
            certain=certain,
            open_keys=open_keys,
            open_layers=open_layers,
            matched=_refs([allow for allow in case.allows if point(allow[1]) and allow[0].ref.policy_type in _TOLD]),
            could_allow=True,
        )
    return _answer(
        request,
        Decision.IMPLICIT_DENY,
        certain=certain,
        open_keys=open_keys,
        open_layers=open_layers,
        blocked_by=next(layer for layer, outcome in stages if not point(outcome)),
        missing=_missing(index, request.given),
        could_allow=allowed != NO,
    )


def _explicit_deny(
    case: Case,
    request: Request,
    *,
    certain: bool = True,
    open_keys: frozenset[str] = frozenset(),
    open_layers: frozenset[PolicyType] = frozenset(),
    could_allow: bool = False,
) -> Evaluation:
    matched = _refs(deny for deny in case.denies if point(deny[1]))
    return _answer(
        request,
        Decision.EXPLICIT_DENY,
        certain=certain,
        open_keys=open_keys,
        open_layers=open_layers,
        matched=matched,
        blocked_by=matched[0].policy_type,
        could_allow=could_allow,
    )


def _open_keys(case: Case, denied: int, allowed: int) -> frozenset[str]:
    """The unknown keys of the statements that may or may not match, where it matters whether they do."""
    statements = [deny for deny in case.denies if is_perhaps(deny[1])] if is_perhaps(denied) else []
    if is_perhaps(allowed):
        statements += [allow for allow in case.allows if is_perhaps(allow[1])]
    return frozenset(
        key
        for statement, _ in statements
        for element in statement.elements
        if is_perhaps(element.test(case.request))
        for key, _spelling in element.keys
        if case.request.is_unknown(key)
    )


def missing_context(policies: PolicySet, known: Collection[str], semantics: Semantics) -> tuple[str, ...]:
    """AWS's MissingContextValues: the keys that the policies look at, in their spelling, without those given.

    All identity, boundary and resource policies count, statements that do not apply included, and no SCP (observed in
    AWS's answers, September 2026). So a key named here is not always one that would help.

    Args:
        policies: The policies.
        known: The keys that the caller gave, in lower case; AWS also lists those that the simulator fills in itself.
        semantics: Whose index to use; both give the same.
    """
    return _missing(compiled(policies, semantics), known)


def _missing(index: Index, known: Collection[str]) -> tuple[str, ...]:
    return tuple(spelling for key, spelling in index.missing_keys if key not in known)


def _refs(matched: Iterable[tuple[CompiledStatement, int]]) -> tuple[StatementRef, ...]:
    """In the policies' order, each statement once."""
    refs = {statement.ordinal: statement.ref for statement, _ in matched}
    return tuple(refs.values()) if len(refs) == 1 else tuple(refs[ordinal] for ordinal in sorted(refs))


def _answer(
    request: Request,
    decision: Decision,
    *,
    certain: bool = True,
    open_keys: frozenset[str] = frozenset(),
    open_layers: frozenset[PolicyType] = frozenset(),
    matched: tuple[StatementRef, ...] = (),
    blocked_by: PolicyType | None = None,
    missing: tuple[str, ...] = (),
    could_allow: bool = False,
) -> Evaluation:
    answer = object.__new__(Evaluation)
    # a frozen dataclass sets its fields one by one, at a quarter of the price of a decision
    answer.__dict__.update(
        request=request,
        decision=decision,
        certain=certain,
        open_keys=open_keys,
        open_layers=open_layers,
        matched=matched,
        blocked_by=blocked_by,
        missing_context=missing,
        simulator="local",
        could_allow=could_allow,
    )
    return answer
