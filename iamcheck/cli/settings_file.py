"""Finds and reads the configuration file: `iamcheck.toml`, or `[tool.iamcheck]` in `pyproject.toml`.

It is the nearest that there is between the working directory and the root of its repository.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import read_document
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["FileSetting", "read_settings"]

_OWN: Final = "iamcheck.toml"
_LARGEST: Final = 1_000_000
"""Bytes of a file of settings."""
_PATHS: Final = ("FILE", "DIR", "aws|ignore|DIR", "ARN=FILE", "[FORMAT:]FILE", "LEVEL")
"""What the values of options are called that are paths, or have some."""
_WORDS: Final = ("-", "aws", "ignore", "FullAWSAccess", "RCPFullAWSAccess")
"""Values of such options that are no paths."""


class FileSetting(NamedTuple):
    """A key of a configuration file with its value.

    Args:
        key: The flag that it stands for, without hyphens before it.
        command: The command that it is for; None: every command that has the option.
        value: The value as TOML has it.
        place: The file with the line.
        folder: The folder of the file, relative to the working directory, which the paths in it are relative to.
    """

    key: str
    command: str | None
    value: object
    place: str
    folder: str

    def resolved(self, text: str, metavar: str) -> str:
        """A value with its path relative to the working directory.

        Args:
            text: The value.
            metavar: What help calls the values of the option.
        """
        if metavar not in _PATHS or self.folder == ".":
            return text
        if metavar == "LEVEL":
            return ",".join(self._path(part) for part in text.split(","))
        sign = {"ARN=FILE": "=", "[FORMAT:]FILE": ":"}.get(metavar)
        before, mark, path = text.rpartition(sign) if sign else ("", "", text)
        return f"{before}{mark}{self._path(path)}"

    def _path(self, path: str) -> str:
        if path in _WORDS or os.path.isabs(path) or path.startswith("file://"):
            return path
        return os.path.normpath(os.path.join(self.folder, path))


def read_settings(file: str, commands: Collection[str]) -> tuple[FileSetting, ...]:
    """What a configuration file sets.

    Args:
        file: The file, relative to the working directory.
        commands: The names of the commands, each of which may have a table.

    Raises:
        InvalidInputError: It cannot be read, is not TOML, or has a table that is no command.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if os.path.isdir(file):
        raise InvalidInputError("it is a directory", where=file, cure="rename it, or give --no-config")
    text = read_document(file, largest=_LARGEST)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(f"not TOML: {error}", where=file) from None
    is_own = os.path.basename(file) == _OWN
    table = document if is_own else _table(_table(document, "tool", file), "iamcheck", file)
    return tuple(_settings(table, file, text, "" if is_own else "tool.iamcheck", commands))


def _table(document: Mapping[str, object], name: str, file: str) -> Mapping[str, object]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise InvalidInputError(f"{name} is no table", where=file, cure="write [tool.iamcheck]")
    return table


def _settings(
    table: Mapping[str, object], file: str, text: str, header: str, commands: Collection[str]
) -> Iterator[FileSetting]:
    folder = os.path.dirname(file) or "."
    for name, value in table.items():
        if name in commands and isinstance(value, dict):
            inner = f"{header}.{name}".removeprefix(".")
            for key, item in value.items():
                yield FileSetting(_flag(key), name, item, f"{file}, line {_line(text, key, inner)}", folder)
        else:
            place = f"{file}, line {_line(text, name, header)}"
            if isinstance(value, dict) and any(isinstance(item, dict) for item in value.values()):
                raise InvalidInputError(f"there is no command {name!r}", where=place, cure=nearest(name, commands))
            yield FileSetting(_flag(name), None, value, place, folder)


def _flag(key: str) -> str:
    return key.replace("_", "-")


def _line(text: str, key: str, header: str) -> int:
    """The line where a key is set: TOML's readers do not say it."""
    spelled = rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')"
    table, first = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = re.sub(r"[\s\"']", "", head[1])
            if table == f"{header}.{key}".removeprefix("."):
                return number
        elif re.match(rf"\s*{spelled}\s*[.=]", line):
            if table == header:
                return number
            first = number if first == 1 else first
    return first
