"""Defines `iamcheck record`, which writes down what a script would call, for `check` and `generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from iamcheck.cli import options
from iamcheck.cli.exit_status import UNKNOWN
from iamcheck.cli.output import say, write
from iamcheck.cli.parsing import MappingCommand
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.wording import counted

if TYPE_CHECKING:
    from iamcheck.cli.words import RecordWords

__all__ = ["command"]

_START: Final = 200
"""Characters of a file that tell whether it is a record."""
_EXAMPLES = """\b
Examples:
  iamcheck record -- python deploy.py
  iamcheck record --existing 'churn-*' --output-file calls.json -- python update.py
  iamcheck check --from calls.json --region eu-west-1 --account-id 123456789012 \\
      --offline
"""


@click.command("record", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("words_of_command", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--live", is_flag=True, help="Send the calls; otherwise each gets a made-up answer, and nothing is sent.")
@click.option(
    "--existing",
    metavar="NAME",
    multiple=True,
    help="An endpoint, endpoint config, model or inference component that is there already; * stands for any text. "
    "Otherwise SageMaker has only what the script makes. Repeatable.",
)
@click.option(
    "--principal",
    metavar="ARN",
    help="The user or role whose credentials the script is told to have; otherwise of nobody that is known.",
)
@click.option("--region", metavar="REGION", help="The AWS Region of the script; otherwise as the script finds it.")
@click.option("--account-id", metavar="ID", help="The account of made-up answers, 12 digits.")
@click.option(
    "--output-file",
    metavar="FILE",
    default="calls.json",
    show_default=True,
    help="Write the calls there; `check --from` and `generate --from` read it.",
)
@options.debug
def command(words: RecordWords) -> int:
    """Run a script and write down the AWS calls that it makes through boto3 or botocore.

    It needs neither credentials nor a network: each call gets a made-up answer of the right shape. Of secrets, and of
    the values of Environment, the record has nothing.

    Exit status: that of the script; 2 bad input, 3 where it succeeded and ran no Python that can be recorded.
    """
    from pathlib import Path

    from iamcheck.aws.principals import parse_principal
    from iamcheck.aws.recording.child import RecordOptions, run_recorded
    from iamcheck.deployment.recording import record_text, summary_of

    _require_no_other_file(words["output_file"])
    who = None if words["principal"] is None else parse_principal(words["principal"], where="--principal")
    recording = run_recorded(
        words["words_of_command"],
        RecordOptions(
            live=words["live"],
            region=words["region"],
            account_id=words["account_id"] or (None if who is None else who.account_id),
            caller=None if who is None else _session_arn(who.arn),
            existing=words["existing"],
        ),
    )
    if not recording.is_hooked:
        say("nothing was recorded: the command ran no Python that reads PYTHONPATH")
        return recording.status or UNKNOWN
    if recording.status and not recording.calls and Path(words["output_file"]).is_file():
        say(f"nothing was recorded and the command failed with status {recording.status}: kept {words['output_file']}")
        return recording.status
    write(record_text(recording.calls, is_live=words["live"]), words["output_file"])
    for line in summary_of(recording.calls):
        say(line)
    say(f"wrote {counted(len(recording.calls), 'call')} to {words['output_file']}")
    return recording.status


def _require_no_other_file(file: str) -> None:
    """Returns where the file may be written: the user named it, or there is none, or it is a record.

    Raises:
        InvalidInputError: The name is the default, and the file is something else.
    """
    from pathlib import Path

    from iamcheck.deployment.recording import is_recording

    if click.get_current_context().get_parameter_source("output_file") is not ParameterSource.DEFAULT:
        return
    path = Path(file)
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as there:
            start = there.read(_START).decode("utf-8", "replace")
        if not is_recording(start):
            raise InvalidInputError(
                "it is there and is no record of calls", where=file, cure="move it, or give --output-file FILE"
            )


def _session_arn(arn: str) -> str:
    """What STS says of a role: the ARN of a session in it; of any other principal, its own ARN."""
    head, _, name = arn.partition(":role/")
    return f"{head.replace(':iam:', ':sts:')}:assumed-role/{name.rpartition('/')[2]}/iamcheck" if name else arn
