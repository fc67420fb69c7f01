"""Defines `iamcheck account export`, which writes what an offline check needs of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import access_of
from iamcheck.cli.exit_status import STATUS, UNKNOWN
from iamcheck.cli.output import say
from iamcheck.cli.parsing import MappingCommand
from iamcheck.iam.model.wording import counted

if TYPE_CHECKING:
    from iamcheck.cli.words import AccountExportWords

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck account export account --profile prod --region eu-west-1
  iamcheck account export account --key-region eu-west-1 --key-region us-east-1
"""


@click.command("account", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("verb", metavar="export", type=click.Choice(["export"]))
@click.argument("folder", metavar="DIR")
@click.option(
    "--key-region",
    "key_regions",
    metavar="REGION",
    multiple=True,
    help="Read the policies of the KMS keys of this Region, in place of those of --region. Repeatable.",
)
@options.connection
@options.timeout
@options.max_concurrency
@options.debug
def command(words: AccountExportWords) -> int:
    """Read an account once, for checks without a network.

    Writes DIR/authorization-details.json and DIR/key-policies/REGION.KEY.json. --authorization-details takes DIR, and
    each file of a key is a FILE of --resource-policy ARN=FILE too (`iamcheck generate --for exporter` prints the policy
    of the caller).

    Exit status: 0, 2 bad input, 3 AWS could not be asked for the details (there is no folder then), or a key's policy
    could not be read: what was read is there all the same.
    """
    from iamcheck.aws.account.details_stream import POLICIES
    from iamcheck.aws.account.export import details_entries, key_policies_of_region
    from iamcheck.aws.account.exported import DETAILS, key_policy_name
    from iamcheck.aws.region import resolve_region
    from iamcheck.cli.export_files import new_folder, write_json, write_lists
    from iamcheck.iam.authorization_details import LISTS

    keys = unread = 0
    with new_folder(words["folder"]) as folder:
        access = access_of(
            words, debug=words["debug"], timeout=words["timeout"], max_concurrency=words["max_concurrency"]
        )
        home = resolve_region(words["region"], access)
        access.in_region(home)
        details = folder / DETAILS
        count = write_lists(details, (*LISTS.values(), POLICIES), details_entries(access.iam, deadline=access.deadline))
        for region in dict.fromkeys(words["key_regions"] or (home,)):
            kms = access.client("kms", region)
            for key in key_policies_of_region(
                kms, region, deadline=access.deadline, max_concurrency=access.max_concurrency
            ):
                if key.policy is None:
                    unread += 1
                    say(f"not read: {key.what}: {key.why_not}")
                    continue
                keys += 1
                write_json(folder / key_policy_name(region, key.what), _document(key.policy))
    say(f"{words['folder']}: {count} users, groups, roles and policies, and {counted(keys, 'key policy')}")
    return UNKNOWN if unread else STATUS["pass"]


def _document(text: str) -> dict[str, object]:
    import json

    document: dict[str, object] = json.loads(text)
    return document
