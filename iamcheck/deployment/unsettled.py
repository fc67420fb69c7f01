"""What a policy depends on and nobody knows yet: a value, and the error that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.errors import IamcheckError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.model import Place

__all__ = ["Unsettled", "UnsettledError"]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Something that permissions depend on and that is not known.

    Args:
        what: What it is, such as `the name of the endpoint`.
        why: Why it is not known, a clause that goes on from `what`.
        place: Where it is written.
        cure: What settles it.
    """

    what: str
    why: str
    place: Place
    cure: str

    def __str__(self) -> str:
        return f"{self.what} {self.why} ({self.place})"


class UnsettledError(IamcheckError):
    """What a policy depends on is not known, or AWS would refuse it; the command line exits with 3.

    Args:
        unsettled: What it is, each with its place and cure.
    """

    def __init__(self, unsettled: Sequence[Unsettled]) -> None:
        self.unsettled = tuple(unsettled)
        super().__init__("; ".join(self.lines()))

    def lines(self) -> tuple[str, ...]:
        """One line for each thing that is not known."""
        return tuple(f"{one}: {one.cure}" for one in self.unsettled)
