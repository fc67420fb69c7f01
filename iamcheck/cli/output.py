"""Where results go: standard output, or a file that is never half-written."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.formats import Style

if TYPE_CHECKING:
    from iamcheck.aws.limits import CallMade

__all__ = ["style", "tell_call", "write"]

LONGEST_LINE = 120
"""Columns; longer lines are hard to read."""


def write(text: str, output_file: str | None) -> None:
    """Writes `text` to standard output, or to `output_file` by way of a temporary file beside it.

    Raises:
        InvalidInputError: The place cannot be written.
        BrokenPipeError: Whoever read standard output has gone.
    """
    if output_file is None or output_file == "-":
        # the interpreter's answer to a standard output that was closed before the start
        if sys.stdout is None:
            raise InvalidInputError("it is closed", where="standard output", cure="give --output-file FILE")
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except (OSError, UnicodeEncodeError) as error:
            raise InvalidInputError(_reason(error), where="standard output") from error
        return
    from pathlib import Path

    path = Path(output_file)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise InvalidInputError(f"cannot be written: {_reason(error)}", where=output_file) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InvalidInputError(f"cannot be written: {_reason(error)}", where=output_file) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _reason(error: OSError | UnicodeEncodeError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def style(*, no_color: bool, output_file: str | None) -> Style:
    """How to show results: as wide as the terminal, in colour where that helps.

    No colour with `--no-color`, NO_COLOR (https://no-color.org) or a dumb terminal, nor where there is no terminal.
    """
    if output_file or sys.stdout is None or not sys.stdout.isatty():
        return Style()
    plain = no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size((80, 24)).columns
    return Style(width=max(40, min(columns, LONGEST_LINE)), colour=not plain)


def tell_call(made: CallMade) -> None:
    """Tells of one call to AWS on standard error, in one line."""
    from iamcheck.aws.refusals import redact  # whoever asks nobody has no use for it

    at = f" at {made.endpoint}" if made.endpoint else ""
    # one write, so that lines of several threads do not mix
    sys.stderr.write(f"iamcheck: {made.operation}{at}: {redact(made.answer)} ({made.seconds:.3f} s)\n")
