"""Tasks side by side: order, bound, errors, interruption."""

from __future__ import annotations

import os
import signal
from threading import Barrier, Event, Lock
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.concurrency import together
from iamcheck.errors import AwsUnavailableError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

LONG = 60.0
"""Seconds after which a test that went wrong ends."""


class _Running:
    """Counts how many tasks run at a time."""

    def __init__(self, together_at_least: int) -> None:
        self._barrier = Barrier(together_at_least)
        self._lock = Lock()
        self._now = self.most = 0

    def task(self, result: int) -> Callable[[], int]:
        def run() -> int:
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
            self._barrier.wait(LONG)
            with self._lock:
                self._now -= 1
            return result

        return run


def _unavailable(operation: str = "iam:GetUser") -> AwsUnavailableError:
    return AwsUnavailableError("no answer", operation=operation)


def _raising(error: BaseException) -> Callable[[], int]:
    def run() -> int:
        raise error

    return run


@pytest.mark.parametrize(("tasks", "bound"), [(12, 4), (4, 4), (6, 2)])
def test_as_many_run_at_a_time_as_the_bound_says(tasks: int, bound: int) -> None:
    running = _Running(bound)
    assert together([running.task(at) for at in range(tasks)], max_concurrency=bound) == list(range(tasks))
    assert running.most == bound


def test_a_bound_beyond_the_tasks_runs_them_all() -> None:
    running = _Running(3)
    assert together([running.task(at) for at in range(3)], max_concurrency=100) == [0, 1, 2]


@pytest.mark.parametrize("bound", [1, 4])
def test_results_keep_the_order_of_the_tasks(bound: int) -> None:
    second = Event()

    def first() -> int:
        # ends after the second where both can run
        if bound > 1:
            assert second.wait(LONG)
        return 1

    def then() -> int:
        second.set()
        return 2

    assert together([first, then, lambda: 3], max_concurrency=bound) == [1, 2, 3]


@pytest.mark.parametrize("bound", [1, 2, 9])
def test_what_aws_does_not_answer_stands_in_its_place(bound: int) -> None:
    error = _unavailable()
    assert together([lambda: 1, _raising(error), lambda: 3], max_concurrency=bound) == [1, error, 3]


@pytest.mark.parametrize("bound", [1, 4])
def test_no_tasks_have_no_results(bound: int) -> None:
    assert together([], max_concurrency=bound) == []


@pytest.mark.parametrize("bound", [1, 2])
def test_another_error_is_raised_and_no_further_task_starts(bound: int) -> None:
    started: list[int] = []

    def late() -> int:
        started.append(1)
        return 1

    failing = [_raising(ZeroDivisionError()) for _ in range(bound)]
    with pytest.raises(ZeroDivisionError):
        together([*failing, late], max_concurrency=bound)
    assert started == []


def test_of_several_errors_the_first_in_order_is_raised() -> None:
    failed = Event()

    def slow() -> int:
        assert failed.wait(LONG)
        raise InvalidInputError("the first")

    def quick() -> int:
        failed.set()
        raise InvalidInputError("the second")

    with pytest.raises(InvalidInputError, match="the first"):
        together([slow, quick], max_concurrency=2)


def test_tasks_that_run_beside_a_failure_are_not_waited_for_where_they_come_later() -> None:
    hanging, started = Event(), Event()

    def fail() -> int:
        assert started.wait(LONG)
        raise ZeroDivisionError

    def hang() -> int:
        started.set()
        hanging.wait(LONG)
        return 2

    with pytest.raises(ZeroDivisionError):
        together([fail, hang], max_concurrency=2)
    hanging.set()


def test_an_interruption_does_not_wait() -> None:
    hanging, started = Event(), Event()

    def hang() -> int:
        started.set()
        hanging.wait(LONG)
        return 1

    def interrupt() -> int:
        assert started.wait(LONG)
        os.kill(os.getpid(), signal.SIGINT)
        hanging.wait(LONG)
        return 2

    with pytest.raises(KeyboardInterrupt):
        together([hang, interrupt], max_concurrency=2)
    hanging.set()


@pytest.mark.parametrize("bound", [0, -1])
def test_a_bound_below_one_is_bad_input(bound: int) -> None:
    with pytest.raises(InvalidInputError, match="--max-concurrency"):
        together([lambda: 1], max_concurrency=bound)
