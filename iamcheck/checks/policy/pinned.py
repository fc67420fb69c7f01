"""Proves that conditions narrow a policy to one deployment: no other value passes, and every condition is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.policy.beyond import Beyond
from iamcheck.checks.policy.evidence import statement_name
from iamcheck.checks.policy.mentioned import mentions
from iamcheck.checks.policy.reach import Gap, acts_on, is_exact
from iamcheck.iam.model import Effect, PolicySet
from iamcheck.iam.model.operators import Family, Quantifier
from iamcheck.simulators.settled import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.iam.model import Condition, ContextInput, Evaluation, Policy, Request, Statement
    from iamcheck.simulators import Simulator

__all__ = ["let_through", "otherwise", "unneeded_conditions", "unproved_conditions"]

_OTHER = "iamcheck-other"
_TAG = "aws:requesttag/"
_OF_THE_REQUEST = (_TAG, "aws:tagkeys", "sagemaker:")
_TWINS = {"sagemaker:VolumeKmsKeyArn": "sagemaker:VolumeKmsKey", "sagemaker:VolumeKmsKey": "sagemaker:VolumeKmsKeyArn"}
"""Two names of one thing, the new one and the old."""


def otherwise(policy: Policy, needed: Sequence[Request]) -> tuple[Beyond, ...]:
    """The needed requests with another value, one value more, or none, for each key that the policy looks at.

    Every value that the policy itself mentions for the key is tried; what is needed for another purpose is left out.
    """
    known = mentions(policy)
    return tuple(
        Beyond(request, f"with another {key}")
        for permission in needed
        for key in _keys(policy, permission)
        for request in _changed(permission, key, known.values.get(key.lower(), ()))
        if not any(_is_same(request, other) for other in needed)
    )


def _is_same(request: Request, other: Request) -> bool:
    """Whether two requests ask for the same, as far as their context is known."""
    if (request.action_key, request.resource) != (other.action_key, other.resource):
        return False
    return dict(request.given) == dict(other.given)


def _keys(policy: Policy, request: Request) -> tuple[str, ...]:
    """The keys that say what is created, and those in conditions of the Allows that name the request's action."""
    looked_at = {
        condition.key.lower()
        for statement in _allows(policy)
        if request.action in (statement.actions or ())
        for condition in statement.conditions
    }
    return tuple(
        key
        for key in request.context
        if key.lower() in looked_at
        or (key.lower().startswith(_OF_THE_REQUEST) and not key.startswith("sagemaker:ResourceTag/"))
    )


def _changed(request: Request, key: str, mentioned: Sequence[str]) -> Iterator[Request]:
    value = request.context[key]
    own_values = request.given[key.lower()].values
    others = [text for text in mentioned if text not in own_values and text.lower() not in ("true", "false")]
    names = {key, _TWINS.get(key, key)}
    rest = {name: kept for name, kept in request.context.items() if name not in names}
    if key.lower() == "aws:tagkeys":
        # tags come with their keys, so that a tag more is two keys of the context
        for other in (_OTHER, *others):
            yield replace(request, context={**rest, key: [*own_values, other], f"aws:RequestTag/{other}": "x"})
        return
    for changed in _other_values(key, value, others):
        yield replace(request, context={**rest, **dict.fromkeys(names, changed)})
    if not key.lower().startswith(_TAG):
        yield replace(request, context=rest, absent=(*request.absent, *names))


def _other_values(key: str, value: ContextInput, mentioned: Sequence[str]) -> Iterator[ContextInput]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
        yield value - 1
        yield from mentioned
    elif isinstance(value, (list, tuple)):
        for other in (_OTHER, *mentioned):
            yield [other]
            if key.startswith("sagemaker:"):
                # a key of KMS may have other aliases besides; a deployment has no other types besides
                yield [*(str(item) for item in value), other]
    else:
        yield f"{value}x"
        yield from mentioned
        if isinstance(value, str) and value.swapcase() != value:
            yield value.swapcase()


def let_through(policy: Policy, tried: Sequence[Beyond], simulator: Simulator) -> tuple[tuple[Evaluation, str], ...]:
    """Those of the requests that the policy does not deny, each with what it is in words."""
    answers = ask(simulator, [variation.request for variation in tried], PolicySet(identity=[policy]))
    return tuple(
        (answer, variation.what)
        for answer, variation in zip(answers, tried, strict=True)
        if answer.allowed is not False
    )


def unneeded_conditions(
    policy: Policy, tried: Sequence[Beyond], simulator: Simulator
) -> tuple[tuple[Statement, str], ...]:
    """The conditions without which nothing more gets through, each with its statement, in words."""
    idle = []
    for statement in _allows(policy):
        for condition in statement.conditions:
            rest = tuple(row for row in statement.conditions if row is not condition)
            statements = tuple(
                replace(each, conditions=rest) if each is statement else each for each in policy.statements
            )
            if not let_through(replace(policy, statements=statements), tried, simulator):
                idle.append((statement, _words(condition)))
    return tuple(idle)


def unproved_conditions(policy: Policy, needed: Sequence[Request], simulator: Simulator) -> tuple[Gap, ...]:
    """The conditions on what is created that may let through other values than those that were tried.

    Comparison for equality is decided by the values that the policy mentions; of patterns, ranges and exceptions
    samples prove nothing. A statement whose conditions do not hold for what it names may be there for something else.
    """
    gaps: list[Gap] = []
    for statement in _allows(policy):
        covered = [
            request
            for request in needed
            if acts_on(statement, request.action) and request.resource in (statement.resources or ())
        ]
        keys = {key.lower() for request in covered for key in _keys(policy, request)}
        exact = {condition.key.lower() for condition in statement.conditions if _is_decided(condition)}
        gaps += [
            Gap(statement, f"{_words(condition)} in {statement_name(statement)}")
            for condition in statement.conditions
            if condition.key.lower() in keys - exact
        ]
        if statement.conditions:
            gaps += _idle(statement, policy, covered, simulator)
    return tuple(gaps)


def _is_decided(condition: Condition) -> bool:
    """Whether a condition holds for the values that it names and no others, as far as the key has values."""
    if condition.operator.family is Family.NULL and condition.values == ("true",):
        # it holds for no value at all
        return True
    for_each = condition._replace(operator=condition.operator._replace(quantifier=None))
    return is_exact(for_each if condition.operator.quantifier is Quantifier.FOR_ALL_VALUES else condition)


def _idle(statement: Statement, policy: Policy, covered: Sequence[Request], simulator: Simulator) -> Iterator[Gap]:
    """The pairs of action and resource that a statement names and, by its conditions, does not allow as needed."""
    alone = PolicySet(identity=[replace(policy, statements=(statement,))])
    answers = ask(simulator, covered, alone)
    allowed = {
        (answer.request.action_key, answer.request.resource) for answer in answers if answer.allowed is not False
    }
    for action, resource in dict.fromkeys((request.action, request.resource) for request in covered):
        if (action.lower(), resource) not in allowed:
            yield Gap(statement, f"{action} on {resource} in {statement_name(statement)}")


def _allows(policy: Policy) -> Iterator[Statement]:
    return (statement for statement in policy.statements if statement.effect is Effect.ALLOW)


def _words(condition: Condition) -> str:
    return f"condition {condition.operator} on {condition.key}"
