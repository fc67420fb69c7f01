"""Three values, read as what they stand for: the answer where unknown is absent, and all answers that are possible."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from iamcheck.iam.engine.truth import (
    NO,
    PERHAPS_NO,
    PERHAPS_YES,
    YES,
    all_of,
    any_of,
    is_open,
    negated,
    outcome_of,
    point,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MEANING = {
    NO: (False, {False}),
    YES: (True, {True}),
    PERHAPS_NO: (False, {False, True}),
    PERHAPS_YES: (True, {False, True}),
}
"""What each value stands for: the answer now, and the possible answers."""


@pytest.mark.parametrize("combine", [all, any], ids=["and", "or"])
@pytest.mark.parametrize("length", range(4))
def test_and_and_or_stand_for_those_of_what_is_possible(combine: Callable[[Iterable[bool]], bool], length: int) -> None:
    for values in itertools.product(MEANING, repeat=length):
        result = all_of(values) if combine is all else any_of(values)
        now, possible = MEANING[result]
        assert now is combine(MEANING[value][0] for value in values), values
        worlds = itertools.product(*(MEANING[value][1] for value in values))
        assert possible == {combine(world) for world in worlds}, values


@pytest.mark.parametrize("value", MEANING)
def test_a_value_by_itself(value: int) -> None:
    now, possible = MEANING[value]
    assert point(value) is now
    assert is_open(value) is (len(possible) == 2)
    assert MEANING[negated(value)] == (not now, {not each for each in possible})
    assert outcome_of(now, possible) == value
    assert outcome_of(now, ()) == int(now)
    # a condition that never gives what it gives now is open all the same: unknown may be absent
    assert outcome_of(now, (not now,)) == (PERHAPS_YES if now else PERHAPS_NO)
