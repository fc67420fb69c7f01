"""Ends a command that runs longer than it may, whatever it waits for, such as a pipe that never ends."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from iamcheck.errors import IamcheckError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OutOfTimeError", "time_limit"]

GRACE: Final = 2.0
"""Seconds in which a run whose calls to AWS have ended in time says so in its report."""


class OutOfTimeError(IamcheckError):
    """A command did not end in time; the command line exits with 3."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises OutOfTimeError in its body once so many seconds, and a little grace, have passed.

    It takes the signal of a timer, which only the main thread gets and Windows does not have: elsewhere it does
    nothing, and calls to AWS alone are bounded.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise OutOfTimeError(f"no end after {seconds:g} s (--timeout): what is read or asked takes too long")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
