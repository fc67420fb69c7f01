"""Gives rows to workers in pieces, a bounded number at a time, and takes the results in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from iamcheck.errors import IamcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = [
    "PIECES_A_WORKER",
    "Call",
    "Executor",
    "InThisProcess",
    "Missing",
    "Promise",
    "Work",
    "WorkersEndedError",
    "in_order",
    "in_pieces",
]

PIECES_A_WORKER: Final = 3
"""Pieces that wait for each worker: enough that none of them is idle while the results of another are written."""
_TRIES: Final = 3
"""How often a piece is given out whose worker ended before it answered."""

_Row = TypeVar("_Row")
_Result = TypeVar("_Result")
_Got = TypeVar("_Got", covariant=True)


class WorkersEndedError(IamcheckError):
    """The workers ended before the work did; the results that were written are good."""


class Missing(NamedTuple):
    """What a worker answers that does not have what a piece of work needs: it is sent, once to each worker.

    Args:
        names: What it does not have.
    """

    names: tuple[str, ...]


class Promise(Protocol[_Got]):
    """A result that will be there, such as a `concurrent.futures.Future`."""

    def result(self) -> _Got:
        """The result, once it is there."""

    def cancel(self) -> object:
        """Says that nobody waits for it."""


class Executor(Protocol):
    """Does work elsewhere, such as a `concurrent.futures.Executor`."""

    def submit(self, call: Call[_Result], /) -> Promise[Sequence[_Result] | Missing]:
        """Gives out a call."""


Call: TypeAlias = "Callable[[], Sequence[_Result] | Missing]"
"""Does a piece of work, wherever it is; what it carries can be pickled."""
Work: TypeAlias = "Callable[[Sequence[_Row], tuple[str, ...]], Call[_Result]]"
"""Makes the call for a piece of rows, with what its worker said that it lacks."""


class InThisProcess(Generic[_Result]):
    """A call that no worker can do: it is done here, when its results are awaited.

    Args:
        call: The call.
    """

    def __init__(self, call: Call[_Result]) -> None:
        self.call = call

    def __call__(self) -> Sequence[_Result] | Missing:
        """The result: now it is worked out."""
        return self.call()

    def result(self) -> Sequence[_Result] | Missing:
        """Likewise."""
        return self.call()

    def cancel(self) -> None:
        """Nothing has begun."""


class _Failed(Generic[_Result]):
    """A call that could not be given out: said where its results are awaited."""

    def __init__(self, error: BrokenExecutor) -> None:
        self._error = error

    def result(self) -> Sequence[_Result] | Missing:
        raise self._error

    def cancel(self) -> None:
        """Nothing has begun."""


@dataclass
class _Piece(Generic[_Row, _Result]):
    rows: Sequence[_Row]
    promise: Promise[Sequence[_Result] | Missing]
    tries: int = 0


def in_pieces(
    rows: Iterable[_Row], size: int, shared: Callable[[_Row], object] | None = None
) -> Iterator[tuple[_Row, ...]]:
    """The rows in pieces of at most a size, in order.

    Args:
        rows: The rows; no more of them are read than the piece has that is awaited, and the row after it where `shared`
            counts.
        size: Rows of a piece at most.
        shared: What a row has in common with rows beside it, so that a worker does them together cheaply: a piece ends
            where that changes, if it does so within the size. None, or a size of 1: only the size counts.
    """
    if shared is None or size == 1:
        left = iter(rows)
        while whole := tuple(islice(left, size)):
            yield whole
        return
    piece: list[_Row] = []
    change = 0
    for row in rows:
        if piece and shared(row) != shared(piece[-1]):
            change = len(piece)
        piece.append(row)
        if len(piece) > size:
            end = change or size
            yield tuple(piece[:end])
            piece, change = piece[end:], 0
    if piece:
        yield tuple(piece)


def in_order(
    rows: Iterable[_Row],
    work: Work[_Row, _Result],
    executor: Executor,
    *,
    piece: int,
    waiting: int,
    shared: Callable[[_Row], object] | None = None,
) -> Iterator[_Result]:
    """The result of each row, in the order of the rows.

    A worker that ends before it answers costs its piece a second try; what has been yielded is never done again.

    Args:
        rows: What is to be done; no more of it is read than is given out, and the row after it.
        work: Makes the call for a piece.
        executor: Gives calls to workers.
        piece: Rows of a piece at most.
        waiting: Pieces that are given out at a time.
        shared: As for `in_pieces`.

    Raises:
        WorkersEndedError: A piece ended its worker each time.
    """
    window: _Window[_Row, _Result] = _Window(work, executor)
    try:
        for each in in_pieces(rows, piece, shared):
            window.give(each)
            while window.count >= waiting:
                yield from window.first()
        while window.count:
            yield from window.first()
    finally:
        window.cancel()


class _Window(Generic[_Row, _Result]):
    """The pieces that are given out."""

    def __init__(self, work: Work[_Row, _Result], executor: Executor) -> None:
        self._work, self._executor = work, executor
        self._out: deque[_Piece[_Row, _Result]] = deque()

    @property
    def count(self) -> int:
        return len(self._out)

    def give(self, rows: Sequence[_Row]) -> None:
        self._out.append(_Piece(rows, self._promise(rows, ())))

    def cancel(self) -> None:
        for piece in self._out:
            piece.promise.cancel()

    def first(self) -> Sequence[_Result]:
        """The results of the piece that was given out first; none where it had to be given out again."""
        piece = self._out[0]
        try:
            answer = piece.promise.result()
        except BrokenExecutor as error:
            piece.tries += 1
            if piece.tries >= _TRIES:
                raise WorkersEndedError(
                    f"a worker ended {_TRIES} times before it answered (was it killed, or out of memory?); "
                    "--resume goes on from the results that were written"
                ) from error
            piece.promise = self._promise(piece.rows, ())
            return ()
        if isinstance(answer, Missing):
            piece.promise = self._promise(piece.rows, answer.names)
            return ()
        self._out.popleft()
        return answer

    def _promise(self, rows: Sequence[_Row], names: tuple[str, ...]) -> Promise[Sequence[_Result] | Missing]:
        call = self._work(rows, names)
        if isinstance(call, InThisProcess):
            return call
        try:
            return self._executor.submit(call)
        except BrokenExecutor as error:
            return _Failed(error)
