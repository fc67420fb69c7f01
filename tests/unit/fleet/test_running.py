"""Pieces of work are given out a bounded number at a time, and their results come in order, each once."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.fleet.placement import Placement
from iamcheck.fleet.processes import worker_processes
from iamcheck.fleet.running import InThisProcess, Missing, WorkersEndedError, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from iamcheck.fleet.running import Call

_Result = TypeVar("_Result")


def doubled(rows: Sequence[int]) -> list[int]:
    return [2 * row for row in rows]


def double(rows: Sequence[int], _missing: tuple[str, ...]) -> Call[int]:
    return partial(doubled, rows)


class DiesOnce:
    """Ends the process that does the piece with the number, the first time; or each time, without a mark."""

    def __init__(self, number: int, mark: Path | None) -> None:
        self.number, self.mark = number, mark

    def __call__(self, rows: Sequence[int], _missing: tuple[str, ...]) -> Call[int]:
        return partial(self.work, rows)

    def work(self, rows: Sequence[int]) -> list[int]:
        if self.number in rows and (self.mark is None or not self.mark.exists()):
            if self.mark is not None:
                self.mark.touch()
            os.kill(os.getpid(), 9)
        return doubled(rows)


class Threads:
    """Threads as workers; which one does a call is no matter to them."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def submit(self, call: Call[_Result], _worker: int | None, /) -> Future[Sequence[_Result] | Missing]:
        return self._pool.submit(call)


@given(
    st.lists(st.integers(0, 20), max_size=60),
    st.integers(1, 9),
    st.integers(1, 3),
    st.none() | st.builds(Placement, st.integers(1, 4), st.just(lambda row: row % 5), st.integers(0, 12)),
)
def test_results_are_in_the_order_of_the_rows(
    rows: list[int], piece: int, workers: int, placement: Placement[int] | None
) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = in_order(rows, double, Threads(pool), piece=piece, workers=workers, placement=placement)
        assert list(results) == doubled(rows)


class Asked:
    """Does a call when its result is awaited, and keeps what it was given."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[int], int | None]] = []

    def submit(self, call: Call[_Result], worker: int | None, /) -> InThisProcess[_Result]:
        results = call()
        assert not isinstance(results, Missing)
        self.calls.append(([int(str(result)) // 2 for result in results], worker))
        return InThisProcess(lambda: results)


@pytest.mark.parametrize(
    ("placement", "calls"),
    [
        (None, [([0, 1, 2], None), ([3, 4, 5], None), ([6, 7, 8], None), ([9], None)]),
        # rows of one kind are for one worker, and no piece has more than three
        (Placement(2, lambda row: row < 5, 9), [([0, 1, 2], 0), ([3, 4], 0), ([5], 1), ([6, 7, 8], 1), ([9], 1)]),
        (Placement(2, lambda row: row % 2, 9), [([0, 2, 4], 0), ([1, 3, 5], 1), ([6, 8], 0), ([7, 9], 1)]),
    ],
)
def test_a_block_is_given_out_in_pieces_for_its_workers(
    placement: Placement[int] | None, calls: list[tuple[list[int], int | None]]
) -> None:
    executor = Asked()
    results = in_order(range(10), double, executor, piece=3, workers=2, placement=placement)
    assert list(results) == doubled(range(10))
    assert executor.calls == calls


def test_no_more_rows_are_read_than_are_given_out() -> None:
    read: list[int] = []

    def rows() -> Iterator[int]:
        for row in range(100):
            read.append(row)
            yield row

    with ThreadPoolExecutor(1) as pool:
        results = in_order(rows(), double, Threads(pool), piece=3, workers=2)
        assert next(results) == 0
        assert len(read) == 18
        # the next block is read when the first one is written
        assert [next(results) for _ in range(5)] == doubled(range(1, 6))
        assert len(read) == 18
        assert next(results) == 12
        assert len(read) == 24


def test_a_worker_that_is_killed_costs_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    rows = list(range(40))
    with ExitStack() as stack:
        workers = worker_processes(2, stack)
        found = list(in_order(rows, DiesOnce(17, tmp_path / "mark"), workers, piece=4, workers=2))
    assert found == doubled(rows)


class DiesWhileItAnswers:
    """Ends the process that does row 5 while it writes its answer, which no pipe holds, the first time."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __call__(self, rows: Sequence[int], _missing: tuple[str, ...]) -> Call[bytes]:
        return partial(self.work, rows)

    def work(self, rows: Sequence[int]) -> list[bytes]:
        if 5 in rows and not self.mark.exists():
            self.mark.touch()
            threading.Thread(target=end_while_sending, args=(threading.get_ident(),), daemon=True).start()
            return [bytes(100_000_000)]
        return [b""] * len(rows)


