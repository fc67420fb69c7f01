"""Resolves policy variables: `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.

A value takes a variable's place as literal text: a `*` in it is no wildcard.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from iamcheck.iam.engine.wildcards import STAR, Pieces, Wild, glob_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.iam.model import ContextValue, KeyType, Request

    KeyTypes: TypeAlias = Callable[[str], KeyType | None]
    """What the reference data says of a key's type; None where it does not know the key."""

__all__ = ["KeyTypes", "Resolved", "Variable", "VariablePattern", "is_many", "parse_template"]

# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_VARIABLE = r"\$\{([^}]*)\}"
_WITH_DEFAULT = r"(.*?)\s*,\s*'([^']*)'\s*"


class Variable(NamedTuple):
    """A variable in a pattern."""

    key: str
    """In lower case."""
    spelling: str
    """The key as the policy has it."""
    default: str | None
    declared: KeyType | None
    """The type of its key, where the reference data has it."""


class Resolved(NamedTuple):
    """What a pattern with variables stands for in one request."""

    pieces: Pieces | None
    """With values in place of the variables, an unknown key taken as absent; None: a variable has no value."""
    widest: Pieces | None
    """With any text in place of the variables of unknown keys; None: there are none."""


class VariablePattern(NamedTuple):
    """A pattern as a policy has it."""

    pieces: tuple[str | Wild | Variable, ...]

    @property
    def variables(self) -> list[Variable]:
        """The variables, in order."""
        return [piece for piece in self.pieces if isinstance(piece, Variable)]

    @property
    def literal(self) -> Pieces | None:
        """The pattern itself where it has no variables."""
        pieces = self.pieces
        return None if any(isinstance(piece, Variable) for piece in pieces) else cast("Pieces", pieces)

    @property
    def widened(self) -> Pieces:
        """The pattern with any text in place of its variables."""
        return tuple(STAR if isinstance(piece, Variable) else piece for piece in self.pieces)

    def resolve(self, request: Request) -> Resolved:
        """Substitutes the values that the request has.

        A missing key takes the default and, without one, leaves the pattern without meaning; so does a multivalued
        key, whatever the default.
        """
        now: list[str | Wild | None] = []
        widest: list[str | Wild | None] = []
        has_unknown = False
        for piece in self.pieces:
            value = _value(piece, request) if isinstance(piece, Variable) else piece
            is_open = isinstance(piece, Variable) and _is_open(piece, request)
            has_unknown = has_unknown or is_open
            now.append(value)
            widest.append(STAR if is_open else value)
        return Resolved(_whole(now), _whole(widest) if has_unknown else None)


def _whole(pieces: list[str | Wild | None]) -> Pieces | None:
    """The pieces of a pattern; None where one has no value."""
    return None if None in pieces else cast("Pieces", tuple(pieces))


def _value(variable: Variable, request: Request) -> str | None:
    value = request.known.get(variable.key)
    if value is None:
        return variable.default
    return None if is_many(value, variable.declared) else value.values[0]


def _is_open(variable: Variable, request: Request) -> bool:
    never_one = variable.declared is not None and variable.declared.many
    return request.is_unknown(variable.key) and not (never_one and variable.default is None)


def is_many(value: ContextValue, declared: KeyType | None) -> bool:
    """Whether a key is multivalued: as the caller's type says, else the reference data, else the Python value."""
    if value.type is None and declared is not None:
        return declared.many or len(value.values) > 1
    return value.many


def parse_template(text: str, *, variables: bool, key_types: KeyTypes) -> VariablePattern:
    """Reads a Resource or a condition value.

    Args:
        text: As the policy has it.
        variables: Whether the policy's Version has variables; under 2008-10-17 `${` is literal.
        key_types: The types of keys.
    """
    if not variables or "${" not in text:
        return VariablePattern(glob_pieces(text))
    pieces: list[str | Wild | Variable] = []
    for place, between in enumerate(re.split(_VARIABLE, text)):
        if place % 2 == 0:
            pieces.extend(glob_pieces(between))
        elif between in ("*", "?", "$"):
            pieces.append(between)
        else:
            pieces.append(_variable(between, key_types))
    return VariablePattern(tuple(pieces))


def _variable(inside: str, key_types: KeyTypes) -> Variable:
    match = re.fullmatch(_WITH_DEFAULT, inside, re.DOTALL)
    spelling, default = (match[1], match[2]) if match else (inside, None)
    return Variable(spelling.lower(), spelling, default, key_types(spelling))
