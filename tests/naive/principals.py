"""Who a statement of a resource policy is about.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.model import Principals, Statement

__all__ = ["Caller", "Grant", "grant"]


class Grant(IntEnum):
    """How a statement names the caller; the larger, the more it gives."""

    NOBODY = 0
    ACCOUNT = 1
    """By the account or its root."""
    LIMITED = 2
    """By the role, or as anybody: boundary and session policies limit it."""
    DIRECT = 3
    """By the ARN of user, role session or federated user: only an explicit deny limits it."""


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    arn: str
    role: str | None = None
    """For sessions, the ARN of the role."""

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    @property
    def kind(self) -> str:
        """`user`, `role`, `assumed-role`, `federated-user`, `root`."""
        return self.arn.split(":", 5)[5].split("/")[0]


def grant(statement: Statement, caller: Caller | None) -> Grant:
    """How a statement that names principals is about the caller."""
    if statement.not_principals is not None:
        return Grant.NOBODY if _named(statement.not_principals, caller) else Grant.LIMITED
    return _named(statement.principals, caller) if statement.principals is not None else Grant.LIMITED


def _named(principals: Principals, caller: Caller | None) -> Grant:
    return max((_one(text, caller) for text in principals.aws), default=Grant.NOBODY)


def _one(text: str, caller: Caller | None) -> Grant:
    if text == "*":
        return Grant.LIMITED
    if caller is None:
        return Grant.NOBODY
    if text == caller.arn:
        return Grant.LIMITED if caller.kind == "role" else Grant.DIRECT
    if text == caller.role:
        return Grant.LIMITED
    if text in (caller.account, f"arn:{caller.partition}:iam::{caller.account}:root"):
        return Grant.ACCOUNT
    return Grant.NOBODY
