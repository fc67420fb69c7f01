"""Reads the AWS CLI's shorthand for structures: `ContextKeyName=aws:x,ContextKeyValues=a,b,ContextKeyType=string`.

Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html; where that leaves something open,
what the AWS CLI does.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from iamcheck.errors import InvalidInputError

__all__ = ["Structure", "read_shorthand"]

Structure: TypeAlias = "dict[str, str | list[str]]"

_FORM: Final = "write Key=value,Key=value1,value2 with quotes around what holds a comma, or JSON"
_BLANKS: Final = re.compile(r"\s*")
_KEY: Final = re.compile(r"\s*([A-Za-z0-9_.#/:-]+)\s*=\s*")
_QUOTED: Final = re.compile(r"""'((?:\\'|[^'])*)'|"((?:\\"|[^"])*)\"""")
_FIRST: Final = re.compile(r"(?:\\,|[^,'\"\[\]{}\s=])(?:\\,|[^,'\"\]}])*")
_LATER: Final = re.compile(r"(?:\\,|[^,'\"\[\]{}\s=])(?:\\,|[^,'\"=])*")
"""A value after a comma has no equals sign: what has one is the next key."""
_ITEM: Final = re.compile(r"(?:\\,|[^,'\"\[\]{}\s=])(?:\\,|[^,'\"\]}])*")


def read_shorthand(text: str, *, where: str) -> Structure:
    """Reads one structure of texts and lists of texts.

    A single value stays a text: whether the member is a list, the reader of the structure knows.

    Raises:
        InvalidInputError: It is not of that form, or a key stands twice.
    """
    structure: Structure = {}
    offset = 0
    while True:
        key = _KEY.match(text, offset)
        if key is None:
            raise _error("a name and =", text, offset, where)
        name = key[1]
        if name in structure:
            raise InvalidInputError(f"{name} stands twice in {text!r}", where=where, cure=_FORM)
        structure[name], offset = _values(text, key.end(), where)
        if offset == len(text):
            return structure
        offset = _skip(text, offset)
        if text[offset : offset + 1] != ",":
            raise _error("a comma", text, offset, where)
        offset += 1


def _values(text: str, offset: int, where: str) -> tuple[str | list[str], int]:
    if text[offset : offset + 1] == "[":
        return _explicit(text, offset + 1, where)
    first, offset = _value(text, offset, _FIRST)
    values = [first or ""]
    while text[_skip(text, offset) : _skip(text, offset) + 1] == ",":
        value, after = _value(text, _skip(text, _skip(text, offset) + 1), _LATER)
        end = _skip(text, after)
        if value is None or text[end : end + 1] not in ("", ","):
            break
        values.append(value)
        offset = after
    # the AWS CLI passes over blanks at the end here, and not behind a list in brackets
    return (values if len(values) > 1 else values[0]), _skip(text, offset)


def _explicit(text: str, offset: int, where: str) -> tuple[list[str], int]:
    values: list[str] = []
    offset = _skip(text, offset)
    while text[offset : offset + 1] != "]":
        value, offset = _value(text, offset, _ITEM)
        if value is None:
            raise _error("a value or ]", text, offset, where)
        values.append(value)
        offset = _skip(text, offset)
        if text[offset : offset + 1] == ",":
            offset = _skip(text, offset + 1)
        elif text[offset : offset + 1] != "]":
            raise _error("a comma or ]", text, offset, where)
    return values, offset + 1


def _value(text: str, offset: int, plain: re.Pattern[str]) -> tuple[str | None, int]:
    quoted = _QUOTED.match(text, offset)
    if quoted:
        mark, inner = ("'", quoted[1]) if quoted[1] is not None else ('"', quoted[2])
        return inner.replace(f"\\{mark}", mark).replace("\\\\", "\\"), quoted.end()
    match = plain.match(text, offset)
    return (match[0].replace("\\,", ",").rstrip(), match.end()) if match else (None, offset)


def _skip(text: str, offset: int) -> int:
    blanks = _BLANKS.match(text, offset)
    return blanks.end() if blanks else offset


def _error(expected: str, text: str, offset: int, where: str) -> InvalidInputError:
    shown = text[offset : offset + 30]
    next_text = f"{shown!r}" if shown else "the end"
    return InvalidInputError(
        f"{expected} must stand where {next_text} stands in {text[:100]!r}", where=where, cure=_FORM
    )
