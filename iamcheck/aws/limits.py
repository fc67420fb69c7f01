"""Bounds a whole run: when it must have ended, how many calls it makes at a time, and who hears of each call."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar, cast

from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Semaphore

__all__ = ["CallMade", "Deadline", "current_deadline"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call to AWS that has ended: never a credential, a header or what was answered.

    Args:
        operation: `service:Operation`.
        endpoint: The URL that was asked, without a query; None where nobody was asked over a network.
        seconds: How long it took, all attempts together.
        answer: In short: `answered`, AWS's error code, or why there was no answer.
    """

    operation: str
    endpoint: str | None
    seconds: float
    answer: str


@dataclass(frozen=True)
class Deadline:
    """The moment at which a whole run must have ended, and its other limits.

    Args:
        clock: Seconds that never run backwards, such as `time.monotonic`.
        at: The moment, on that clock.
        seconds: How long the run was given, for the texts.
        slots: As many as there may be calls at a time; None: no bound.
        on_call: Hears of each call that has ended, on the thread that made it; None: nobody does.
        part: Which part of the run's time this is, for the texts; empty: all of it.
    """

    clock: Callable[[], float]
    at: float
    seconds: float
    slots: Semaphore | None = None
    on_call: Callable[[CallMade], None] | None = None
    part: str = ""

    @classmethod
    def after(
        cls,
        seconds: float,
        clock: Callable[[], float],
        *,
        max_concurrency: int | None = None,
        on_call: Callable[[CallMade], None] | None = None,
    ) -> Deadline:
        """The deadline that ends `seconds` from now, with at most `max_concurrency` calls at a time."""
        slots = None
        if max_concurrency is not None:
            from threading import Semaphore  # an offline run has no calls to bound

            slots = Semaphore(max_concurrency)
        return cls(clock, clock() + seconds, seconds, slots, on_call)

    def remaining(self) -> float:
        """Seconds left; 0 where it has passed."""
        return max(0.0, self.at - self.clock())

    def half(self) -> Deadline:
        """The deadline of a call that other calls wait for: half of the time that is left is for these."""
        return replace(self, at=self.clock() + self.remaining() / 2, part="half of ")

    def late(self, operation: str, endpoint: str | None) -> AwsUnavailableError:
        """The error of a call that has not been answered when the run must end."""
        return AwsUnavailableError(
            f"no answer within {self.part}the time limit of {self.seconds:g} seconds (--timeout)",
            operation=operation,
            endpoint=endpoint,
        )

    def within(self, work: Callable[[], T], operation: str, endpoint: str | None) -> T:
        """Does something on a thread of its own, and gives up when the time is over.

        Nothing else bounds a name server that is silent, a body that drips, or a `credential_process` that hangs. The
        thread does not keep the process alive.

        Args:
            work: What to do.
            operation: The operation that it is for, as `service:Operation`.
            endpoint: The URL that is asked.

        Raises:
            AwsUnavailableError: The time is over.
        """
        from queue import Empty, SimpleQueue
        from threading import Thread

        done: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

        def run() -> None:
            _current.set(self)  # the thread ends with it
            try:
                done.put((work(), None))
            except BaseException as error:
                done.put((None, error))

        if not self.remaining():
            raise self.late(operation, endpoint)
        Thread(target=run, daemon=True, name=f"iamcheck {operation}").start()
        try:
            result, error = done.get(timeout=self.remaining())
        except Empty:
            raise self.late(operation, endpoint) from None
        if error is not None:
            raise error
        return cast("T", result)

    @contextmanager
    def one_call(self, operation: str, endpoint: str | None) -> Iterator[None]:
        """The time of one call: waits for its turn, and tells of it when it has ended.

        Raises:
            AwsUnavailableError: Its turn did not come in time.
        """
        if self.slots is not None and not self.slots.acquire(timeout=self.remaining()):
            raise self.late(operation, endpoint)
        started, answer = self.clock(), "answered"
        try:
            yield
        except AwsUnavailableError as error:
            answer = error.code or error.reason
            raise
        except BaseException as error:
            answer = type(error).__name__
            raise
        finally:
            if self.slots is not None:
                self.slots.release()
            if self.on_call is not None:
                self.on_call(CallMade(operation, endpoint, self.clock() - started, answer))


_current: Final[ContextVar[Deadline | None]] = ContextVar("the deadline of what this thread does", default=None)


def current_deadline() -> Deadline | None:
    """The deadline of what this thread does, where `Deadline.within` has it done."""
    return _current.get()
