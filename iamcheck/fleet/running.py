"""Gives rows to workers in pieces, a bounded number at a time, and takes the results in order."""

from __future__ import annotations

from collections import Counter, deque
from concurrent.futures import BrokenExecutor
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from iamcheck.errors import IamcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from iamcheck.fleet.placement import Placement

__all__ = [
    "Call",
    "Executor",
    "InThisProcess",
    "Missing",
    "Promise",
    "Work",
    "WorkersEndedError",
    "in_order",
]

_BLOCKS: Final = 3
"""Blocks that are given out at a time: enough that no worker is idle while the results of another are written."""
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

    def done(self) -> bool:
        """Whether it is there."""

    def cancel(self) -> object:
        """Says that nobody waits for it."""


class Executor(Protocol):
    """Does work elsewhere."""

    def submit(self, call: Call[_Result], worker: int | None, /) -> Promise[Sequence[_Result] | Missing]:
        """Gives out a call.

        Args:
            call: The call.
            worker: The number of the worker that does it at least cost; None: it is the same for all.
        """


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

    def done(self) -> bool:
        """Nobody else is busy with it."""
        return True

    def cancel(self) -> None:
        """Nothing has begun."""


class _Failed(Generic[_Result]):
    """A call that could not be given out: said where its results are awaited."""

    def __init__(self, error: BrokenExecutor) -> None:
        self._error = error

    def result(self) -> Sequence[_Result] | Missing:
        raise self._error

    def done(self) -> bool:
        """Nobody else is busy with it."""
        return True

    def cancel(self) -> None:
        """Nothing has begun."""


def in_order(
    rows: Iterable[_Row],
    work: Work[_Row, _Result],
    executor: Executor,
    *,
    piece: int,
    workers: int,
    placement: Placement[_Row] | None = None,
) -> Iterator[_Result]:
    """The result of each row, in the order of the rows.

    Rows are given out in blocks of a piece for each worker. A worker that ends before it answers costs its piece a
    second try; what has been yielded is never done again.

    Args:
        rows: What is to be done; no more of it is read than is given out.
        work: Makes the call for a piece.
        executor: Gives calls to workers.
        piece: Rows of a piece at most.
        workers: How many workers there are, or are thought to be.
        placement: Chooses the worker of each row; None: rows beside each other are a piece, and any worker does it.

    Raises:
        WorkersEndedError: A piece ended its worker each time.
    """
    given_out = _GivenOut(work, executor, piece, placement)
    left = iter(rows)
    try:
        while block := tuple(islice(left, piece * workers)):
            given_out.give(block)
            if given_out.count >= _BLOCKS:
                yield from given_out.first()
        while given_out.count:
            yield from given_out.first()
    finally:
        given_out.cancel()


class _GivenOut(Generic[_Row, _Result]):
    """The blocks of rows that are given out."""

    def __init__(
        self, work: Work[_Row, _Result], executor: Executor, size: int, placement: Placement[_Row] | None
    ) -> None:
        self._work, self._executor, self._size, self._placement = work, executor, size, placement
        self._blocks: deque[_Block[_Result]] = deque()

    @property
    def count(self) -> int:
        return len(self._blocks)

    def give(self, rows: Sequence[_Row]) -> None:
        """Gives out a block."""
        pieces: list[_Piece[_Result]] = []
        for worker, places in self._placed(rows):
            for first in range(0, len(places), self._size):
                those = places[first : first + self._size]
                call = partial(self._work, [rows[place] for place in those])
                pieces.append(_Piece(call, self._executor, worker, those))
        self._blocks.append(_Block(pieces))

    def _placed(self, rows: Sequence[_Row]) -> Iterable[tuple[int | None, Sequence[int]]]:
        """The workers that get rows, with the places of the rows in the block."""
        if self._placement is None:
            return [(None, range(len(rows)))]
        return self._placement.of(rows, self._rows_of_workers()).items()

    def _rows_of_workers(self) -> Counter[int]:
        """How many rows each worker still has to do."""
        rows: Counter[int] = Counter()
        for block in self._blocks:
            for piece in block.pieces:
                if piece.worker is not None and not piece.is_done():
                    rows[piece.worker] += len(piece.places)
        return rows

    def first(self) -> Iterator[_Result]:
        """The results of the block that was given out first."""
        yield from self._blocks[0].results()
        self._blocks.popleft()

    def cancel(self) -> None:
        """Says that nobody waits for results any more."""
        for block in self._blocks:
            for piece in block.pieces:
                piece.cancel()


class _Block(Generic[_Result]):
    """Rows beside each other, in the pieces in which they are given out."""

    def __init__(self, pieces: Sequence[_Piece[_Result]]) -> None:
        self.pieces = pieces

    def results(self) -> Iterator[_Result]:
        """The results of the rows, in their order."""
        pieces = {place: piece for piece in self.pieces for place in piece.places}
        for place in range(len(pieces)):
            yield pieces[place].next_result()


class _Piece(Generic[_Result]):
    """Rows of a block that one worker does.

    Args:
        call: Makes the call for them, with what the worker said that it lacks.
        executor: Gives it to a worker.
        worker: The worker that does it at least cost; None: any.
        places: The places of the rows in the block, in order.
    """

    def __init__(
        self,
        call: Callable[[tuple[str, ...]], Call[_Result]],
        executor: Executor,
        worker: int | None,
        places: Sequence[int],
    ) -> None:
        self._call, self._executor = call, executor
        self.worker, self.places = worker, places
        self._promise = self._given(())
        self._results: Iterator[_Result] | None = None

    def next_result(self) -> _Result:
        """The result of the next of its rows.

        Raises:
            WorkersEndedError: The piece ended its worker each time.
        """
        if self._results is None:
            self._results = iter(self._answer())
        return next(self._results)

    def is_done(self) -> bool:
        return self._promise.done()

    def cancel(self) -> None:
        self._promise.cancel()

    def _answer(self) -> Sequence[_Result]:
        tries = 0
        while True:
            names: tuple[str, ...] = ()
            try:
                answer = self._promise.result()
            except BrokenExecutor as error:
                tries += 1
                if tries >= _TRIES:
                    raise WorkersEndedError(
                        f"a worker ended {_TRIES} times before it answered (was it killed, or out of memory?)"
                    ) from error
            else:
                if not isinstance(answer, Missing):
                    return answer
                names = answer.names
            self._promise = self._given(names)

    def _given(self, names: tuple[str, ...]) -> Promise[Sequence[_Result] | Missing]:
        call = self._call(names)
        if isinstance(call, InThisProcess):
            return call
        try:
            return self._executor.submit(call, self.worker)
        except BrokenExecutor as error:
            return _Failed(error)
