"""Judges the types of arguments that a caller of the library gives: one of another type would mean something else.

A text in place of a list of texts is a list of letters, and what can be gone through once alone is empty the next time.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from typing import NoReturn

from iamcheck.errors import InvalidInputError

__all__ = ["flag", "items", "mapping", "number", "path", "refuse", "text", "texts"]

_SINGLE = (str, bytes, bytearray, Mapping, os.PathLike)
"""What can be gone through, or looks as if it held several values, and is one value."""


def refuse(value: object, where: str, cure: str) -> NoReturn:
    """Refuses an argument for its type.

    Args:
        value: The argument.
        where: Its name.
        cure: What to give.
    """
    kind = "None" if value is None else f"a value of type {type(value).__name__}"
    raise InvalidInputError(f"{kind} cannot be used here", where=where, cure=cure)


def text(value: object, where: str) -> str:
    """A text."""
    return value if isinstance(value, str) else refuse(value, where, "give a text")


def path(value: object, where: str) -> str | os.PathLike[str]:
    """The path of a file or folder."""
    if isinstance(value, os.PathLike):
        return value
    return value if isinstance(value, str) else refuse(value, where, "give a path")


def flag(value: object, where: str) -> bool:
    """A truth value."""
    return value if isinstance(value, bool) else refuse(value, where, "give True or False")


def number(value: object, where: str) -> float:
    """A number; a truth value is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return refuse(value, where, "give a number")


def mapping(value: object, where: str) -> Mapping[str, object]:
    """A mapping with texts as keys."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    return refuse(value, where, "give a mapping with texts as keys")


def items(value: object, where: str, cure: str = "give a list") -> tuple[object, ...]:
    """The items of a list, or of anything else that can be gone through."""
    if isinstance(value, _SINGLE) or not isinstance(value, Iterable):
        refuse(value, where, cure)
    return tuple(value)


def texts(value: object, where: str) -> tuple[str, ...]:
    """The items of a list of texts."""
    cure = "give a list of texts"
    return tuple(item if isinstance(item, str) else refuse(item, where, cure) for item in items(value, where, cure))
