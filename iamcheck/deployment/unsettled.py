"""Holds a value that a policy depends on and nobody knows yet, and the error that carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import IamcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iamcheck.iam.model import Place

__all__ = ["LATER", "OpenCause", "Unsettled", "UnsettledError", "by_cause", "cure_of", "settle_with"]

LATER: Final = "is known only when the deployment is made"
_NO_CURE: Final = "a template or plan that says it"


class Unsettled(NamedTuple):
    """Something that permissions depend on and that is not known.

    Args:
        what: What it is, such as `the name of the endpoint`.
        why: Why it is not known, a clause that goes on from `what`.
        place: Where it is written.
        cure: What settles it.
        causes: What keeps it from being known, where the source's reader can tell.
    """

    what: str
    why: str
    place: Place
    cure: str
    causes: tuple[OpenCause, ...] = ()

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
        return tuple(f"{open_point}: {open_point.cure}" for open_point in self.unsettled)

    def in_words(self, translate: Callable[[str], str]) -> UnsettledError:
        """Returns the same error with its texts translated."""
        return UnsettledError(
            [
                open_point._replace(why=translate(open_point.why), cure=translate(open_point.cure))
                for open_point in self.unsettled
            ]
        )


def cure_of(causes: Iterable[OpenCause], otherwise: str = _NO_CURE) -> str:
    """Says what settles something, such as `give --parameter Stage=VALUE`.

    Args:
        causes: What keeps it from being known.
        otherwise: What to give where no cause has a cure.
    """
    cures = dict.fromkeys(cause.cure for cause in causes if cause.cure)
    return f"give {' and '.join(cures) or otherwise}"


def settle_with(what: str, place: Place, causes: tuple[OpenCause, ...], cure: str = "") -> Unsettled:
    """Makes an unsettled thing of what keeps it from being known.

    Args:
        what: What it is.
        place: Where it is written.
        causes: Why it is not known; none: it is known only when the deployment is made.
        cure: What settles it; empty: what settles its causes.
    """
    why = f"{LATER}: {'; '.join(cause.text for cause in causes)}" if causes else LATER
    return Unsettled(what, why, place, cure or cure_of(causes), causes)


def by_cause(unsettled: Iterable[Unsettled]) -> tuple[Unsettled, ...]:
    """Says one cause once: things that have a cause in common become one."""
    groups: list[list[Unsettled]] = []
    for thing in unsettled:
        related = [group for group in groups if any(set(other.causes) & set(thing.causes) for other in group)]
        if not related:
            groups.append([thing])
            continue
        first, *others = related
        first += [*(other for group in others for other in group), thing]
        groups = [group for group in groups if not any(group is other for other in others)]
    return tuple(_together(group) for group in groups)


def _together(group: list[Unsettled]) -> Unsettled:
    first = group[0]
    if len(group) == 1:
        return first
    causes = tuple(dict.fromkeys(cause for thing in group for cause in thing.causes))
    whats = list(dict.fromkeys(thing.what for thing in group))
    joined = f"{', '.join(whats[:-1])} and {whats[-1]}" if len(whats) > 1 else whats[0]
    # the cure of a name is as good as that of its cause; one that settles all is what helps
    merged = settle_with(joined, first.place, causes)
    return merged if len(whats) == 1 else merged._replace(why=f"are{merged.why.removeprefix('is')}")


class OpenCause(NamedTuple):
    """Why a value is known only when the deployment is made.

    Args:
        text: The cause, a clause such as `the parameter Stage has no value`.
        cure: What to give so that the value is known, such as `--parameter Stage=VALUE`; empty: nothing settles it
            before the deployment is made.
        is_refused: Whether the tool refuses the whole file for it, so that a value which is given besides settles
            nothing.
    """

    text: str
    cure: str
    is_refused: bool = False
