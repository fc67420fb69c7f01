"""The condition context of a request: typed values under case-insensitive names.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

__all__ = ["ContextInput", "ContextValue", "KeyType", "Scalar"]

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


ContextInput: TypeAlias = "Scalar | Sequence[Scalar] | ContextValue"
"""What `Request(context=...)` takes for one key."""
