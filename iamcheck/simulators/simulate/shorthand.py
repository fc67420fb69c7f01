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
    found: Structure = {}
    at = 0
    while True:
        key = _KEY.match(text, at)
        if key is None:
            raise _error("a name and =", text, at, where)
        name = key[1]
        if name in found:
            raise InvalidInputError(f"{name} stands twice in {text!r}", where=where, cure=_FORM)
        found[name], at = _values(text, key.end(), where)
        if at == len(text):
            return found
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            raise _error("a comma", text, at, where)
        at += 1


def _values(text: str, at: int, where: str) -> tuple[str | list[str], int]:
    if text[at : at + 1] == "[":
        return _explicit(text, at + 1, where)
    first, at = _value(text, at, _FIRST)
    values = [first or ""]
    while text[_skip(text, at) : _skip(text, at) + 1] == ",":
        value, after = _value(text, _skip(text, _skip(text, at) + 1), _LATER)
        end = _skip(text, after)
        if value is None or text[end : end + 1] not in ("", ","):
            break
        values.append(value)
        at = after
    # the AWS CLI passes over blanks at the end here, and not behind a list in brackets
    return (values if len(values) > 1 else values[0]), _skip(text, at)


def _explicit(text: str, at: int, where: str) -> tuple[list[str], int]:
    values: list[str] = []
    at = _skip(text, at)
    while text[at : at + 1] != "]":
        value, at = _value(text, at, _ITEM)
        if value is None:
            raise _error("a value or ]", text, at, where)
        values.append(value)
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise _error("a comma or ]", text, at, where)
    return values, at + 1


def _value(text: str, at: int, plain: re.Pattern[str]) -> tuple[str | None, int]:
    quoted = _QUOTED.match(text, at)
    if quoted:
        mark, inner = ("'", quoted[1]) if quoted[1] is not None else ('"', quoted[2])
        return inner.replace(f"\\{mark}", mark).replace("\\\\", "\\"), quoted.end()
    found = plain.match(text, at)
    return (found[0].replace("\\,", ",").rstrip(), found.end()) if found else (None, at)


def _skip(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _error(wanted: str, text: str, at: int, where: str) -> InvalidInputError:
    shown = text[at : at + 30]
    found = f"{shown!r}" if shown else "the end"
    return InvalidInputError(f"{wanted} must stand where {found} stands in {text[:100]!r}", where=where, cure=_FORM)
