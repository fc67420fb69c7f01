"""Defines `iamcheck explain`, which says what AWS's message means, who decides, and what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import access_of, instead_of_credentials
from iamcheck.cli.exit_status import DONE, UNKNOWN
from iamcheck.cli.output import say, style, write
from iamcheck.cli.parsing import MappingCommand
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.cli.words import ExplainWords
    from iamcheck.explain.messages.trying import GivenPolicies

__all__ = ["command"]

_FILE: Final = "file://"
_EXAMPLES = """\b
Examples:
  iamcheck explain "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ..."
  aws sagemaker create-endpoint ... 2>&1 | iamcheck explain
  iamcheck explain file://deploy.log
  iamcheck explain --from-endpoint churn --region eu-west-1
"""


@click.command("explain", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("message", metavar="[MESSAGE]", nargs=-1)
@click.option("--from-endpoint", metavar="NAME", help="Read from SageMaker why this endpoint failed, and explain it.")
@click.option(
    "--from-stack", metavar="NAME", help="Read from its events why this CloudFormation stack failed, and explain it."
)
@options.layers
@options.context
@options.connection
@options.timeout
@options.redact
@options.output("table", "json")
def command(words: ExplainWords) -> int:
    """Explain the message that AWS showed for a denied or failed call of a deployment.

    It says what the message means, who can change it, what the message leaves open, what to do, and what to run.
    MESSAGE may be several words, or file://PATH for a log, whose last failure comes first; without it, or with -, the
    command reads standard input. It explains each message of a text, the first cause first. It asks AWS nothing but
    what --from-endpoint and --from-stack need. --account-id fills in an account that the text masks.

    With --policy, --scp and the like it tries the denied call under your policies: it names the statements that decide,
    shows the change of the first --policy file, and says whether the local engine then allows the call.

    Exit status: 0 where it recognises a message, 3 where it recognises none.
    """
    from iamcheck.explain.messages import explain_messages
    from iamcheck.formats import message_format
    from iamcheck.iam.catalogue import NameKind, validate_name

    account_id = words["account_id"]
    if account_id is not None:
        validate_name(NameKind.ACCOUNT_ID, account_id, "--account-id")
    given = _given_policies(words)
    text, is_log, reasons = _text(words)
    if reasons == ():
        say("AWS names no failure there: nothing has failed, or the events are gone")
        return UNKNOWN
    messages = explain_messages(text, account_id=account_id, last_first=is_log, given=given)
    unrecognised = tuple(dict.fromkeys(each for each in reasons or () if not explain_messages(each)))
    if words["redact"]:
        from iamcheck.formats.redacting import redacted_value  # few explanations are for strangers

        messages, unrecognised = redacted_value((messages, unrecognised))
    for reason in unrecognised:
        say(f"iamcheck does not recognise the reason that AWS gives: {reason}")
    if not messages:
        if reasons is None:
            if "\0" in text:
                where = words["message"][0] if words["message"] else "standard input"
                raise InvalidInputError("it is binary", where=where, cure="give the text that AWS showed")
            say(f"iamcheck does not recognise this message ({_cure_of(words['message'])})")
        return UNKNOWN
    shown = style(no_color=words["no_color"], output_file=words["output_file"])
    write(message_format.render(messages, words["output"], shown), words["output_file"])
    return DONE


def _cure_of(message: tuple[str, ...]) -> str:
    """What to give in place of a message that is not recognised."""
    import os

    # of a path that is too long for a file, Path.exists raises
    if len(message) == 1 and message[0] != "-" and os.path.exists(message[0]):  # noqa: PTH110
        return f"it is the name of a file: {_FILE}{message[0]} explains what is in it"
    return "give the whole text that AWS showed, such as 'User: ARN is not authorized to perform: ACTION ...'"


def _given_policies(words: ExplainWords) -> GivenPolicies | None:
    """The policies under which denied calls are tried; None: there are none.

    Raises:
        InvalidInputError: A file cannot be used, or a condition context is given without policies.
    """
    given = [words[name] for name in ("policy", "boundary", "scp", "rcp", "resource_policy", "session_policy")]
    if not any(given):
        if words["context"] or words["absent"]:
            where = "--context" if words["context"] else "--absent"
            raise InvalidInputError("there are no policies to try", where=where, cure="give --policy FILE")
        return None
    from iamcheck.cli import policy_files as files
    from iamcheck.explain.messages.trying import GivenPolicies
    from iamcheck.iam.files import parse_policy, read_document
    from iamcheck.iam.model import PolicySet, PolicyType

    texts = [(file, read_document(file)) for file in words["policy"]]
    layers = PolicySet(
        identity=tuple(parse_policy(text, file, layer=PolicyType.IDENTITY) for file, text in texts),
        boundary=None if words["boundary"] is None else files.boundary(words["boundary"]),
        scps=files.levels(words["scp"], flag="--scp"),
        rcps=files.levels(words["rcp"], flag="--rcp"),
        session=files.session_policies(words["session_policy"]),
    )
    return GivenPolicies(
        layers,
        files.resource_policies(words["resource_policy"]),
        text=texts[0][1] if texts else "",
        context=files.context_entries(words["context"]),
        absent=files.absent_keys(words["absent"]),
    )


def _text(words: ExplainWords) -> tuple[str, bool, tuple[str, ...] | None]:
    """The text to explain, whether it is a log, and the reasons that AWS gives; None: it was not asked.

    Raises:
        InvalidInputError: Two sources are given, or the source cannot be read or says nothing.
        AwsUnavailableError: AWS could not be asked.
    """
    message = words["message"]
    sources = [bool(message), bool(words["from_endpoint"]), bool(words["from_stack"])]
    if sum(sources) > 1:
        raise InvalidInputError(
            "only one of these can be explained at a time", where="MESSAGE, --from-endpoint, --from-stack"
        )
    if words["from_endpoint"] or words["from_stack"]:
        with instead_of_credentials("give the message itself"):
            reasons = tuple(reason for reason in _from_aws(words) if reason.strip())
        return "\n".join(reasons), False, reasons
    if message in ((), ("-",)):
        return _standard_input(), False, None
    if len(message) == 1 and message[0].startswith(_FILE):
        from iamcheck.iam.files import read_log

        return read_log(message[0].removeprefix(_FILE)), True, None
    return " ".join(message), False, None


def _from_aws(words: ExplainWords) -> tuple[str, ...]:
    from iamcheck.aws import failures
    from iamcheck.aws.region import resolve_region

    access = access_of(words, debug=words["debug"], timeout=words["timeout"])
    region = resolve_region(words["region"], access)
    if words["from_endpoint"]:
        return failures.endpoint_failures(access, region, words["from_endpoint"])
    return failures.stack_failures(access, region, words["from_stack"] or "")


def _standard_input() -> str:
    """The start of standard input, whatever its bytes: a log may hold anything.

    Raises:
        InvalidInputError: It cannot be read, or is a terminal on which nobody was asked for a message.
    """
    from iamcheck.explain.messages.explaining import LONGEST
    from iamcheck.iam.files import text_of_log

    cure = "give the message as an argument"
    if sys.stdin is None or sys.stdin.isatty():
        raise InvalidInputError("there is no message", where="standard input", cure=cure)
    try:
        return text_of_log(sys.stdin.buffer.read(4 * LONGEST))
    except OSError as error:
        raise InvalidInputError(f"cannot be read: {error.strerror}", where="standard input", cure=cure) from None
