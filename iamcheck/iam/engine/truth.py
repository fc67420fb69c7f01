"""Combines Kleene's three values, and keeps what the simulator would make of the third.

A plain int for speed: the low bit is the answer where every unknown key is absent and every unread layer is not there;
the next bit is set where some content of what is unknown gives the other answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iamcheck.iam.model import Request

__all__ = [
    "NO",
    "PERHAPS_NO",
    "PERHAPS_YES",
    "YES",
    "Compiled",
    "Test",
    "all_of",
    "any_of",
    "is_open",
    "negated",
    "outcome_of",
    "point",
]

NO: Final = 0
YES: Final = 1
PERHAPS_NO: Final = 2
PERHAPS_YES: Final = 3

Test: TypeAlias = "Callable[[Request], int]"
"""An element of a statement: the outcome of a request, as in `truth`."""


class Compiled(NamedTuple):
    """A condition or a pattern, ready to be asked."""

    test: Test
    keys: tuple[tuple[str, str], ...]
    """The keys that it looks at: in lower case, and as the policy spells them."""


def point(outcome: int) -> bool:
    """The answer where unknown is absent."""
    return bool(outcome & 1)


def is_open(outcome: int) -> bool:
    """True for *perhaps*."""
    return outcome > YES


def negated(outcome: int) -> int:
    """Not, which leaves *perhaps* open."""
    return outcome ^ 1


def all_of(outcomes: Iterable[int]) -> int:
    """And: one *no* is *no*, whatever is unknown."""
    result = YES
    for outcome in outcomes:
        if outcome == NO:
            return NO
        result = (result | outcome) & 2 | result & outcome & 1
    return result


def any_of(outcomes: Iterable[int]) -> int:
    """Or: one *yes* is *yes*, whatever is unknown."""
    result = NO
    for outcome in outcomes:
        if outcome == YES:
            return YES
        result |= outcome
    return result


def outcome_of(now: bool, possible: Iterable[bool]) -> int:
    """The outcome of a test that gives `now` where unknown is absent, and may give any of `possible` otherwise."""
    return (PERHAPS_YES if now else PERHAPS_NO) if any(other is not now for other in possible) else int(now)
