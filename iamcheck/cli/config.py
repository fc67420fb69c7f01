"""Runs `iamcheck config`: shows the value of each option of a command, and where it comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click

from iamcheck.aws.region import REGION_VARIABLES
from iamcheck.cli.options import output
from iamcheck.cli.output import style, write
from iamcheck.cli.parsing import StrictCommand, settings_file, settings_in_use

if TYPE_CHECKING:
    from iamcheck.formats.config_format import OptionValue

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck config
  iamcheck config check --region eu-west-1 --strict
  iamcheck config --output json generate
"""


class _ConfigCommand(StrictCommand):
    """A command whose own options stand before the name of another command."""

    takes_settings = False
    allow_interspersed_args = False


@click.command("config", cls=_ConfigCommand, epilog=_EXAMPLES, context_settings={"allow_interspersed_args": False})
@output("table", "json")
@click.argument("name", metavar="[COMMAND]", required=False, default="check")
@click.argument("words", metavar="[OPTIONS]", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    words: tuple[str, ...],
    output: str,
    output_file: str | None,
    no_color: bool,
    debug: bool,  # noqa: ARG001  read by the entry point
) -> int:
    """Show the value that each option of COMMAND has, and where it comes from.

    A flag wins over a variable of the environment (IAMCHECK_REGION, or IAMCHECK_CHECK_REGION for `check` alone), that
    over the configuration file (iamcheck.toml, or [tool.iamcheck] in pyproject.toml), that over the default.
    For --region and --profile AWS's own variables count too. Nothing is run.
    """
    from iamcheck.formats import config_format

    shown = style(no_color=no_color, output_file=output_file)
    values = _values(ctx, name, list(words))
    file = None if "--no-config" in words else settings_file()
    write(config_format.render(file, values, output, shown), output_file)
    return 0


def _values(ctx: click.Context, name: str, words: list[str]) -> list[OptionValue]:
    from iamcheck.cli.settings import flag_of
    from iamcheck.formats.config_format import OptionValue

    group = ctx.parent
    shown = group.command.get_command(group, name) if group and isinstance(group.command, click.Group) else None
    if group is None or shown is None:
        raise click.UsageError(f"there is no command {name!r}", ctx)
    context = _context(shown, name, words, group)
    settings = settings_in_use(context)
    values = []
    for param in shown.params:
        if not isinstance(param, click.Option) or param.is_eager:
            continue
        source = context.get_parameter_source(param.name)
        if source is click.core.ParameterSource.COMMANDLINE:
            origin = "flag"
        elif param.name in settings:
            origin = settings[param.name].origin
        else:
            origin = "default"
        value = context.params.get(param.name)
        variable = None if value is not None else _aws_variable(param.name)
        if variable is not None:
            value, origin = os.environ[variable], variable
        values.append(OptionValue(flag_of(param), value, origin))
    return values


_AWS: Final = {"region": REGION_VARIABLES, "profile": ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")}
"""Variables of AWS that count where an option has no value, the first before the second
(https://docs.aws.amazon.com/boto3/latest/guide/configuration.html)."""


def _aws_variable(parameter: str | None) -> str | None:
    """The variable of AWS from which a parameter has its value; None: there is none."""
    return next((name for name in _AWS.get(parameter or "", ()) if os.environ.get(name)), None)


def _context(command: click.Command, name: str, words: list[str], parent: click.Context) -> click.Context:
    """The context of a command with these words, which need not have what the command requires."""
    required = [param for param in command.params if param.required]
    for param in required:
        param.required = False
    try:
        return command.make_context(name, words, parent=parent)
    finally:
        for param in required:
            param.required = True
