"""Says what the keys of a fleet's rows stand for: the arguments and options of `check`."""

from __future__ import annotations

import os
import re
import reprlib
from typing import TYPE_CHECKING, Final

import click

from iamcheck.cli import check
from iamcheck.errors import InvalidInputError
from iamcheck.fleet.resuming import is_stream
from iamcheck.iam.files import local_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


__all__ = ["NOT_OF_A_ROW", "ROW_KEYS", "WORDS_FOR_FILES", "RowKey", "in_keys", "shown"]

NOT_OF_A_ROW: Final = frozenset(
    {"output", "output_files", "no_color", "no_config", "debug", "explain", "verbose", "redact"}
)
"""Words of `check` that say how a report is shown; a fleet shows all alike."""
_STATES: Final = {"endpoint": "expect_endpoint", "config": "expect_config"}
"""Keys of the options whose names the arguments have."""


class RowKey:
    """What a key of a row stands for.

    Args:
        key: The key.
        param: The option or argument of `check`.
    """

    def __init__(self, key: str, param: click.Parameter) -> None:
        self.key, self.param = key, param
        self.word = str(param.name)
        """The name among `CheckWords`."""
        self.form = param.metavar or ""
        """What the values look like, such as `FILE`."""
        self.is_flag = isinstance(param, click.Option) and param.is_flag
        self.is_many = isinstance(param, click.Option) and param.multiple
        self.takes_number = isinstance(param.type, (click.types.FloatRange, click.types.IntRange))

    def paths(self, text: str, folder: str) -> str:
        """A value with its paths, which are relative to the folder of the manifest."""
        form = self.form
        if form in ("FILE", "DIR"):
            return _in_folder(text, folder)
        if form == "LEVEL":
            return ",".join(part if part in WORDS_FOR_FILES else _in_folder(part, folder) for part in text.split(","))
        if form == "ARN=FILE" and "=" in text:
            arn, _, file = text.partition("=")
            return f"{arn}={_in_folder(file, folder)}"
        return text if form != "aws|ignore|DIR" or text in WORDS_FOR_FILES else _in_folder(text, folder)


WORDS_FOR_FILES: Final = frozenset({"FullAWSAccess", "RCPFullAWSAccess", "aws", "ignore"})
"""What stands in the place of a file and is none."""


def _in_folder(path: str, folder: str) -> str:
    if path == "-":
        raise InvalidInputError("a row reads no standard input", where="-", cure="name a file")
    if not path:
        return path
    joined = os.path.join(folder, local_path(path))  # noqa: PTH118  as a text, for reports name it
    if is_stream(joined):
        raise InvalidInputError("it is a pipe or a device", where=shown(path), cure="name a file")
    return joined


def _row_keys() -> Iterator[RowKey]:
    for param in check.command.params:
        if param.name in NOT_OF_A_ROW:
            continue
        if isinstance(param, click.Argument):
            yield RowKey((param.metavar or "").strip("[]").lower(), param)
        else:
            key = max(param.opts, key=len).removeprefix("--").replace("-", "_")
            yield RowKey(_STATES.get(key, key), param)


ROW_KEYS: Final[Mapping[str, RowKey]] = {one.key: one for one in _row_keys()}
"""The keys of a row: the arguments and options of `check`."""


def shown(value: object) -> str:
    """A value of a row, for an error."""
    # a value of a hostile row may be nested more deeply than repr follows
    text = reprlib.repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


_ARGUMENTS: Final = {"--endpoint-name": "endpoint", "--endpoint-config-name": "config"}
"""The keys of the arguments, by the options that say the same."""
_COMMAND: Final = r"\b(?:aws [a-z0-9-]+|iamcheck) [a-z-]+(?: --[a-z-]+(?: [^-\s,;()`][^\s,;()`]*)?)+"
"""A command to run, with its flags, which are no keys of the row."""
_FLAG: Final = rf"{_COMMAND}|(?<![\w-])--[a-z][a-z-]*[a-z]"
_KEYS: Final[Mapping[str, RowKey]] = {
    flag: key for key in ROW_KEYS.values() if isinstance(key.param, click.Option) for flag in key.param.opts
}
"""The keys by their flags."""


def in_keys(error: str, options: Collection[str]) -> str:
    """An error in the words of a row: a key in place of each argument and flag.

    Args:
        error: The error, in the words of the command line.
        options: The words of `check` that the command has and the row does not: their flags stay.
    """

    def key(flag: re.Match[str]) -> str:
        row_key = _KEYS.get(flag[0])
        return flag[0] if row_key is None or row_key.word in options else row_key.key

    text = re.sub("^(ENDPOINT|CONFIG)(?=: )", lambda argument: argument[0].lower(), error)
    for flag, argument in _ARGUMENTS.items():
        if flag in text:
            text = text.replace("an argument", argument)
    return re.sub(_FLAG, key, text)
