"""Chooses the worker of each row: a worker that did rows of the same kind has most of what the row needs."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

__all__ = ["Placement"]

_KINDS_A_WORKER: Final = 512
"""Kinds of rows of which it is kept who did them: a worker itself keeps no more results of a kind."""

_Row = TypeVar("_Row")


class Placement(Generic[_Row]):
    """Which worker does a row.

    A row goes to a worker that did a row of its kind, or to the worker that has the fewest rows to do where nobody did
    one, or where that worker is behind.

    Args:
        workers: How many there are.
        kind: What a row has in common with others, so that the worker of these does it at less cost.
        lead: Rows. A worker is behind where it has that many more rows to do than another one.
    """

    def __init__(self, workers: int, kind: Callable[[_Row], Hashable], lead: int) -> None:
        self._workers, self._kind, self._lead = range(workers), kind, lead
        self._did: Final[OrderedDict[Hashable, tuple[int, ...]]] = OrderedDict()

    def of(self, rows: Sequence[_Row], to_do: Mapping[int, int]) -> dict[int, list[int]]:
        """The workers that get rows, each with the places of its rows in the sequence.

        Args:
            rows: The rows.
            to_do: How many rows each worker still has to do.
        """
        counts = [to_do.get(worker, 0) for worker in self._workers]
        placed: dict[int, list[int]] = {}
        for place, row in enumerate(rows):
            worker = self._worker(self._kind(row), counts)
            counts[worker] += 1
            placed.setdefault(worker, []).append(place)
        return placed

    def _worker(self, kind: Hashable, counts: Sequence[int]) -> int:
        did = self._did.pop(kind, ())
        worker = min(self._workers, key=counts.__getitem__)
        if did:
            best = min(did, key=counts.__getitem__)
            if counts[best] < counts[worker] + self._lead:
                worker = best
        self._did[kind] = did if worker in did else (*did, worker)
        if len(self._did) > _KINDS_A_WORKER * len(self._workers):
            self._did.popitem(last=False)
        return worker
