"""Defines `iamcheck organizations export`, which makes the folder that `--organizations` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.aws_access import access_of
from iamcheck.cli.output import say
from iamcheck.cli.parsing import MappingCommand

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
    credentials of the management account, or of an account that it lets (`iamcheck generate --for exporter` prints the
    policy).

    Exit status: 0, 2 bad input, 3 AWS could not be asked.
    """
    from iamcheck.aws.organizations.export import export_organization
    from iamcheck.cli.export_files import empty_folder, write_json

    folder = empty_folder(words["folder"])
    access = access_of(words, debug=words["debug"], timeout=words["timeout"], max_concurrency=words["max_concurrency"])
    count = 0
    for file in export_organization(access.client("organizations", access.region), deadline=access.deadline):
        write_json(folder / file.name, file.document)
        count += file.name.startswith("policies/")
    say(f"{words['folder']}: the organization with {count} policies; give it as --organizations {words['folder']}")
    return 0
