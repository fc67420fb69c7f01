"""Makes the calls of IAM that a walk over its answers asks for: each once, side by side, whole lists.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html (Marker, IsTruncated)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.pages import pages
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from iamcheck.aws.clients import AwsAnswer, Deadline

__all__ = ["Read", "ReadRounds", "read_all"]

Pages: TypeAlias = "tuple[AwsAnswer, ...]"


@dataclass(frozen=True, slots=True)
class Read:
    """One thing to read.

    Args:
        operation: As `iam:Operation`.
        parameters: Its parameters, as pairs.
        lists: The member that holds the list, for operations with pages; empty for others.
    """

    operation: str
    parameters: tuple[tuple[str, str], ...]
    lists: str = ""


class ReadRounds:
    """What was read so far, and what turned out to be missing.

    Whoever walks over answers asks for them here as if all were there; what is not becomes a part of the next round.
    """

    def __init__(self, answered: Mapping[Read, Pages | AwsUnavailableError]) -> None:
        self.missing: dict[Read, None] = {}
        self._ended = dict(answered)

    def pages(self, read: Read) -> Pages:
        """The pages of a read, one for operations without pages.

        Raises:
            AwsUnavailableError: It could not be read, or has not been read yet.
        """
        ended = self._ended.get(read)
        if ended is None:
            self.missing[read] = None
            raise AwsUnavailableError("not asked yet", operation=read.operation)
        if isinstance(ended, AwsUnavailableError):
            raise ended
        return ended

    def answer(self, read: Read) -> AwsAnswer:
        """The answer of a read without pages; raises as `pages`."""
        return self.pages(read)[0]

    def next_round(self, iam: object, deadline: Deadline | None, max_concurrency: int) -> None:
        """Reads what is missing, side by side."""
        reads = list(self.missing)
        self.missing.clear()
        tasks = [partial(_read, iam, read, deadline) for read in reads]
        self._ended.update(zip(reads, together(tasks, max_concurrency=max_concurrency), strict=True))


def read_all(
    walk: Callable[[ReadRounds], None],
    iam: object,
    *,
    deadline: Deadline | None = None,
    max_concurrency: int,
    answered: Mapping[Read, Pages | AwsUnavailableError] | None = None,
) -> ReadRounds:
    """Reads everything that a walk over the answers asks for: a round for each depth of what depends on what.

    Args:
        walk: Asks for answers; called again after each round, and for the last time when none was missing.
        iam: A boto3 client for IAM.
        deadline: When the run must have ended.
        max_concurrency: How many calls run at a time.
        answered: Reads that have ended already.

    Raises:
        InvalidInputError: `max_concurrency` is below 1.
    """
    reads = ReadRounds(answered or {})
    walk(reads)
    while reads.missing:
        reads.next_round(iam, deadline, max_concurrency)
        walk(reads)
    return reads


def _read(iam: object, read: Read, deadline: Deadline | None) -> Pages:
    def ask(marker: Mapping[str, str]) -> AwsAnswer:
        return call(iam, read.operation, deadline, **dict(read.parameters), **marker)

    return tuple(pages(ask, read.lists)) if read.lists else (ask({}),)
