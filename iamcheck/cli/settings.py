"""Reads options that nobody typed from IAMCHECK_* variables and from a configuration file.

A flag wins over a variable of the environment, that over a file, that over the default. `--account-id` is
`IAMCHECK_ACCOUNT_ID`, of a single command `IAMCHECK_CHECK_ACCOUNT_ID`, and `account-id` in a file.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iamcheck.cli.settings_file import FileSetting

__all__ = ["PREFIX", "Commands", "Setting", "file_assumptions", "flag_of", "options_by_flag", "settings_of"]

PREFIX: Final = "IAMCHECK_"
_NO_CONFIG: Final = "IAMCHECK_NO_CONFIG"
_TRUTH: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


class Setting(NamedTuple):
    """The value of an option that comes from the environment or from a file.

    Args:
        value: The value, as click takes it for a default.
        origin: Where it is written: `IAMCHECK_REGION`, or `iamcheck.toml, line 3`.
        is_of_file: Whether a file has it.
    """

    value: str | bool | tuple[str, ...]
    origin: str
    is_of_file: bool = False


def options_by_flag(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that settings can give, by their flag without hyphens before it."""
    return {
        flag_of(param)[2:]: param for param in command.params if isinstance(param, click.Option) and not param.is_eager
    }


_HARMLESS: Final = frozenset(
    {
        *("output", "output-file", "no-color", "verbose", "explain", "excess", "debug", "timeout", "max-concurrency"),
        *("region", "account-id", "profile", "strict", "check", "workers", "format"),
    }
)
"""Options that make no check weaker: they show it, bound it, say where it is made, or add to it."""


def file_assumptions(command: click.Command, settings: Mapping[str, Setting]) -> tuple[str, ...]:
    """What a report says of the settings of a file that may make a check weaker.

    Whoever may change the file, by a pull request for instance, need not be who runs the check.
    """
    flags = {option.name: flag for flag, option in options_by_flag(command).items()}
    return tuple(
        f"--{flags[name]}{_shown(setting.value)} is as {setting.origin} says (--no-config ignores the file)"
        for name, setting in settings.items()
        if setting.is_of_file and flags.get(name) not in _HARMLESS and setting.value is not False
    )


