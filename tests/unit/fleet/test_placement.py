"""A row goes to a worker that did rows of its kind, unless that worker is behind."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.fleet.placement import Placement


def kind_itself(row: int) -> int:
    return row


@pytest.mark.parametrize(
    ("rows", "to_do", "placed"),
    [
        ([1, 2, 3, 4], {}, {0: [0, 2], 1: [1, 3]}),
        ([1, 1, 2, 1], {}, {0: [0, 1, 3], 1: [2]}),
        # a kind that is new goes to the worker that has the fewest rows to do
        ([1, 2, 3], {0: 2}, {1: [0, 1], 0: [2]}),
        # four rows more than the other: that one does the kind too, and both are even
        ([1] * 10, {}, {0: [0, 1, 2, 3, 8], 1: [4, 5, 6, 7, 9]}),
        ([], {0: 1}, {}),
    ],
)
def test_rows_are_placed(rows: list[int], to_do: dict[int, int], placed: dict[int, list[int]]) -> None:
    assert Placement(2, kind_itself, 4).of(rows, to_do) == placed


def test_a_worker_is_known_by_the_rows_that_it_did_before() -> None:
    placement = Placement(3, kind_itself, 10)
    assert placement.of([1, 2, 3], {}) == {0: [0], 1: [1], 2: [2]}
    assert placement.of([3, 2, 1, 3], {0: 5, 2: 4}) == {2: [0, 3], 1: [1], 0: [2]}
    # worker 2 is behind: worker 1 does its kind too, and goes on with it
    assert placement.of([3], {0: 5, 1: 2, 2: 12}) == {1: [0]}
    assert placement.of([3], {0: 5, 1: 6, 2: 4}) == {2: [0]}
    assert placement.of([3], {0: 0, 1: 1, 2: 4}) == {1: [0]}


def test_of_kinds_that_came_long_ago_nothing_is_kept() -> None:
    placement = Placement(2, kind_itself, 5000)
    assert placement.of([-1], {}) == {0: [0]}
    placement.of(range(1000), {})
    assert placement.of([-1], {0: 1}) == {0: [0]}
    placement.of(range(10_000), {})
    assert placement.of([-1], {0: 1}) == {1: [0]}


@given(
    st.lists(st.lists(st.integers(0, 9), max_size=30), max_size=8),
    st.integers(1, 5),
    st.integers(1, 20),
    st.data(),
)
def test_each_row_is_placed_once_and_no_worker_gets_a_row_while_it_is_behind(
    blocks: list[list[int]], workers: int, lead: int, data: st.DataObject
) -> None:
    placement = Placement(workers, kind_itself, lead)
    did: dict[int, set[int]] = defaultdict(set)
    for rows in blocks:
        to_do = data.draw(st.dictionaries(st.integers(0, workers - 1), st.integers(0, 40)))
        placed = placement.of(rows, to_do)
        assert sorted(place for places in placed.values() for place in places) == list(range(len(rows)))
        worker_of = {place: worker for worker, places in placed.items() for place in places}
        counts = [to_do.get(worker, 0) for worker in range(workers)]
        for place, kind in enumerate(rows):
            worker, least = worker_of[place], min(counts)
            known = [one for one in did[kind] if counts[one] < least + lead]
            assert worker in known if known else counts[worker] == least
            did[kind].add(worker)
            counts[worker] += 1
