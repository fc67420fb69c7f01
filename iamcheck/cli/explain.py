"""`iamcheck explain`: what an AccessDenied message means, who decides, and what to run."""

from __future__ import annotations

import sys

import click

from iamcheck.cli import options
from iamcheck.cli.output import style, write
from iamcheck.cli.parsing import StrictCommand
from iamcheck.errors import InvalidInputError

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck explain "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ..."
  aws sagemaker create-endpoint ... 2>&1 | iamcheck explain
"""


@click.command("explain", cls=StrictCommand, epilog=_EXAMPLES)
@click.argument("message", metavar="[MESSAGE]", nargs=-1)
@options.output("table", "json")
def command(
    message: tuple[str, ...],
    output: str,
    output_file: str | None,
    no_color: bool,
    debug: bool,  # noqa: ARG001  read by the entry point
) -> int:
    """Explain the message that AWS showed for a denied or failed call of a deployment.

    It says what the message means, which type of policy decided and who owns it, what the message leaves open, and
    what to run. MESSAGE may be several words; without it, or as -, standard input is read. Nothing is asked of AWS.

    Exit status: 0 where the message is understood, 2 where it is none that is known.
    """
    from iamcheck.explain.messages import explain_message
    from iamcheck.formats import denial_format

    given = message not in ((), ("-",))
    explained = explain_message(
        " ".join(message) if given else _standard_input(), where="MESSAGE" if given else "standard input"
    )
    shown = style(no_color=no_color, output_file=output_file)
    write(denial_format.render(explained, output, shown), output_file)
    return 0


def _standard_input() -> str:
    """The start of standard input, whatever its bytes: a log may hold anything.

    Raises:
        InvalidInputError: It cannot be read, or is a terminal on which nobody was asked for a message.
    """
    from iamcheck.explain.messages.explaining import LONGEST

    cure = "give the message as an argument"
    if sys.stdin is None or sys.stdin.isatty():
        raise InvalidInputError("there is no message", where="standard input", cure=cure)
    try:
        return sys.stdin.buffer.read(LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInputError(f"cannot be read: {error.strerror}", where="standard input", cure=cure) from None
