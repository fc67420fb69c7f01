"""Holds what a decision says and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from iamcheck.iam.model.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model.position import Position
    from iamcheck.iam.model.request import Request

__all__ = ["POLICY_NAMES", "Decision", "Evaluation", "PolicyType", "StatementRef", "statement_name"]


class Decision(str, Enum):
    """The three answers of IAM, in AWS's spelling.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"

    __str__ = str.__str__


class PolicyType(str, Enum):
    """The layers of policies that have a say in a decision."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SCP = "scp"
    RCP = "rcp"
    RESOURCE = "resource"
    SESSION = "session"

    __str__ = str.__str__


POLICY_NAMES: Mapping[PolicyType, str] = {
    PolicyType.IDENTITY: "identity policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SCP: "service control policy (SCP)",
    PolicyType.RCP: "resource control policy (RCP)",
    PolicyType.RESOURCE: "resource policy",
    PolicyType.SESSION: "session policy",
}
"""What people call each type of policy."""


def statement_name(sid: str | None, index: int | None) -> str:
    """`statement Lock`; without a Sid `Statement[0]`, as in a JSON path; `a statement` where neither is known."""
    if sid:
        return f"statement {sid}"
    return "a statement" if index is None else f"Statement[{index}]"


@dataclass(frozen=True, slots=True)
class StatementRef:
    """A statement that had a say, by the place where it stands."""

    policy_type: PolicyType
    policy: str
    """The policy's name."""
    sid: str | None
    index: int | None
    """Place in the policy's Statement list, from 0; None where AWS named the policy and nobody has read it."""
    line: int | None = None
    start: Position | None = None
    end: Position | None = None
    level: int | None = None
    """For SCPs and RCPs, the level from the root, from 0."""
    source: int = 0
    """Place of the policy in its layer (in its level, for SCPs and RCPs), from 0."""
    file: str | None = None
    """The file that holds the policy, as the user named it; None: it is in no file."""
    column: int | None = None
    """The column at which the statement starts in that file, from 1."""

    @property
    def place(self) -> Place | None:
        """The place of the statement's start in its file; None: the policy is in no file."""
        if self.file is None:
            return None
        path = "Statement" if self.index is None else f"Statement[{self.index}]"
        return Place(self.file, self.line, self.column, path)

    def __str__(self) -> str:
        """`statement Lock of the service control policy (SCP) lock.json, line 4`."""
        policy = f"{POLICY_NAMES[self.policy_type]} {self.policy}".rstrip()
        line = f", line {self.line}" if self.line else ""
        return f"{statement_name(self.sid, self.index)} of the {policy}{line}"


@dataclass(frozen=True)
class Evaluation:
    """The answer to one request, with the evidence that decided it."""

    request: Request
    decision: Decision
    """What AWS's simulator would say: unknown keys taken as absent, unread layers as not there."""
    certain: bool
    """True where no values of the unknown keys and no content of the unread layers could change `decision`."""
    open_keys: frozenset[str]
    """The unknown keys, in lower case, that could change the decision. Empty where it is certain."""
    open_layers: frozenset[PolicyType]
    """The unread layers that could change the decision."""
    matched: tuple[StatementRef, ...]
    """Allowed: the Allows that matched; explicitDeny: the Denies, of every layer; implicitDeny: none."""
    blocked_by: PolicyType | None
    """For a denial, the layer that stopped it: where a Deny matched or where no Allow did."""
    missing_context: tuple[str, ...]
    """AWS's MissingContextValues: on an implicit deny, the keys that the policies look at and the request has not."""
    simulator: str = "local"
    """Who decided: `local` or `aws`."""
    could_allow: bool = False
    """True where the decision is `allowed`, or some values of what is unknown would make it so."""

    @property
    def allowed(self) -> bool | None:
        """True: certainly allowed. False: denied, whatever is unknown. None: it depends on what is unknown."""
        if not self.could_allow:
            return False
        return True if self.certain and self.decision is Decision.ALLOWED else None

    def __bool__(self) -> bool:
        raise TypeError("an Evaluation has three answers: ask `.allowed`, which is True, False or None (not certain)")
