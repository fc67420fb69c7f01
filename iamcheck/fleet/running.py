"""Gives rows to workers in pieces, a bounded number at a time, and takes the results in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from iamcheck.errors import IamcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future
    from contextlib import ExitStack

__all__ = ["PIECES_A_WORKER", "WorkersEndedError", "in_order", "in_pieces", "worker_processes"]

PIECES_A_WORKER: Final = 3
"""Pieces that wait for each worker: enough that none of them is idle while the results of another are written."""
_TRIES: Final = 3
"""How often a piece is given out whose worker ended before it answered."""

_Row = TypeVar("_Row")
_Result = TypeVar("_Result")


class WorkersEndedError(IamcheckError):
    """The workers ended before the work did; the results that were written are good."""


class Workers(Protocol):
    """Who can give workers anew, after some of them ended."""

    def __call__(self) -> Executor:
        """Workers that are alive."""


@dataclass(frozen=True)
class _Piece(Generic[_Row, _Result]):
    rows: Sequence[_Row]
    future: Future[Sequence[_Result]]


def in_pieces(rows: Iterable[_Row], size: int) -> Iterator[tuple[_Row, ...]]:
    """The rows in pieces of a size; the last one may be smaller."""
    left = iter(rows)
    while piece := tuple(islice(left, size)):
        yield piece


def in_order(
    rows: Iterable[_Row],
    work: Callable[[Sequence[_Row]], Sequence[_Result]],
    workers: Workers,
    *,
    piece: int,
    waiting: int,
) -> Iterator[_Result]:
    """The result of each row, in the order of the rows.

    A worker that ends before it answers costs its pieces a second try; what has been yielded is never done again.

    Args:
        rows: What is to be done; no more of it is read than is given out.
        work: Does a piece, wherever the workers are.
        workers: Gives the workers; asked again where they ended.
        piece: Rows of a piece.
        waiting: Pieces that are given out at a time.

    Raises:
        WorkersEndedError: A piece ended its worker each time.
    """
    executor = workers()
    out: deque[_Piece[_Row, _Result]] = deque()
    tries = 0
    try:
        for each in in_pieces(rows, piece):
            out.append(_Piece(each, _submit(executor, work, each)))
            while len(out) >= waiting:
                results, executor, tries = _first(out, work, workers, executor, tries)
                yield from results
        while out:
            results, executor, tries = _first(out, work, workers, executor, tries)
            yield from results
    finally:
        for one in out:
            one.future.cancel()


def _first(
    out: deque[_Piece[_Row, _Result]],
    work: Callable[[Sequence[_Row]], Sequence[_Result]],
    workers: Workers,
    executor: Executor,
    tries: int,
) -> tuple[Sequence[_Result], Executor, int]:
    """The results of the piece that was given out first, the workers that are alive, and the tries so far."""
    try:
        results = out[0].future.result()
    except BrokenExecutor as error:
        if tries + 1 >= _TRIES:
            raise WorkersEndedError(
                f"a worker ended {_TRIES} times before it answered (was it killed, or out of memory?); "
                "--resume goes on from the results that were written"
            ) from error
        executor = workers()
        again = [one.rows for one in out]
        out.clear()
        out.extend(_Piece(rows, _submit(executor, work, rows)) for rows in again)
        return (), executor, tries + 1
    out.popleft()
    return results, executor, 0


def _submit(
    executor: Executor, work: Callable[[Sequence[_Row]], Sequence[_Result]], rows: Sequence[_Row]
) -> Future[Sequence[_Result]]:
    try:
        return executor.submit(work, rows)
    except BrokenExecutor as error:
        # said where its results are awaited
        from concurrent.futures import Future

        failed: Future[Sequence[_Result]] = Future()
        failed.set_exception(error)
        return failed


def worker_processes(count: int, stack: ExitStack) -> Workers:
    """Processes on this machine, each started anew and none by fork: threads and clients of AWS do not survive that.

    Args:
        count: How many.
        stack: Ends them.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    def start() -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        return pool

    return start
