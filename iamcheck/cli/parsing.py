"""Parses the words of a command: nothing that is typed is dropped in silence."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from iamcheck.cli.settings import Setting

__all__ = ["COMPLETE", "MappingCommand", "StrictCommand", "settings_file", "settings_in_use"]


COMPLETE: Final = "_IAMCHECK_COMPLETE"
"""The variable by which a shell asks for completions
(https://click.palletsprojects.com/en/stable/shell-completion/)."""
_SETTINGS: Final = "iamcheck.settings"
_TOOL: Final = rb"""(?m)^\s*(?:\[\s*["']?tool["']?\s*(?:\]|\.\s*["']?iamcheck)|["']?tool["']?\s*[.=])"""
"""Where a `pyproject.toml` may have the table `tool.iamcheck`: most have none, and need not be read as TOML."""


def settings_in_use(ctx: click.Context) -> Mapping[str, Setting]:
    """The settings of the environment and the configuration file that a command has, by parameter."""
    settings: Mapping[str, Setting] = ctx.meta.get(_SETTINGS, {})
    return settings


class StrictCommand(click.Command):
    """A command that refuses an option of one value that comes twice, and every value that is empty.

    Options that nobody typed have the values of the environment and of the configuration file.
    """

    takes_settings = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  click's signature
        super().__init__(*args, **kwargs)
        if os.environ.get(COMPLETE):
            from iamcheck.cli.completion import complete_values  # only a shell that completes asks for it

            complete_values(self.params)
        if self.takes_settings:
            self.params.append(
                click.Option(
                    ["--no-config"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    help="Read no configuration file (iamcheck.toml, or [tool.iamcheck] in pyproject.toml).",
                )
            )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words.

        Raises:
            click.UsageError: An option that takes one value comes twice, or a value is empty.
        """
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)  # a shell completes words that are not all there yet
        # click itself takes the last value of an option that is repeated, and keeps the order of all of them
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        if any(set(ctx.help_option_names) & set(param.opts) for param in order):
            return super().parse_args(ctx, args)
        for param, times in Counter(order).items():
            takes_one = isinstance(param, click.Option) and not (param.multiple or param.is_flag or param.count)
            if takes_one and times > 1:
                raise click.UsageError(f"{_spelled(param)} is given {times} times, and takes one value", ctx)
            if any(isinstance(value, str) and not value.strip() for value in _values(values.get(param.name or ""))):
                raise click.UsageError(f"{_spelled(param)} is empty: leave it out, or give a value", ctx)
        typed = {param.name for param in order if _is_typed(param, values.get(param.name or ""))}
        settings = self._settings(ctx, values) if self.takes_settings else {}
        # a name that is typed as an argument wins, as one that is typed with its flag does
        for argument, option in _ARGUMENTS.items():
            if argument in typed:
                settings.pop(option, None)
        settings = {name: setting for name, setting in settings.items() if name not in typed}
        ctx.meta[_SETTINGS] = settings
        ctx.default_map = {name: setting.value for name, setting in settings.items()}
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            setting = settings.get((error.param and error.param.name) or "")
            if setting is not None:
                raise click.BadParameter(f"{setting.origin}: {error.message}", error.ctx, error.param) from None
            raise

    def _settings(self, ctx: click.Context, typed: Mapping[str, object]) -> dict[str, Setting]:
        reads_none = typed.get("no_config") is True or _is_true(os.environ.get("IAMCHECK_NO_CONFIG"))
        file = None if reads_none else settings_file()
        if file is None and not any(name.startswith("IAMCHECK_") for name in os.environ):
            return {}
        from iamcheck.cli.settings import Commands, settings_of
        from iamcheck.cli.settings_file import read_settings

        group, parent = (ctx.parent.command, ctx.parent) if ctx.parent is not None else (None, ctx)
        names = group.list_commands(parent) if isinstance(group, click.Group) else [ctx.info_name or ""]
        load = group.get_command if isinstance(group, click.Group) else lambda _, __: self
        commands = Commands(names, lambda name: load(parent, name))
        given = () if file is None else read_settings(file, names)
        return settings_of(self, ctx.info_name or "", commands, os.environ, given)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options, those of a group under its title."""
        from iamcheck.cli.help_groups import grouped

        shown = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        for title, options in grouped(shown).items():
            rows = [record for option in options if (record := option.get_help_record(ctx)) is not None]
            with formatter.section(title):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Calls the command's function, for no longer than `--timeout`.

        Raises:
            OutOfTimeError: It did not end in time.
        """
        seconds = ctx.params.get("timeout")
        if seconds is None:
            return self.call(ctx)
        from iamcheck.cli.time_limit import time_limit  # most commands need no timer

        with time_limit(seconds + ctx.params.get("wait", 0)):
            return self.call(ctx)

    def call(self, ctx: click.Context) -> object:
        """Calls the command's function."""
        return super().invoke(ctx)


_ARGUMENTS: Final = {"endpoint_argument": "endpoint_name", "config_argument": "endpoint_config_name"}
"""Arguments, with the options that say the same."""


def _is_typed(param: click.Parameter, value: object) -> bool:
    """Whether a parameter that the parser went over was given: it goes over every argument."""
    return isinstance(param, click.Option) or isinstance(value, str) or (isinstance(value, tuple) and bool(value))


def _is_true(text: str | None) -> bool:
    return text is not None and text.strip().lower() in ("1", "true", "yes", "on")


def settings_file() -> str | None:
    """The configuration file, relative to the working directory; None: there is none.

    It is the nearest between the working directory and the root of the repository, of two in a folder `iamcheck.toml`.
    """
    try:
        here = os.getcwd()
    except OSError:  # the folder is gone
        return None
    folder = "."
    while True:
        own = os.path.normpath(os.path.join(folder, "iamcheck.toml"))
        if os.path.lexists(own):
            return own  # a folder or a broken link too: reading it says what is wrong
        project = os.path.normpath(os.path.join(folder, "pyproject.toml"))
        if os.path.isfile(project) and _has_settings(project):
            return project
        if os.path.exists(os.path.join(folder, ".git")) or os.path.dirname(here) == here:
            return None
        here, folder = os.path.dirname(here), os.path.join(folder, "..")


def _has_settings(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            data = opened.read(1_000_000)
    except OSError:
        return True  # reading it says what is wrong
    return b"iamcheck" in data and re.search(_TOOL, data) is not None


class MappingCommand(StrictCommand):
    """A command whose function takes all words as one mapping, by the names of its parameters."""

    def call(self, ctx: click.Context) -> object:
        """Calls the command's function."""
        if self.callback is None:
            return None
        return ctx.invoke(self.callback, {**ctx.params, "file_assumptions": self._file_assumptions(ctx)})

    def _file_assumptions(self, ctx: click.Context) -> tuple[str, ...]:
        settings: Mapping[str, Setting] = ctx.meta.get(_SETTINGS, {})
        if not any(setting.is_of_file for setting in settings.values()):
            return ()
        from iamcheck.cli.settings import file_assumptions

        return file_assumptions(self, settings)


def _values(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _spelled(param: click.Parameter) -> str:
    """The parameter as people type it: its flag, or its place in the usage line."""
    if isinstance(param, click.Option):
        return " or ".join(param.opts)
    return (param.metavar or str(param.name)).strip("[]")
