"""A policy that conditions narrow to one deployment: no other value gets through, and no condition can be spared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.policy.beyond import Beyond
from iamcheck.iam.model import Effect, PolicySet
from iamcheck.simulators.settled import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.iam.model import Condition, ContextInput, Evaluation, Policy, Request, Statement
    from iamcheck.simulators import Simulator

__all__ = ["let_through", "otherwise", "spared"]

_OTHER = "iamcheck-other"
_TAG = "aws:requesttag/"
_OF_THE_REQUEST = (_TAG, "aws:tagkeys", "sagemaker:")
_TWINS = {"sagemaker:VolumeKmsKeyArn": "sagemaker:VolumeKmsKey", "sagemaker:VolumeKmsKey": "sagemaker:VolumeKmsKeyArn"}
"""Two names of one thing, the new one and the old."""


def otherwise(policy: Policy, needed: Sequence[Request]) -> tuple[Beyond, ...]:
    """The needed requests with another value, one value more, or none, for each key that the policy looks at."""
    return tuple(
        Beyond(request, f"with another {key}")
        for one in needed
        for key in _keys(policy, one)
        for request in _changed(one, key)
    )


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


def _changed(request: Request, key: str) -> Iterator[Request]:
    value = request.context[key]
    names = {key, _TWINS.get(key, key)}
    rest = {name: one for name, one in request.context.items() if name not in names}
    if key.lower() == "aws:tagkeys":
        # tags come with their keys, so that a tag more is two keys of the context
        keys = list(value) if isinstance(value, (list, tuple)) else [str(value)]
        yield replace(request, context={**rest, key: [*keys, _OTHER], f"aws:RequestTag/{_OTHER}": "x"})
        return
    for other in _other_values(key, value):
        yield replace(request, context={**rest, **dict.fromkeys(names, other)})
    if not key.lower().startswith(_TAG):
        yield replace(request, context=rest, absent=(*request.absent, *names))


def _other_values(key: str, value: ContextInput) -> Iterator[ContextInput]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
    elif isinstance(value, (list, tuple)):
        yield [_OTHER]
        if key.startswith("sagemaker:"):
            # a key of KMS may have other aliases besides; a deployment has no other types besides
            yield [*(str(one) for one in value), _OTHER]
    else:
        yield f"{value}x"


def let_through(policy: Policy, tried: Sequence[Beyond], simulator: Simulator) -> tuple[tuple[Evaluation, str], ...]:
    """Those of the requests that the policy does not deny, each with what it is in words."""
    answers = ask(simulator, [one.request for one in tried], PolicySet(identity=[policy]))
    return tuple((answer, one.what) for answer, one in zip(answers, tried, strict=True) if answer.allowed is not False)


def spared(policy: Policy, tried: Sequence[Beyond], simulator: Simulator) -> tuple[tuple[Statement, str], ...]:
    """The conditions without which nothing more gets through, each with its statement, in words."""
    found = []
    for statement in _allows(policy):
        for condition in statement.conditions:
            rest = tuple(one for one in statement.conditions if one is not condition)
            statements = tuple(replace(one, conditions=rest) if one is statement else one for one in policy.statements)
            if not let_through(replace(policy, statements=statements), tried, simulator):
                found.append((statement, _words(condition)))
    return tuple(found)


def _allows(policy: Policy) -> Iterator[Statement]:
    return (one for one in policy.statements if one.effect is Effect.ALLOW)


def _words(condition: Condition) -> str:
    return f"condition {condition.operator} on {condition.key}"