def end_while_sending(thread: int) -> None:
    while sys._current_frames()[thread].f_code.co_name != "_send":
        pass
    os.kill(os.getpid(), 9)


def test_a_worker_that_is_killed_while_it_answers_is_not_awaited_for_ever(tmp_path: Path) -> None:
    with ExitStack() as stack:
        workers = worker_processes(2, stack)
        answers = list(in_order(range(20), DiesWhileItAnswers(tmp_path / "mark"), workers, piece=2, workers=2))
    assert answers == [b""] * 20


def fails(_rows: Sequence[int]) -> list[int]:
    raise ZeroDivisionError("a text")


def test_an_error_in_a_worker_is_raised_where_the_answer_is_awaited() -> None:
    with ExitStack() as stack:
        workers = worker_processes(1, stack)
        with pytest.raises(ZeroDivisionError, match="a text"):
            workers.submit(partial(fails, [1]), None).result()
        assert workers.submit(partial(doubled, [1]), None).result() == [2]


def test_rows_that_kill_every_worker_end_the_run_with_the_cure() -> None:
    with ExitStack() as stack:
        results = in_order(list(range(40)), DiesOnce(17, None), worker_processes(2, stack), piece=4, workers=1)
        found = [next(results) for _ in range(16)]
        with pytest.raises(WorkersEndedError, match="a worker ended 3 times before it answered"):
            next(results)
    assert found == doubled(list(range(16)))


def process_of(_rows: Sequence[int]) -> list[int]:
    return [os.getpid()]


def read_pipe(pipe: Path) -> list[int]:
    """The number of this process, once somebody has written to the pipe."""
    pipe.read_bytes()
    return process_of([])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_call_is_done_by_its_worker_and_a_call_for_any_by_an_idle_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with ExitStack() as stack:
        workers = worker_processes(2, stack)
        numbers = [workers.submit(partial(process_of, []), worker).result() for worker in (0, 1, 0, 1)]
        assert numbers[0] == numbers[2] != numbers[1] == numbers[3]
        busy = workers.submit(partial(read_pipe, tmp_path / "pipe"), 0)
        later = workers.submit(partial(process_of, []), 0)
        assert [workers.submit(partial(process_of, []), None).result() for _ in range(3)] == [numbers[1]] * 3
        assert not busy.done()
        assert not later.done()
        (tmp_path / "pipe").write_bytes(b"")
        assert busy.result() == later.result() == numbers[0]


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a process that is no child ends")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    code = """if __name__ == "__main__":
    import contextlib, os, sys
    from iamcheck.fleet.processes import worker_processes
    with contextlib.ExitStack() as stack:
        print(worker_processes(1, stack).submit(os.getpid, None).result(), flush=True)
        sys.stdin.read()
"""
    (tmp_path / "run.py").write_text(code)
    words = [sys.executable, str(tmp_path / "run.py")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        worker = os.pidfd_open(int(run.stdout.readline()))
        try:
            run.kill()
            ended, _, _ = select.select([worker], [], [], 60)
        finally:
            os.close(worker)
    assert ended
