"""Runs calls side by side, under one bound."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

from iamcheck.errors import AwsUnavailableError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from queue import SimpleQueue

__all__ = ["together"]

T = TypeVar("T")


def together(tasks: Sequence[Callable[[], T]], *, max_concurrency: int) -> list[T | AwsUnavailableError]:
    """Runs tasks side by side, at most `max_concurrency` of them at a time, and waits for all.

    Tasks start in their order. A task that ends in AwsUnavailableError does not stop the others: the error stands in
    the place of its result. Any other error ends the run: no further task starts, and of the errors the one of the
    first task in the order is raised, however the tasks were timed. The same holds for Ctrl-C, which does not wait
    for the tasks that run: their threads do not keep the process alive.

    Args:
        tasks: Functions without arguments; they share nothing that is not safe to share between threads (a boto3
            client is: https://docs.aws.amazon.com/boto3/latest/guide/clients.html).
        max_concurrency: How many run at a time, at least 1; with 1 they run in the caller's own thread.

    Returns:
        A result or an AwsUnavailableError a task, in the order of the tasks.

    Raises:
        InvalidInputError: `max_concurrency` is below 1, or a task raised it.
    """
    if max_concurrency < 1:
        raise InvalidInputError(f"{max_concurrency} at a time", where="--max-concurrency", cure="give 1 or more")
    if min(max_concurrency, len(tasks)) <= 1:
        return [_result(task) for task in tasks]
    results: dict[int, T | AwsUnavailableError] = {}
    for index, result in _ended(tasks, max_concurrency):
        results[index] = result
    return [results[index] for index in range(len(tasks))]


def _ended(tasks: Sequence[Callable[[], T]], max_concurrency: int) -> Iterator[tuple[int, T | AwsUnavailableError]]:
    """The tasks' places and results, as they end."""
    from queue import SimpleQueue
    from threading import Thread

    waiting = deque(range(len(tasks)))
    done: SimpleQueue[tuple[int, T | AwsUnavailableError | None, BaseException | None]] = SimpleQueue()

    def work() -> None:
        while True:
            try:
                index = waiting.popleft()
            except IndexError:
                return
            try:
                done.put((index, _result(tasks[index]), None))
            except BaseException as error:
                waiting.clear()
                done.put((index, None, error))

    running = set(range(len(tasks)))
    failed: dict[int, BaseException] = {}
    try:
        for number in range(min(max_concurrency, len(tasks))):
            Thread(target=work, daemon=True, name=f"iamcheck {number}").start()
        # a task that failed waits for those before it, which have all started: one of them may fail too
        while running and (not failed or min(running) < min(failed)):
            at, result, error = done.get()
            running.discard(at)
            if error is not None:
                failed[at] = error
            elif not failed:
                yield at, result  # type: ignore[misc]  # there is a result where there is no error
    finally:
        waiting.clear()
    if failed:
        raise failed[min(failed)]


def _result(task: Callable[[], T]) -> T | AwsUnavailableError:
    try:
        return task()
    except AwsUnavailableError as error:
        return error
