"""Decides how long to wait before the next try, and whether there is time for one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.aws.clients import Deadline
from iamcheck.provisioning.arguments import require_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pace"]

SHORTEST: Final = 0.5
LONGEST: Final = 3.0
"""Seconds of the longest pause: so short that twenty stale reads fit into a minute whatever the dice say."""


@dataclass(frozen=True)
class Pace:
    """The time that a wait has, and its pauses.

    The pauses are AWS's exponential backoff with full jitter
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """

    deadline: Deadline
    sleep: Callable[[float], None]
    random: Callable[[], float]

    @classmethod
    def of(
        cls,
        timeout: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        random: Callable[[], float],
    ) -> Pace:
        """The pace of a wait that starts now.

        Raises:
            InvalidInputError: `timeout` is no number of seconds.
        """
        require_seconds(timeout, "timeout")
        return cls(Deadline.after(timeout, clock), sleep, random)

    def pause(self, failures: int) -> bool:
        """Sleeps as is due after so many failures in a row; False, at once, where no time is left after that."""
        return self.rest(self.random() * min(LONGEST, SHORTEST * 2.0 ** min(failures, 10)))

    def rest(self, seconds: float) -> bool:
        """Sleeps; False, at once, where no time is left after that."""
        if seconds >= self.deadline.remaining():
            return False
        self.sleep(seconds)
        return True
