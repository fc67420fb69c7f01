"""AWS's managed policies, as moto ships them: the engine takes them all, and decides as the naive reading does."""

from __future__ import annotations

import json
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import ContextValue, Decision, KeyType, Policy, PolicySet, Request
from tests.differential import places
from tests.naive import decide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.iam.model import ContextInput, Evaluation

USER = "arn:aws:iam::123456789012:user/red/ann"
REQUESTS = 10_000
# wildcards and variables stand for one of these
WORDS = ("", "a", "Get", "AWSServiceRole", "eu-west-1", "aws", "123456789012", "x/y", "role", "*")


@lru_cache(maxsize=1)
def _policies() -> dict[str, Policy]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found = json.loads(aws_managed_policies_data)
    return {name: Policy.parse(found[name]["Document"], name=name) for name in sorted(found)}


def _chosen() -> list[str]:
    """50 of them: the shipped list in even steps, so that every service's neighbourhood is met."""
    names = sorted(_policies())
    return names[:: len(names) // 50][:50]


def _filled(pattern: str, random: Random) -> str:
    while "${" in pattern:
        before, _, rest = pattern.partition("${")
        pattern = before + random.choice(["ann", "red"]) + rest.partition("}")[2]
    return "".join(random.choice(WORDS) if one == "*" else "a" if one == "?" else one for one in pattern)


def _requests(policy: Policy, random: Random, count: int) -> Iterator[Request]:
    """Requests near what the policy says: its actions, resources and condition values, filled in and mixed up."""
    actions = ["s3:GetObject"]
    resources = ["*", "arn:aws:s3:::data/a"]
    conditions = [condition for statement in policy.statements for condition in statement.conditions]
    for statement in policy.statements:
        actions += (statement.actions or ()) + (statement.not_actions or ())
        resources += (statement.resources or ()) + (statement.not_resources or ())
    for _ in range(count):
        action = _filled(random.choice(actions), random).replace("*", "s")
        if ":" not in action:
            action = "iam:GetUser"
        context: dict[str, ContextInput] = {}
        for condition in random.sample(conditions, min(len(conditions), 3)):
            if random.random() < 0.7 and condition.values:
                many = condition.operator.quantifier is not None and random.random() < 0.8
                texts = [_filled(random.choice(condition.values), random) for _ in range(2 if many else 1)]
                kind = KeyType.STRING_LIST if many else KeyType.STRING
                context[condition.key] = ContextValue(tuple(texts), kind, many)
            if condition.key.lower() == "aws:resourceaccount":
                # no word is an account
                context[condition.key] = ContextValue(("123456789012",), KeyType.STRING)
        absent = [condition.key for condition in conditions if condition.key.lower() not in map(str.lower, context)]
        resource = _filled(random.choice(resources), random)
        yield Request(action, resource if resource.count(":") > 4 else "*", USER, _unique(context), absent)


def _unique(context: dict[str, ContextInput]) -> dict[str, ContextInput]:
    """Names compare without case; one spelling of each is kept."""
    return dict({key.lower(): (key, value) for key, value in context.items()}.values())


def _compare(name: str, count: int) -> int:
    """Compares and returns how many were allowed."""
    policy = _policies()[name]
    policies = PolicySet([policy])
    allowed = 0
    for request in _requests(policy, Random(name), count):
        ours: Evaluation = evaluate(request, policies)
        naive = decide(request, policies)
        assert (ours.decision, places(ours)) == (naive.decision, naive.matched), request
        allowed += ours.decision is Decision.ALLOWED
    return allowed


def test_the_engine_agrees_with_the_naive_reading_on_a_few() -> None:
    assert sum(_compare(name, 20) for name in _chosen()) > 0


@pytest.mark.slow
@pytest.mark.parametrize("place", range(50))
def test_the_engine_agrees_with_the_naive_reading(place: int) -> None:
    _compare(_chosen()[place], REQUESTS)


@pytest.mark.slow
@pytest.mark.parametrize("semantics", Semantics)
def test_all_of_them_evaluate(semantics: Semantics) -> None:
    assert len(_policies()) > 1_500
    decisions = set()
    for policy in _policies().values():
        policies = PolicySet([policy])
        for request in _requests(policy, Random(1), 3):
            decisions.add(evaluate(request, policies, semantics=semantics).decision)
    assert decisions >= {Decision.ALLOWED, Decision.IMPLICIT_DENY}
