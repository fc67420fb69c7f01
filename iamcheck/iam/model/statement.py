"""Holds the statements of a policy, with their conditions and principals, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from iamcheck.iam.model.operators import Operator
    from iamcheck.iam.model.position import Position

__all__ = ["Condition", "Effect", "Principals", "Statement"]


class Effect(str, Enum):
    """The Effect element; case-sensitive, as IAM has it."""

    ALLOW = "Allow"
    DENY = "Deny"

    __str__ = str.__str__


class Condition(NamedTuple):
    """One operator over one key; a condition block is the AND of these."""

    operator: Operator
    key: str
    """In the policy's own spelling; names compare without case."""
    values: tuple[str, ...]
    """As text; JSON booleans and numbers are spelled as JSON spells them."""


class Principals(NamedTuple):
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
    column: int | None = field(default=None, compare=False)
    """The column of that `{`, from 1."""
