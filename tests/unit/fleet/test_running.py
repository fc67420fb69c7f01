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
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.fleet.processes import worker_processes
from iamcheck.fleet.running import WorkersEndedError, in_order, in_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from iamcheck.fleet.running import Call


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


@given(st.lists(st.integers(), max_size=50), st.integers(1, 9), st.integers(1, 5))
def test_results_are_in_the_order_of_the_rows(rows: list[int], piece: int, waiting: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(in_order(rows, double, pool, piece=piece, waiting=waiting))
    assert found == doubled(rows)


@given(st.lists(st.integers(), max_size=50), st.integers(1, 9))
def test_pieces_hold_each_row_once(rows: list[int], size: int) -> None:
    pieces = list(in_pieces(rows, size))
    assert [row for piece in pieces for row in piece] == rows
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(pieces)


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 9))
def test_rows_that_share_their_work_are_in_one_piece_where_they_fit(shared: list[int], size: int) -> None:
    pieces = list(in_pieces(enumerate(shared), size, lambda row: row[1]))
    assert [row for piece in pieces for row in piece] == list(enumerate(shared))
    assert all(1 <= len(piece) <= size for piece in pieces)
    for piece, following in pairwise(pieces):
        is_of_one_kind = len({kind for _, kind in piece}) == 1
        assert piece[-1][1] != following[0][1] or (is_of_one_kind and len(piece) == size)
        # no piece is smaller than it has to be
        rows_until_change = next(
            (n for n, (_, kind) in enumerate(following) if kind != following[0][1]), len(following)
        )
        assert len(piece) + rows_until_change > size or piece[-1][1] == following[0][1]


@pytest.mark.parametrize(("piece", "shared", "most"), [(3, None, 12), (1, None, 4), (1, str, 4), (3, str, 13)])
def test_no_more_rows_are_read_than_are_given_out(
    piece: int, shared: Callable[[int], object] | None, most: int
) -> None:
    read: list[int] = []

    def rows() -> Iterator[int]:
        for row in range(100):
            read.append(row)
            yield row

    with ThreadPoolExecutor(1) as pool:
        results = in_order(rows(), double, pool, piece=piece, waiting=4, shared=shared)
        assert next(results) == 0
        # to see whether the work of the last row goes on, the row after it is read
        assert len(read) == most


def test_a_worker_that_is_killed_costs_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    rows = list(range(40))
    with ExitStack() as stack:
        workers = worker_processes(2, stack)
        found = list(in_order(rows, DiesOnce(17, tmp_path / "mark"), workers, piece=4, waiting=4))
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
        answers = list(in_order(range(20), DiesWhileItAnswers(tmp_path / "mark"), workers, piece=2, waiting=4))
    assert answers == [b""] * 20


def fails(_rows: Sequence[int]) -> list[int]:
    raise ZeroDivisionError("a text")


def test_an_error_in_a_worker_is_raised_where_the_answer_is_awaited() -> None:
    with ExitStack() as stack:
        workers = worker_processes(1, stack)
        with pytest.raises(ZeroDivisionError, match="a text"):
            workers.submit(partial(fails, [1])).result()
        assert workers.submit(partial(doubled, [1])).result() == [2]


def test_rows_that_kill_every_worker_end_the_run_with_the_cure() -> None:
    with ExitStack() as stack:
        results = in_order(list(range(40)), DiesOnce(17, None), worker_processes(2, stack), piece=4, waiting=1)
        found = [next(results) for _ in range(16)]
        with pytest.raises(WorkersEndedError, match="--resume goes on"):
            next(results)
    assert found == doubled(list(range(16)))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a process that is no child ends")
def test_no_worker_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    code = """if __name__ == "__main__":
    import contextlib, os, sys
    from iamcheck.fleet.processes import worker_processes
    with contextlib.ExitStack() as stack:
        print(worker_processes(1, stack).submit(os.getpid).result(), flush=True)
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
