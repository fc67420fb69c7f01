"""Defines `iamcheck principal-can`, which shows what a principal may do for deployments, all layers together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.exit_status import UNKNOWN
from iamcheck.cli.output import style, write
from iamcheck.cli.parsing import MappingCommand
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.cli.words import PrincipalCanWords
    from iamcheck.formats.text import Line

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck principal-can arn:aws:iam::123456789012:role/ci \\
      --authorization-details account.json --organizations organization
  iamcheck principal-can arn:aws:iam::123456789012:user/ann \\
      --authorization-details account.json --scp FullAWSAccess
"""


@click.command("principal-can", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("principal", metavar="ARN")
@click.option(
    "--authorization-details",
    metavar="FILE|DIR",
    required=True,
    help="The JSON of `aws iam get-account-authorization-details` of the principal's account, or a folder of `iamcheck "
    "account export`.",
)
@click.option(
    "--organizations",
    metavar="ignore|DIR",
    help="Take the SCPs from a folder of what `aws organizations` printed, or leave them out.",
)
@click.option(
    "--scp",
    metavar="LEVEL",
    multiple=True,
    help="One level of service control policies, root first, in place of those of --organizations. Repeatable.",
)
@options.output("table", "json")
def command(words: PrincipalCanWords) -> int:
    """Write what the principal ARN may do for SageMaker deployments as one policy, and in words what no policy can say.

    Identity policies, groups, the permissions boundary and SCPs are intersected. The policy never allows more than they
    do.

    Exit status: 0 the policy says it all, 2 bad input, 3 some of it is in words or could not be read.
    """
    from iamcheck.aws.account.authorization_details import read_details
    from iamcheck.aws.organizations import organizations_of
    from iamcheck.aws.principals import parse_principal
    from iamcheck.checks.assumptions import LayerState
    from iamcheck.cli import policy_files as files
    from iamcheck.fleet.questions.principal_can import principal_can, rests_on
    from iamcheck.formats.text import hanging, json_text, text_of
    from iamcheck.iam.model import PolicySet

    if words["organizations"] == "aws":
        raise InvalidInputError("it asks AWS", where="--organizations aws", cure="give ignore or a folder")
    parse_principal(words["principal"], where="ARN")
    attached = read_details(words["authorization_details"], words["principal"])
    found = None if words["scp"] else organizations_of(words["organizations"], attached.who.account_id, None)
    scps = files.levels(words["scp"], flag="--scp") if words["scp"] else () if found is None else found.scps
    policies = PolicySet(
        identity=attached.identity, boundary=attached.boundary, scps=() if attached.service_linked else scps
    )
    can = principal_can(policies)
    state = None
    if not words["scp"] and not attached.service_linked:
        state = {None: LayerState.NOT_GIVEN, "ignore": LayerState.LEFT_OUT}.get(words["organizations"])
    resting = (
        *rests_on(gaps=[str(gap) for gap in attached.unread], scps=state),
        *map(str, attached.assumptions),
    )
    if words["output"] == "json":
        document = {
            "schema_version": "1",
            "principal": words["principal"],
            "policy": can.policy.to_dict(),
            "words": list(can.words),
            "assumptions": list(resting),
        }
        text = json_text(document)
    else:
        shown = style(no_color=words["no_color"], output_file=words["output_file"])
        lines: list[Line] = [*json_text(can.policy.to_dict()).splitlines()]
        for title, texts in (("Besides:", can.words), ("Not in the policy:", resting)):
            if texts:
                lines += ["", title, *(line for one in texts for line in hanging("  - ", one, shown))]
        text = text_of(lines, shown)
    write(text, words["output_file"])
    return UNKNOWN if can.words else 0
