"""`iamcheck explain`: what AWS's message means, who decides, and what to do."""

from __future__ import annotations

import sys

import click

from iamcheck.cli import options
from iamcheck.cli.output import say, style, write
from iamcheck.cli.parsing import StrictCommand
from iamcheck.errors import InvalidInputError

__all__ = ["command"]

_NOT_RECOGNISED = 3

_EXAMPLES = """\b
Examples:
  iamcheck explain "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ..."
  aws sagemaker create-endpoint ... 2>&1 | iamcheck explain
"""


@click.command("explain", cls=StrictCommand, epilog=_EXAMPLES)
@click.argument("message", metavar="[MESSAGE]", nargs=-1)
@click.option("--account-id", metavar="ID", help="The account, 12 digits, where the message masks it.")
@options.output("table", "json")
def command(
    message: tuple[str, ...],
    account_id: str | None,
    output: str,
    output_file: str | None,
    no_color: bool,
    debug: bool,  # noqa: ARG001  read by the entry point
) -> int:
    """Explain the message that AWS showed for a denied or failed call of a deployment.

    It says what the message means, who can change it, what the message leaves open, what to do, and what to run.
    MESSAGE may be several words; without it, or as -, standard input is read. Of several messages in one text each
    is explained, the first cause first. Nothing is asked of AWS.

    Exit status: 0 where a message is recognised, 3 where none is.
    """
    from iamcheck.explain.messages import explain_messages
    from iamcheck.formats import message_format
    from iamcheck.iam.catalogue import NameKind, validate_name

    if account_id is not None:
        validate_name(NameKind.ACCOUNT_ID, account_id, "--account-id")
    text = _standard_input() if message in ((), ("-",)) else " ".join(message)
    explained = explain_messages(text, account_id=account_id)
    shown = style(no_color=no_color, output_file=output_file)
    if not explained:
        say(
            "iamcheck does not recognise this message (give the whole text that AWS showed, such as "
            "'User: ARN is not authorized to perform: ACTION ...')"
        )
        return _NOT_RECOGNISED
    write(message_format.render(explained, output, shown), output_file)
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
        return sys.stdin.buffer.read(4 * LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInputError(f"cannot be read: {error.strerror}", where="standard input", cure=cure) from None
