"""Who a statement of a resource policy is about.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.iam.model import Principals, Statement

__all__ = ["Caller", "Grant", "grants"]


class Grant(Enum):
    """How a statement names the caller; it may do so in several ways."""

    ACCOUNT = "account"
    """By the account or its root."""
    LIMITED = "limited"
    """By the role, or as anybody: boundary and session policies limit it."""
    DIRECT = "direct"
    """By the ARN of user, role session or federated user: only an explicit deny limits it."""


@dataclass(frozen=True)
class Caller:
    """Who asks; without an ARN, somebody of an account."""

    arn: str
    role: str | None = None
    """For sessions, the ARN of the role."""
    of_account: str = ""

    @property
    def account(self) -> str:
        return self.of_account or self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1] if self.arn else "aws"

    @property
    def kind(self) -> str:
        """`user`, `role`, `assumed-role`, `federated-user`, `root`."""
        return self.arn.split(":", 5)[5].split("/")[0] if self.arn else "somebody"


def grants(statement: Statement, caller: Caller | None, *, is_bounded: bool = False) -> frozenset[Grant]:
    """How a statement is about the caller; empty: it is not. One that names no principals is about everybody.

    "The NotPrincipal element with the Deny effect will always deny any IAM principal that has a permissions boundary
    policy attached, regardless of the values specified in the NotPrincipal element" (its page).
    """
    if statement.not_principals is not None:
        if is_bounded and (caller is None or caller.kind != "root"):
            return frozenset({Grant.LIMITED})
        return frozenset() if _excepted(statement.not_principals, caller) else frozenset({Grant.LIMITED})
    if statement.principals is None:
        return frozenset({Grant.LIMITED})
    return _named(statement.principals, caller)


def _excepted(principals: Principals, caller: Caller | None) -> bool:
    """`NotPrincipal: [user, root]` denies all but the user, says its page: the root there excepts nobody else.

    Who is excepted where it names an account and nobody in it is not documented: the account, it is taken here.
    """
    named = _named(principals, caller)
    return bool(named - {Grant.ACCOUNT}) or (bool(named) and all(_is_account(text) for text in principals.aws))


def _is_account(text: str) -> bool:
    return text.isdigit() or text.endswith(":root")


def _named(principals: Principals, caller: Caller | None) -> frozenset[Grant]:
    return frozenset(found for text in principals.aws if (found := _one(text, caller)) is not None)


def _one(text: str, caller: Caller | None) -> Grant | None:
    if text == "*":
        return Grant.LIMITED
    if caller is None:
        return None
    if text == caller.arn:
        return Grant.LIMITED if caller.kind == "role" else Grant.DIRECT
    if text == caller.role:
        return Grant.LIMITED
    if text in (caller.account, f"arn:{caller.partition}:iam::{caller.account}:root"):
        return Grant.ACCOUNT
    return None
