"""Shows how far a long command is to whoever watches a terminal, and nothing anywhere else."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["progress"]


@contextmanager
def progress(number: int, label: str, *, hidden: bool = False) -> Iterator[Callable[[object], None]]:
    """A bar on standard error, where that is a terminal and there is more than one thing to do.

    Args:
        number: How many things there are to do.
        label: What they are.
        hidden: Whether there is none, as beside lines of `--debug`.

    Returns:
        What to call for each thing that is done, from whichever thread.
    """
    if hidden or number < 2 or sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    lock = Lock()
    with click.progressbar(length=number, label=label, file=sys.stderr) as bar:

        def advance(_: object) -> None:
            with lock:
                bar.update(1)

        yield advance
