"""What checks have in common is worked out once, and never given for another key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks.memory import CheckMemory, Same


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9))), st.integers(0, 4))
def test_what_is_kept_is_what_would_be_made(asked: list[tuple[str, int]], most: int) -> None:
    memory = CheckMemory(most)
    assert [memory.once(kind, (key,), lambda key=key: [key]) for kind, key in asked] == [[key] for _, key in asked]  # type: ignore[misc]


def test_a_result_is_made_once_until_others_take_its_place() -> None:
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return key

    memory = CheckMemory(2)
    for key in (1, 2, 1, 2, 3, 2, 1):
        memory.once("number", key, lambda key=key: make(key))  # type: ignore[misc]
    assert made == [1, 2, 3, 1]


def test_only_a_memory_with_room_keeps_anything() -> None:
    assert [CheckMemory(most).keeps for most in (0, 1, 2)] == [False, True, True]
    assert not CheckMemory().keeps
    assert CheckMemory(0).once("number", 1, object) is not CheckMemory(0).once("number", 1, object)


def test_nothing_is_kept_without_a_key() -> None:
    memory = CheckMemory(2)
    assert [memory.once("number", None, object) is memory.once("number", None, object)] == [False]


def test_same_is_the_object_itself() -> None:
    one, other = [1], [1]
    assert Same(one) == Same(one)
    assert Same(one) != Same(other)
    assert Same(one) != one
    assert len({Same(one), Same(one), Same(other)}) == 2
