"""Writes the results of a fleet as they come, and shows how far it is to whoever watches a terminal."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import click

from iamcheck.cli.output import silence
from iamcheck.errors import InvalidInputError
from iamcheck.fleet.resuming import state_file

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from io import FileIO
    from types import TracebackType

    from click._termui_impl import ProgressBar

__all__ = ["ResultLines", "RowProgress", "opened_results", "summary"]

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
            can_resume = state_file(self._name).is_file()
            cure = "make room; --resume goes on from the results that were written" if can_resume else ""
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


class RowProgress:
    """A bar on standard error with the rate and the time left, where that is a terminal.

    Args:
        total: How many rows there are; None: not known.
        done: How many were done before.
    """

    def __init__(self, total: int | None, done: int) -> None:
        self._total, self._done, self._began = total, done, time.monotonic()
        self._now = 0
        self._bar: ProgressBar[int] | None = None
        if self.is_shown():
            self._bar = click.progressbar(
                length=total,
                label="rows",
                file=sys.stderr,
                show_pos=True,
                show_eta=total is not None,
                item_show_func=lambda _: self._rate(),
                update_min_steps=1,
            )

    @staticmethod
    def is_shown() -> bool:
        """Whether somebody watches."""
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> RowProgress:
        if self._bar is not None:
            self._bar.__enter__()
            if self._done:
                self._bar.update(self._done)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def advance(self) -> None:
        """Tells that one more row is done."""
        self._now += 1
        if self._bar is not None:
            self._bar.update(1)

    def _rate(self) -> str:
        seconds = time.monotonic() - self._began
        return f"{self._now / seconds:,.0f} rows/s" if seconds else ""


def summary(counts: Counter[str]) -> str:
    """How many rows there are of each verdict, in one line."""
    rows = sum(counts.values())
    each = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in _VERDICTS)
    return f"{rows:,} row{'' if rows == 1 else 's'}: {each}"
