"""Writes results to standard output or a file, and everything else to standard error.

What comes to a terminal is escaped: results where their lines become text (`formats.text.text_of`), messages here.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.formats import Style
from iamcheck.formats.text import escaped

if TYPE_CHECKING:
    from iamcheck.aws.limits import CallMade

__all__ = ["cover_line", "say", "say_lines", "say_traceback", "style", "tell_call", "write"]

LONGEST_LINE: Final = 120
"""Columns; longer lines are hard to read."""
_DESCRIPTOR: Final = r"/dev/(?:fd/)?(stdout|stderr|[0-9]+)|/proc/self/fd/([0-9]+)"
_STANDARD: Final = {"stdout": 1, "stderr": 2}


def write(text: str, output_file: str | None) -> None:
    """Writes results to standard output, or to `output_file`.

    A file is replaced whole or not at all, and keeps its mode; a link stays, and the file that it names is written.
    What is no file (a device, a FIFO, an open descriptor such as `/dev/stdout`) is written in place.

    Raises:
        InvalidInputError: The place cannot be written.
        BrokenPipeError: Whoever read standard output has gone.
    """
    if output_file is None or output_file == "-":
        _write_standard_output(text)
        return
    if not output_file:
        raise InvalidInputError("the name is empty", where="--output-file", cure="name a file, or leave it out")
    try:
        _write_file(text, output_file)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"cannot be written: {_reason(error)}", where=output_file) from error


def _write_standard_output(text: str) -> None:
    # the interpreter's answer to a standard output that was closed before the start
    if sys.stdout is None:
        raise InvalidInputError("it is closed", where="standard output", cure="give --output-file FILE")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, UnicodeEncodeError) as error:
        silence(1)
        raise InvalidInputError(_reason(error), where="standard output") from error


def silence(descriptor: int) -> None:
    """Lets what is still to be written to a descriptor go nowhere.

    The interpreter writes it again at the end, and its failure would replace the exit status by 120.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _write_file(text: str, name: str) -> None:
    data = text.encode("utf-8")
    if descriptor := re.fullmatch(_DESCRIPTOR, name):
        word = descriptor[1] or descriptor[2]
        _write_in_place(data, os.dup(_STANDARD.get(word, -1) if word in _STANDARD else int(word)))
        return
    # links are followed, so that they stay
    target = os.path.realpath(name)
    try:
        before = os.stat(name)  # noqa: PTH116  of the name, for a realpath in /proc names nothing
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    else:
        if stat.S_ISDIR(before.st_mode):
            raise IsADirectoryError(21, "it is a directory")
        if not stat.S_ISREG(before.st_mode):
            _write_in_place(data, os.open(name, os.O_WRONLY))
            return
        if not os.access(name, os.W_OK):
            raise PermissionError(13, "Permission denied")
        mode = stat.S_IMODE(before.st_mode)
    _replace(data, target, mode)


def _write_in_place(data: bytes, descriptor: int) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _replace(data: bytes, target: str, mode: int) -> None:
    """Writes a file beside the target, then renames it: whoever reads the target sees all of one or of the other."""
    import tempfile  # most results go to standard output

    handle, temporary = tempfile.mkstemp(prefix=".iamcheck-", suffix=".tmp", dir=os.path.dirname(target))  # noqa: PTH120
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)  # noqa: PTH101
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108
        raise


def _reason(error: OSError | ValueError) -> str:
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
    import shutil  # only a terminal has a width

    columns = shutil.get_terminal_size((80, 24)).columns
    return Style(width=max(40, min(columns, LONGEST_LINE)), colour=not plain)


def say(text: str) -> None:
    """Writes one message to standard error, in one line."""
    say_lines(f"iamcheck: {escaped(text)}")


def cover_line() -> None:
    """Lets the next message cover what a terminal has shown in its line, such as ^C; elsewhere nothing is written."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write("\r")


def say_lines(text: str) -> None:
    """Writes lines to standard error, each of them escaped."""
    if sys.stderr is None:
        return
    lines = "".join(f"{escaped(line)}\n" for line in text.removesuffix("\n").split("\n"))
    try:
        # one write, so that lines of several threads do not mix
        sys.stderr.write(lines)
        sys.stderr.flush()
    except OSError:
        # nobody can be told; the exit status still says it
        silence(2)


def say_traceback(error: BaseException) -> None:
    """Writes the traceback of an error to standard error, without secrets, indented: no line of it looks like ours."""
    import traceback

    from iamcheck.aws.secrets import mask_secrets

    lines = "".join(traceback.format_exception(error)).removesuffix("\n").split("\n")
    say_lines("\n".join(f"  {mask_secrets(line)}" for line in lines))


def tell_call(made: CallMade) -> None:
    """Tells of one call to AWS on standard error, in one line."""
    from iamcheck.aws.refusals import redact  # whoever asks nobody has no use for it

    at = f" at {made.endpoint}" if made.endpoint else ""
    say(f"{made.operation}{at}: {redact(made.answer)} ({made.seconds:.3f} s)")
