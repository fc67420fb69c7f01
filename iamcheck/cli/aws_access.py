"""Makes the way to AWS that the words of a command line describe."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from iamcheck.aws.defaults import MAX_CONCURRENCY, TIMEOUT
from iamcheck.cli.output import tell_call
from iamcheck.errors import MissingCredentialsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.aws.session import Access
    from iamcheck.cli.words import ConnectionWords

__all__ = ["access_of", "instead_of_credentials"]


def access_of(
    words: ConnectionWords, *, debug: bool, timeout: float = TIMEOUT, max_concurrency: int = MAX_CONCURRENCY
) -> Access:
    """The way to AWS of one command; its time runs from here.

    Args:
        words: The words of `options.connection`.
        debug: Whether each call is told on standard error.
        timeout: Seconds for the whole run.
        max_concurrency: How many calls are made at a time.
    """
    from iamcheck.aws.session import Access  # brings the way to AWS along, which an offline run does not pay for

    return Access(
        profile=words["profile"],
        region=words["region"],
        timeout=timeout,
        max_concurrency=max_concurrency,
        on_call=tell_call if debug else None,
    )


@contextmanager
def instead_of_credentials(instead: str) -> Iterator[None]:
    """Adds to the error of missing credentials what this command can do without them.

    Args:
        instead: What to do, in one clause; empty: there is nothing but credentials.
    """
    try:
        yield
    except MissingCredentialsError as error:
        raise error.or_else(instead) from error.__cause__
