"""The engine and the naive reading agree on generated policy sets and requests, in both semantics."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from iamcheck.iam.engine import Semantics
from tests.differential import difference, outcome, shown, shrunk
from tests.generator import Case, Generator
from tests.profiles import examples

REQUESTS_PER_SET = 8


def _compare(random: Random, semantics: Semantics, pairs: int) -> None:
    generator = Generator(random, simulator=semantics is Semantics.SIMULATOR)
    for _ in range(pairs // REQUESTS_PER_SET):
        policies = None
        for case in generator.cases(REQUESTS_PER_SET):
            policies = policies or case.policies()
            if difference(case, semantics, policies):
                smallest = shrunk(case, lambda one: bool(difference(one, semantics)))
                pytest.fail(f"{semantics}: {difference(smallest, semantics)}\n{shown(smallest)}")


@pytest.mark.parametrize("semantics", Semantics)
def test_they_agree_on_a_few(semantics: Semantics) -> None:
    _compare(Random(2026), semantics, 1_200)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("semantics", Semantics)
def test_they_agree_on_many(semantics: Semantics, seed: int) -> None:
    # 6 seeds of 10,000 pairs in both semantics are 120,000 pairs
    _compare(Random(seed), semantics, 10_000)


@pytest.mark.slow
@pytest.mark.parametrize("semantics", Semantics)
@examples(2_000, *HealthCheck)
@given(random=st.randoms(use_true_random=False))
def test_they_agree_where_hypothesis_chooses(semantics: Semantics, random: Random) -> None:
    for case in Generator(random, simulator=semantics is Semantics.SIMULATOR).cases(1):
        assert difference(case, semantics) == "", shown(case)


def test_a_case_is_shrunk_to_what_shows_it() -> None:
    generator = Generator(Random(1))
    case = next(case for _ in range(100) for case in generator.cases(1) if case.layers.get("boundary"))

    def has_a_boundary(one: Case) -> bool:
        return bool(one.policies().boundary)

    smallest = shrunk(case, has_a_boundary)
    assert smallest.layers.keys() == {"boundary"}
    assert len(smallest.layers["boundary"]["Statement"]) == 1
    assert smallest.context == {}


@pytest.mark.parametrize("semantics", Semantics)
def test_the_generated_cases_are_worth_comparing(semantics: Semantics) -> None:
    generator = Generator(Random(7), simulator=semantics is Semantics.SIMULATOR)
    found = [outcome(case, semantics) for _ in range(60) for case in generator.cases(4)]
    for decision in ("allowed", "explicitDeny", "implicitDeny"):
        assert found.count(decision) > len(found) / 25, decision
