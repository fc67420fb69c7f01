"""Defines `iamcheck organizations export`, which makes the folder that `--organizations` takes."""

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
    from iamcheck.cli.words import ExportWords

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck organizations export organization --profile management
  iamcheck organizations export organization --region eu-west-1 --timeout 600
"""


@click.command("organizations", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("verb", metavar="export", type=click.Choice(["export"]))
@click.argument("folder", metavar="DIR")
@options.connection
@options.timeout
@options.max_concurrency
@options.debug
def command(words: ExportWords) -> int:
    """Read the organization once, for checks without a network.

    Writes the accounts, what is above each, and every SCP and RCP into DIR, which --organizations takes. Run it with
    credentials of the management account, or of an account to which it delegates this (`iamcheck generate --for
    exporter` prints the policy).

    What the caller may not read is named, and is unknown in checks that use the folder.

    Exit status: 0, 2 bad input, 3 AWS could not be asked (there is no folder then), or something could not be read.
    """
    from iamcheck.aws.organizations.export import UNREAD_FILE, export_organization
    from iamcheck.cli.export_files import new_folder, write_json

    name, count = words["folder"], 0
    unread: list[dict[str, str]] = []
    with new_folder(name) as folder:
        access = access_of(
            words, debug=words["debug"], timeout=words["timeout"], max_concurrency=words["max_concurrency"]
        )
        for file in export_organization(access.client("organizations", access.region), deadline=access.deadline):
            if file.why_not:
                unread.append({"file": file.name, "why": file.why_not})
                say(f"not read: {file.name}: {file.why_not}")
                continue
            write_json(folder / file.name, file.document)
            count += file.name.startswith("policies/")
        if unread:
            write_json(folder / UNREAD_FILE, {"Unread": unread})
    say(f"{name}: the organization with {counted(count, 'policy')}; give it as --organizations {name}")
    return UNKNOWN if unread else STATUS["pass"]
