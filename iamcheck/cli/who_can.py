"""Defines `iamcheck who-can`, which finds the principals of the accounts that may do something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.exit_status import STATUS, UNKNOWN
from iamcheck.cli.output import style, write
from iamcheck.cli.parsing import MappingCommand
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.cli.words import WhoCanWords

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck who-can sagemaker:CreateEndpoint \\
      --on arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn \\
      --authorization-details account.json --organizations organization
  iamcheck who-can iam:PassRole --on arn:aws:iam::123456789012:role/exec \\
      --authorization-details account.json --output json
"""


@click.command("who-can", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("action", metavar="ACTION")
@click.option("--on", "resource", metavar="ARN", required=True, help="The resource; * for an action that has none.")
@click.option(
    "--authorization-details",
    metavar="FILE|DIR",
    multiple=True,
    required=True,
    help="The JSON of `aws iam get-account-authorization-details` of an account, or a folder of `iamcheck account "
    "export`, whose policies of KMS keys count too. Repeatable, once an account.",
)
@options.context
@options.organization_layers
@click.option(
    "--organizations",
    metavar="ignore|DIR",
    help="Take SCPs and RCPs from a folder of what `aws organizations` printed, or leave them out.",
)
@click.option("--all", "shows_denied", is_flag=True, help="Show those that may not, too.")
@options.output("table", "json")
def command(words: WhoCanWords) -> int:
    """Tell of every user and role whether it may do ACTION on a resource, with the statement that decides.

    Groups, permissions boundaries, SCPs, RCPs and the policy of the resource count. Who may assume a role that may do
    it is listed too. There is no network: the details and the policies are files.

    Services, identity providers and other accounts that the role's trust policy or the resource's policy allows are
    listed beside the users and roles.

    Exit status: 0 every principal is decided, 2 bad input, 3 some are unknown, or the details have no principal.
    """
    from iamcheck.aws.account.authorization_details import read_account
    from iamcheck.cli import policy_files as files
    from iamcheck.fleet.questions.who_can import WhoCanQuestion, who_can
    from iamcheck.fleet.questions.who_can_format import render

    if words["organizations"] == "aws":
        raise InvalidInputError("it asks AWS", where="--organizations aws", cure="give ignore or a folder")
    question = WhoCanQuestion(
        words["action"],
        words["resource"],
        context=files.context_entries(words["context"]),
        absent=files.absent_keys(words["absent"]),
        resource_policies=files.resource_policies(words["resource_policy"]),
        organizations=words["organizations"],
        scps=files.levels(words["scp"], flag="--scp") if words["scp"] else None,
        rcps=files.levels(words["rcp"], flag="--rcp") if words["rcp"] else None,
    )
    found = who_can(question, map(read_account, words["authorization_details"]))
    shown = style(no_color=words["no_color"], output_file=words["output_file"])
    write(render(question, found, words["output"], shown, shows_denied=words["shows_denied"]), words["output_file"])
    is_open = not found.answers or any(one.result.status.value == "unknown" for one in found.answers)
    return UNKNOWN if is_open else STATUS["pass"]