def _shown(value: str | bool | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return ""
    return " " + (", ".join(value) if isinstance(value, tuple) else value)


def flag_of(option: click.Option) -> str:
    """The option as people type it."""
    return max(option.opts, key=len)


class Commands:
    """All commands: each is loaded when somebody looks at its options, for that takes time."""

    def __init__(self, names: Iterable[str], load: Callable[[str], click.Command | None]) -> None:
        self.names = tuple(names)
        self._load = load

    def flags(self, names: Iterable[str] | None = None) -> set[str]:
        """The flags of commands; None: of all."""
        loaded = (self._load(name) for name in names or self.names)
        return {flag for command in loaded if command is not None for flag in options_by_flag(command)}


def settings_of(
    command: click.Command,
    name: str,
    commands: Commands,
    environment: Mapping[str, str],
    file: Sequence[FileSetting],
) -> dict[str, Setting]:
    """The settings of a command, by the name of the option's parameter.

    Args:
        command: The command.
        name: Its name, such as `check`.
        commands: All commands.
        environment: The variables of the environment.
        file: What a configuration file has.

    Raises:
        InvalidInputError: A variable or a key of the file is no option of any command, or its value is none that the
            option takes.
    """
    options = options_by_flag(command)
    settings: dict[str, Setting] = {}
    for of_command in (False, True):  # what is for this command alone comes last, and wins
        for entry in file:
            if (entry.command == name) is of_command and entry.command in (None, name):
                option = options.get(entry.key)
                if option is not None and option.name is not None:
                    settings[option.name] = _of_file(option, entry)
                else:
                    _require_option(entry, commands)
            elif of_command and entry.command not in (None, name):
                _require_option(entry, commands)
    for variable in sorted(environment):
        if variable.startswith(PREFIX):
            _require_value(variable, environment[variable])
    if _NO_CONFIG in environment:
        _truth(environment[_NO_CONFIG], _NO_CONFIG)
    for of_command in (False, True):
        for flag, option in options.items():
            variable = _variable(flag, name if of_command else None)
            if variable in environment and option.name is not None:
                value = _of_environment(option, environment[variable], variable)
                settings[option.name] = Setting(value, variable)
    _require_variables(environment, options, name, commands)
    return settings


def _variable(flag: str, command: str | None) -> str:
    words = f"{command}-{flag}" if command else flag
    return PREFIX + words.upper().replace("-", "_")


def _require_value(variable: str, text: str) -> None:
    if not text.strip():
        raise InvalidInputError("it is empty", where=variable, cure="unset it, or give a value")


def _of_environment(option: click.Option, text: str, variable: str) -> str | bool | tuple[str, ...]:
    if option.is_flag:
        return _truth(text, variable)
    if not option.multiple:
        return text
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        cure = "give words with spaces between them, in quotes where a word has spaces"
        raise InvalidInputError(f"no list of words: {error}", where=variable, cure=cure) from None


def _truth(text: str, variable: str) -> bool:
    truth = _TRUTH.get(text.strip().lower())
    if truth is None:
        raise InvalidInputError(f"{text!r} is neither true nor false", where=variable, cure="give true or false")
    return truth


def _of_file(option: click.Option, entry: FileSetting) -> Setting:
    value, where = entry.value, entry.place
    if option.is_flag:
        if not isinstance(value, bool):
            raise InvalidInputError(f"{entry.key} is neither true nor false", where=where, cure="write true or false")
        return Setting(value, where, is_of_file=True)
    texts = list(_texts(value, entry))
    if option.multiple:
        values = tuple(entry.resolved(text, option.metavar or "") for text in texts)
        return Setting(values, where, is_of_file=True)
    if isinstance(value, (list, dict)):
        raise InvalidInputError(f"{entry.key} takes one value", where=where, cure="write it as a text")
    return Setting(entry.resolved(texts[0], option.metavar or ""), where, is_of_file=True)


def _texts(value: object, entry: FileSetting) -> Iterator[str]:
    """A value as texts: a list as its items, a table as `KEY=VALUE`."""
    if isinstance(value, dict):
        for key, item in value.items():
            for text in _texts(item, entry):
                yield f"{key}={text}"
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, entry)
    elif isinstance(value, bool) or not isinstance(value, (str, int, float)):
        cure = "write it as a text"
        raise InvalidInputError(f"{entry.key} does not take {value!r}", where=entry.place, cure=cure)
    elif isinstance(value, str) and not value.strip():
        raise InvalidInputError(f"{entry.key} is empty", where=entry.place, cure="leave it out, or give a value")
    else:
        yield str(value)


def _require_option(entry: FileSetting, commands: Commands) -> None:
    """Returns where some command has the option: the others pass it over.

    Raises:
        InvalidInputError: None has it.
    """
    known = commands.flags(None if entry.command is None else (entry.command,))
    if entry.key not in known:
        raise InvalidInputError(f"there is no option {entry.key!r}", where=entry.place, cure=_nearest(entry.key, known))


def _require_variables(environment: Mapping[str, str], options: Iterable[str], name: str, commands: Commands) -> None:
    """Returns where each variable is that of an option.

    Raises:
        InvalidInputError: One is not.
    """
    here = {_NO_CONFIG, *(_variable(flag, command) for flag in options for command in (None, name))}
    others = sorted(variable for variable in environment if variable.startswith(PREFIX) and variable not in here)
    if not others:
        return
    known = {_variable(flag, command) for command in commands.names for flag in commands.flags((command,))}
    known |= {_variable(flag, None) for flag in commands.flags()}
    for variable in others:
        if variable not in known:
            raise InvalidInputError("it is no option", where=variable, cure=_nearest(variable, known))


def _nearest(name: str, known: Iterable[str]) -> str:
    return did_you_mean(name, known) or "`iamcheck config COMMAND` lists the options of a command"
