"""Writes the results of a fleet as they come, and shows how far it is to whoever watches a terminal."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from itertools import count
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import click

from iamcheck.cli.output import silence
from iamcheck.errors import InvalidInputError
from iamcheck.fleet.resuming import state_file
from iamcheck.iam.model.wording import counted

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO
    from types import TracebackType
    from typing import TextIO

    from click._termui_impl import ProgressBar

__all__ = ["RESUME", "ResultLines", "RowProgress", "opened_results", "summary", "terminal_of_progress"]

RESUME: Final = "--resume goes on from the results that were written"
_VERDICTS: Final = ("pass", "fail", "invalid", "unknown")


class ResultLines(Protocol):
    """Where results go."""

    def write(self, texts: Sequence[str]) -> None:
        """Writes the result of a row, in parts, in a line of its own, so that whoever reads along has it."""


class _StandardOutput:
    def write(self, texts: Sequence[str]) -> None:
        try:
            sys.stdout.buffer.write(_line(texts))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            silence(1)
            raise InvalidInputError(f"cannot be written: {error.strerror}", where="standard output") from None


def _line(texts: Sequence[str]) -> bytes:
    return "".join((*texts, "\n")).encode("ascii")


class _ResultsFile:
    def __init__(self, file: FileIO, name: str) -> None:
        self._file, self._name = file, name

    def write(self, texts: Sequence[str]) -> None:
        left = memoryview(_line(texts))
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            cure = f"make room; {RESUME}" if state_file(self._name).is_file() else ""
            raise InvalidInputError(f"cannot be written: {error.strerror}", where=self._name, cure=cure) from None


@contextmanager
def opened_results(name: str | None, *, is_resumed: bool) -> Iterator[ResultLines]:
    """The place of the results, for the time of a `with`; no other run can write to the same file meanwhile.

    Args:
        name: The file; None: standard output.
        is_resumed: Whether results are added to those that are in the file.

    Raises:
        InvalidInputError: It cannot be written, or another run writes to it.
    """
    if name is None:
        # the interpreter's answer to a standard output that was closed before the start
        if sys.stdout is None:
            raise InvalidInputError("it is closed", where="standard output", cure="give --output-file FILE")
        sys.stdout.flush()
        yield _StandardOutput()
        return
    try:
        # without a buffer: what a full disk refused is not tried again when the file is closed
        file = Path(name).open("ab", buffering=0)  # noqa: SIM115  closed below
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInputError(f"cannot be written: {reason}", where=name) from None
    with file:
        if Path(name).is_file():
            _require_alone(file, name)
            if not is_resumed:
                file.truncate(0)
                # before RESULTS.state says what the results are made from, those of another run are gone
                os.fsync(file.fileno())
        yield _ResultsFile(file, name)


def _require_alone(file: FileIO, name: str) -> None:
    """Locks a file until it is closed, or its process ends however it may.

    Raises:
        InvalidInputError: Another run has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows has none
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        cure = "wait for its end, or name another file"
        raise InvalidInputError("another run is writing to it", where=name, cure=cure) from None
    except OSError:
        # a file system without locks
        return


def terminal_of_progress(results: str | None) -> TextIO | None:
    """Standard error, where somebody watches it; None: nobody does, or the results themselves go to a terminal.

    Args:
        results: The file of the results; None: standard output.
    """
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return None if results is None and sys.stdout is not None and sys.stdout.isatty() else sys.stderr


class RowProgress:
    """A bar in one line of a terminal, with the rate and the time left.

    Args:
        terminal: Where it is shown; None: nowhere.
        total: How many rows there are; None: not known.
        done: How many were done before.
        clock: Tells the time in seconds.
    """

    def __init__(
        self, terminal: TextIO | None, total: int | None, done: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._done, self._clock = total, done, clock
        self._now = self._shown = 0
        self._began = self._drawn = clock()
        self._bar: ProgressBar[int] | None = None
        if terminal is None:
            return
        # it must fit: a line that wraps is not overwritten by the next one
        widest = _progress_text(total or 10**9, total, 9999, 300_000)
        room = os.get_terminal_size(terminal.fileno()).columns - len(widest)
        self._bar = click.progressbar(
            None if total is not None else count(),
            length=total,
            file=terminal,
            bar_template="%(info)s" if total is None or room < _SMALLEST_BAR else "[%(bar)s] %(info)s",
            width=min(_LARGEST_BAR, room - len("[] ") - 1),
            show_eta=False,
            show_percent=False,
            item_show_func=lambda _: self._text(),
        )

    def __enter__(self) -> RowProgress:
        if self._bar is not None:
            self._bar.__enter__()
            self._bar.update(self._done)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._draw(self._bar)
            self._bar.__exit__(kind, error, trace)

    def advance(self) -> None:
        """Tells that one more row is done."""
        if not self._now:
            # not what the workers took to start
            self._began = self._clock()
        self._now += 1
        if self._bar is not None and self._clock() - self._drawn >= _REDRAWN_AFTER:
            self._draw(self._bar)

    def _draw(self, bar: ProgressBar[int]) -> None:
        self._drawn = self._clock()
        bar.update(self._now - self._shown)
        self._shown = self._now

    def _text(self) -> str:
        seconds = self._drawn - self._began
        rate = (self._now - 1) / seconds if seconds >= _RATE_SHOWN_AFTER else None
        rows = self._done + self._now
        left = None if self._total is None or not rate or rows >= self._total else (self._total - rows) / rate
        return _progress_text(rows, self._total, rate, left)


_REDRAWN_AFTER: Final = 0.1
_RATE_SHOWN_AFTER: Final = 1.0
"""Seconds after the first result: results come in bursts."""
_SMALLEST_BAR: Final = 8
_LARGEST_BAR: Final = 36


def _progress_text(rows: int, total: int | None, rate: float | None, left: float | None) -> str:
    """How far the rows are, such as `1,200 of 20,000 rows, 824 rows/s, 0:00:23 left`.

    Args:
        rows: Rows that are done.
        total: All rows; None: not known.
        rate: Rows a second; None: not known.
        left: Seconds that the rest will take; None: not known, or there is no rest.
    """
    parts = [counted(rows, "row") if total is None else f"{rows:,} of {total:,} rows"]
    if rate is not None:
        parts.append(f"{rate:,.0f} rows/s" if rate >= 10 else f"{rate:.1f} rows/s")
    if left is not None:
        parts.append(f"{_duration(left)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    """A time as hours, minutes and seconds, or in days where it is long."""
    minutes, rest = divmod(ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours < 100 else f"{hours // 24:,} days"


def summary(counts: Counter[str]) -> str:
    """How many rows there are of each verdict, in one line."""
    rows = sum(counts.values())
    each = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in _VERDICTS)
    return f"{counted(rows, 'row')}: {each}"
