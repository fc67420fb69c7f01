"""Defines `iamcheck catalogue`, which shows what the package knows about a service or an action, and since when."""

from __future__ import annotations

import click

from iamcheck.cli import options
from iamcheck.cli.exit_status import DONE
from iamcheck.cli.output import style, write
from iamcheck.cli.parsing import StrictCommand

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck catalogue sagemaker
  iamcheck catalogue sagemaker:CreateEndpoint --output json
"""


@click.command("catalogue", cls=StrictCommand, epilog=_EXAMPLES)
@click.argument("name", metavar="SERVICE|SERVICE:ACTION")
@options.output("table", "json")
def command(
    name: str,
    output: str,
    output_file: str | None,
    no_color: bool,
    debug: bool,  # noqa: ARG001  read by the entry point
) -> int:
    """Show what iamcheck knows about a service or an action, and the date of that knowledge.

    iamcheck does not refuse an action that it does not know: such an action matches by its name alone.
    """
    from iamcheck.formats import catalogue_format
    from iamcheck.iam import catalogue

    shown = style(no_color=no_color, output_file=output_file)
    write(catalogue_format.render(catalogue.describe(name), output, shown), output_file)
    return DONE
