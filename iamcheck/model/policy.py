"""Policies: what a document says, parsed once into frozen values.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.model.operators import Operator

__all__ = ["Condition", "Effect", "Policy", "Position", "Principals", "Statement"]


class Effect(str, Enum):
    """The Effect element; case-sensitive, as IAM has it."""

    ALLOW = "Allow"
    DENY = "Deny"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a policy text: line and column from 1, in characters; CR, LF and CRLF each end one line."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator over one key; a condition block is the AND of these."""

    operator: Operator
    key: str
    """In the policy's own spelling; names compare without case."""
    values: tuple[str, ...]
    """As text; JSON booleans and numbers are spelled as JSON spells them."""


@dataclass(frozen=True, slots=True)
class Principals:
    """A Principal or NotPrincipal element."""

    aws: tuple[str, ...] = ()
    """ARNs, account ids or `*`. A bare `"*"` is kept as `*` here with `everyone` set."""
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical_user: tuple[str, ...] = ()
    everyone: bool = False
    """The element is the bare text `"*"`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair (actions, not_actions) and (resources, not_resources) at most one is not None."""

    effect: Effect
    sid: str | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principals: Principals | None = None
    not_principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()
    index: int = 0
    """Place in the policy's Statement list, from 0."""
    start: Position | None = field(default=None, compare=False)
    """Where AWS's simulator says the statement starts in the text; None for a policy that was given as an object."""
    end: Position | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)
    """The line of the text on which the statement's own `{` stands, from 1; for people."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document under a name."""

    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    """`2012-10-17` or `2008-10-17`; an absent Version is the latter, under which policy variables are literal."""
    id: str | None = None
    name: str = field(default="", compare=False)
