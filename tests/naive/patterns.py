"""Wildcards and policy variables, by translation to regular expressions.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tests.naive import values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model import KeyType

__all__ = ["Value", "action_matches", "dead", "fill", "glob", "resource_matches", "split"]

_STAR, _ONE = "\ue000", "\ue001"
"""A live wildcard, once variables are filled in: private characters that no case uses."""

_VARIABLE = re.compile(r"\$\{([*?$])\}|\$\{([^},]+)(?:, '([^']*)')?\}")


@dataclass(frozen=True)
class Value:
    """A context key that is there."""

    type: KeyType
    texts: tuple[str, ...]


def fill(pattern: str, context: Mapping[str, Value], *, variables: bool) -> str | None:
    """The pattern with its wildcards made live and its variables replaced by literal text; None: one is missing."""
    filled = []
    place = 0
    for found in _VARIABLE.finditer(pattern) if variables else ():
        filled.append(_live(pattern[place : found.start()]))
        place = found.end()
        literal, key, default = found.groups()
        if literal:
            filled.append(literal)
            continue
        value = context.get(key.lower())
        if value is not None and value.type.many:
            return None
        text = value.texts[0] if value is not None else default
        if text is None:
            return None
        filled.append(text)
    filled.append(_live(pattern[place:]))
    return "".join(filled)


def _live(text: str) -> str:
    return text.replace("*", _STAR).replace("?", _ONE)


def dead(filled: str) -> str:
    """The text with its wildcards as plain characters again."""
    return filled.replace(_STAR, "*").replace(_ONE, "?")


def glob(filled: str, text: str) -> bool:
    """Whether the whole text matches; a live `?` is one UTF-16 unit, and newlines are like anything else."""
    return _translated(filled).fullmatch(values.units(text)) is not None


@lru_cache(maxsize=20_000)
def _translated(filled: str) -> re.Pattern[str]:
    """The regular expression; kept, for `re` itself keeps 512 and the largest policies have more patterns."""
    return re.compile(
        "".join(".*" if unit == _STAR else "." if unit == _ONE else re.escape(unit) for unit in values.units(filled)),
        re.DOTALL,
    )


def split(text: str) -> list[str]:
    """The colon-separated parts of an ARN; the sixth is all the rest."""
    return text.split(":", 5)


def action_matches(pattern: str, action: str) -> bool:
    return glob(_live(pattern.lower()), action.lower())


def resource_matches(pattern: str, resource: str, context: Mapping[str, Value], *, variables: bool) -> bool:
    """`*` is everything; of an ARN, part matches part."""
    if pattern == "*":
        return True
    filled = fill(pattern, context, variables=variables)
    if filled is None:
        return False
    left, right = split(filled), split(resource)
    return len(left) == len(right) and all(glob(one, other) for one, other in zip(left, right, strict=True))
