"""Holds the condition context of a request: typed values under case-insensitive names.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

__all__ = ["ContextInput", "ContextValue", "KeyType", "Scalar", "context_value"]

Scalar: TypeAlias = "str | bool | int | float | Decimal | datetime | bytes"
"""One value of a context key, as a Python caller writes it."""


class KeyType(str, Enum):
    """The twelve types of a condition key, in the spelling of `ContextKeyType`; ARNs are strings."""

    STRING = "string"
    STRING_LIST = "stringList"
    NUMERIC = "numeric"
    NUMERIC_LIST = "numericList"
    BOOLEAN = "boolean"
    BOOLEAN_LIST = "booleanList"
    IP = "ip"
    IP_LIST = "ipList"
    BINARY = "binary"
    BINARY_LIST = "binaryList"
    DATE = "date"
    DATE_LIST = "dateList"

    __str__ = str.__str__

    @property
    def many(self) -> bool:
        """True for the list types, whose keys are multivalued."""
        return self.value.endswith("List")

    @property
    def base(self) -> KeyType:
        """The type of one value."""
        return KeyType(self.value.removesuffix("List"))

    @property
    def listed(self) -> KeyType:
        """The list type over the same base."""
        return self if self.many else KeyType(f"{self.value}List")


@dataclass(frozen=True, slots=True)
class ContextValue:
    """The value of a context key, as text, with its type.

    `type` is None where the caller gave plain Python values that leave it open: then the reference data's type of the
    key counts, else a list is `stringList` and a single value `string`.
    """

    values: tuple[str, ...]
    type: KeyType | None = None
    many: bool = False
    """True where it is multivalued; a `type` that is given decides instead."""


ContextInput: TypeAlias = "Scalar | Sequence[Scalar] | ContextValue"
"""What `Request(context=...)` takes for one key."""


def context_value(raw: ContextInput, *, where: str = "") -> ContextValue:
    """Makes text of what a Python caller gives for a key.

    Booleans become `true` and `false`, numbers their shortest decimal, times (in UTC where they name no zone) ISO 8601
    in UTC with milliseconds, bytes base64. A list or a tuple is multivalued; an empty one is a key without values.

    Raises:
        InvalidInputError: The value is of another Python type, or several values have a type of one.
    """
    if isinstance(raw, str):
        return _of_text(raw)
    if isinstance(raw, ContextValue):
        return _typed(raw, where)
    if isinstance(raw, (list, tuple)):
        return ContextValue(tuple(_text(value, where) for value in raw), many=True)
    return _of_text(_text(raw, where))


@lru_cache(maxsize=1024)
def _of_text(text: str) -> ContextValue:
    """The value of one text: most requests of a run have the same ones, and to make it costs ten times as much."""
    return ContextValue((text,))


def _typed(value: ContextValue, where: str) -> ContextValue:
    if value.type is None:
        return value
    if len(value.values) > 1 and not value.type.many:
        raise InvalidInputError(
            f"{len(value.values)} values for a key of type {value.type}", where=where, cure=f"use {value.type.listed}"
        )
    return value if value.many is value.type.many else ContextValue(value.values, value.type, value.type.many)


def _text(raw: object, where: str) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    # imported when used: most contexts are text and booleans
    from datetime import datetime
    from decimal import Decimal

    if isinstance(raw, (int, Decimal)):
        return str(raw)
    if isinstance(raw, float):
        return repr(raw)
    if isinstance(raw, bytes):
        from base64 import b64encode

        return b64encode(raw).decode("ascii")
    if isinstance(raw, datetime):
        from datetime import timezone

        utc = raw.astimezone(timezone.utc) if raw.tzinfo else raw
        return f"{utc.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    raise InvalidInputError(
        f"{raw!r} is no value of a context key",
        where=where,
        cure="give text, true or false, a number, a time, bytes, or a list of these",
    )
