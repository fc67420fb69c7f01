"""What is not known yet makes no problem, and hides none: over every example and every change of it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.deployment.located import UNKNOWN
from tests.examples import EXAMPLES, example
from tests.unit.checks.request_valid.test_cases import MUTATIONS, judged, label, mutated, owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIANT = "ProductionVariants[0]"
NO_MEMBERS = {f"{VARIANT}.InstnceType", "KmsKey"}
"""What the API does not have is a problem, whatever its value."""
CHANGED = [case for case in MUTATIONS if len(case.get("set", ())) == 1 and not NO_MEMBERS & set(case["set"])]
PARTS = ("endpoint", "config", "models")


def members(whole: Any, path: str) -> Iterator[str]:  # noqa: ANN401  JSON
    """The path of every member in any depth."""
    if isinstance(whole, dict):
        steps = [(f"{path}.{name}", one) for name, one in whole.items()]
    elif isinstance(whole, list):
        steps = [(f"{path}[{at}]", one) for at, one in enumerate(whole)]
    else:
        steps = []
    for step, one in steps:
        yield step
        yield from members(one, step)


def forgotten(requests: dict[str, Any], path: str) -> dict[str, Any]:
    """The requests with one member that is not known yet."""
    found = copy.deepcopy(requests)
    owner, name = owner_of(found, path)
    owner[name] = UNKNOWN
    return found


def broken(requests: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one.operation, one.path, one.rule) for one in judged(requests).problems}


def every_path(requests: dict[str, Any]) -> list[str]:
    return [path for part in PARTS for path in members(requests[part], part)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_member_that_is_not_known_makes_a_problem(name: str) -> None:
    requests = example(name)

    wrong = {path: judged(forgotten(requests, path)).problems for path in every_path(requests)}

    assert len(wrong) > 5
    assert {path for path, problems in wrong.items() if problems} == set()


@pytest.mark.parametrize("case", MUTATIONS, ids=label)
def test_no_member_that_is_not_known_adds_a_problem(case: dict[str, Any]) -> None:
    requests = mutated(case)
    before = broken(requests)

    added = {path: broken(forgotten(requests, path)) - before for path in every_path(requests)}

    assert {path: problems for path, problems in added.items() if problems} == {}


@pytest.mark.parametrize("case", CHANGED, ids=label)
def test_what_may_become_a_problem_is_named_and_is_none_yet(case: dict[str, Any]) -> None:
    requests = mutated(case)
    (path,) = case["set"]

    validity = judged(forgotten(requests, f"{case['request']}.{path}"))

    assert validity.problems == ()
    # the type of a truth value is all that AWS could refuse
    assert validity.unjudged or validity.on_trust or path in {f"{VARIANT}.EnableSSMAccess", "EnableNetworkIsolation"}
