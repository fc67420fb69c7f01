"""Bounds the calls that a run makes in an account, over all of its processes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CallBudget"]


@dataclass(frozen=True)
class CallBudget:
    """The most calls, retries included, that all processes of a run make in an account.

    Args:
        folder: A folder on this machine that the run has for itself; it has a file for each account, with one byte for
            each call.
        most: The most calls in an account.
    """

    folder: str
    most: int

    def watch(self, events: Any, account: Callable[[], str]) -> None:  # noqa: ANN401  botocore's emitter of events has no public type
        """Counts the calls of all clients that have these events, and holds back those beyond the bound.

        Args:
            events: The events of a boto3 session, before its clients are made.
            account: Says what a call counts for, such as `account 123456789012`.
        """

        def count(**_: object) -> None:
            self.take(account())

        # an attempt is a request that is sent: botocore says so for each
        events.register("before-send.*.*", count)

    def of_session(self, session: object | None) -> CallBudget:
        """The same bound for the calls of a session of this process alone; None: of the standard credential chain."""
        if session is None:
            return self
        folder = Path(self.folder, f"session-{id(session)}")
        folder.mkdir(exist_ok=True)
        return CallBudget(str(folder), self.most)

    def take(self, account: str) -> None:
        """Counts a call.

        Raises:
            AwsUnavailableError: It would be beyond the bound, or could not be counted.
        """
        file = Path(self.folder, hashlib.sha256(account.encode()).hexdigest())
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                # each process appends at a place that no other one has: where its byte ends is the number of the call
                # (https://pubs.opengroup.org/onlinepubs/9799919799/functions/write.html, O_APPEND)
                os.write(descriptor, b".")
                number = os.lseek(descriptor, 0, os.SEEK_CUR)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise AwsUnavailableError(
                f"not asked: the calls cannot be counted ({error.strerror}; --max-calls)", operation="*"
            ) from None
        if number > self.most:
            raise AwsUnavailableError(
                f"not asked: {self.most:,} calls were made with {account} (--max-calls)", operation="*"
            )
