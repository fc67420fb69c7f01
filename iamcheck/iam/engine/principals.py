"""Tells whether Principal or NotPrincipal names a caller, and in which way.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
..._elements_notprincipal.html, and reference_policies_evaluation-logic.html for what a grant is worth.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from iamcheck.iam.engine.truth import NO, PERHAPS_NO, PERHAPS_YES, YES, any_of, negated
from iamcheck.iam.model import PrincipalKind

if TYPE_CHECKING:
    from iamcheck.iam.model import Principal, Principals, Request

__all__ = ["ResourceGrant", "excepted", "grants", "not_excepted", "spoken_of"]


class ResourceGrant(IntEnum):
    """What an Allow of a resource policy is worth within one account, by the principal that it names."""

    OWN = 0
    """The user's, role session's or federated user's own ARN: no implicit deny of boundary or session limits it."""
    LIMITED = 1
    """A role's ARN or everyone: boundary and session limit it (for everyone, that is inferred)."""
    ACCOUNT = 2
    """The account: live it delegates to identity policies."""


def grants(principals: Principals, request: Request) -> tuple[int, int, int]:
    """How far the element names the caller, for each kind of `ResourceGrant`."""
    caller = request.caller
    # naming everyone takes nothing from what the entries beside it give
    direct, limited, account = NO, YES if "*" in principals.aws else NO, NO
    if not caller.text:
        return _grants_to_unknown(principals, request, limited)
    if caller.kind is PrincipalKind.SERVICE:
        return (YES if caller.text in principals.service else NO), limited, NO
    for entry in principals.aws:
        if _is_account_of(entry, caller):
            account = YES
        elif caller.kind in (PrincipalKind.USER, PrincipalKind.FEDERATED) and entry == caller.text:
            direct = YES
        else:
            direct = any_of((direct, _names_session(entry, caller)))
            limited = any_of((limited, _names_role(entry, request)))
    if principals.federated and caller.kind in (PrincipalKind.ROLE, PrincipalKind.SESSION):
        # whether a session came from a provider does not show in its ARN
        limited = any_of((limited, PERHAPS_NO))
    if principals.canonical_user:
        # the canonical id of an account is known to S3 alone
        account = any_of((account, PERHAPS_NO))
    return direct, limited, account


def _grants_to_unknown(principals: Principals, request: Request, limited: int) -> tuple[int, int, int]:
    """What is granted to a caller whom nobody named: to anyone who may be meant, in any way; the account may be known.

    A name without colons is an account id, or the unique id of a principal that was deleted or is of any account.
    """
    account_id = request.caller_account
    if not account_id:
        return PERHAPS_NO, limited or PERHAPS_NO, PERHAPS_NO
    root = f"::{account_id}:root"
    account = YES if any(entry == account_id or entry.endswith(root) for entry in principals.aws) else NO
    direct = PERHAPS_NO if any(_may_be_in(entry, account_id) for entry in principals.aws) else NO
    if direct or principals.federated:
        limited = any_of((limited, PERHAPS_NO))
    if principals.canonical_user:
        account = any_of((account, PERHAPS_NO))
    return direct, limited, account


def _may_be_in(entry: str, account_id: str) -> bool:
    if ":" not in entry:
        return entry != "*" and not entry.isdecimal()
    return f"::{account_id}:" in entry and not _is_root(entry)


def spoken_of(principals: Principals, request: Request) -> int:
    """Whether the element names the caller in any way."""
    return any_of(grants(principals, request))


def excepted(principals: Principals, request: Request) -> int:
    """Whether a NotPrincipal element leaves the caller out.

    To be left out, a caller and its account must both be named (for a session: its role too). Where only the caller is,
    the User Guide says that AWS "might" deny, so that is open; where only the account is, beside principals of it, the
    caller is not left out; an account alone is open.
    """
    direct, limited, account = grants(principals, request)
    if principals.everyone or "*" in principals.aws:
        return YES
    if request.caller.kind is PrincipalKind.ROOT:
        return account
    if request.caller.kind is PrincipalKind.SERVICE or not (request.caller.text or request.caller_account):
        return any_of((direct, limited))
    named = _named(direct, limited, request.caller)
    if account == NO:
        return PERHAPS_YES if named & 1 else PERHAPS_NO if named else NO
    if named:
        return named
    others = [entry for entry in principals.aws if f":{request.caller_account}:" in entry and not _is_root(entry)]
    return NO if others else PERHAPS_YES


def _named(direct: int, limited: int, caller: Principal) -> int:
    if caller.kind is not PrincipalKind.SESSION or direct == NO == limited:
        return any_of((direct, limited))
    # both of them named leaves the session out; one of them is as open as a caller without its account
    return YES if direct == limited == YES else PERHAPS_YES if (direct | limited) & 1 else PERHAPS_NO


def _is_root(entry: str) -> bool:
    return entry.endswith(":root") or ":" not in entry


def _is_account_of(entry: str, caller: Principal) -> bool:
    """An account id stands for the ARN of the account's root."""
    if not caller.account_id:
        return False
    return entry in (caller.account_id, f"arn:{caller.partition}:iam::{caller.account_id}:root")


def _names_session(entry: str, caller: Principal) -> int:
    """The ARN of a role session; which session a role's caller will have is not known."""
    if caller.kind is PrincipalKind.SESSION:
        return YES if entry == caller.text else NO
    if caller.kind is PrincipalKind.ROLE:
        sessions = f"arn:{caller.partition}:sts::{caller.account_id}:assumed-role/{caller.name}/"
        return PERHAPS_NO if entry.startswith(sessions) else NO
    return NO


def _names_role(entry: str, request: Request) -> int:
    """The ARN of a role. A session's ARN holds the role's name, unique in its account, but not its path."""
    caller = request.caller
    if caller.kind is PrincipalKind.ROLE:
        return YES if entry == caller.text else NO
    if caller.kind is not PrincipalKind.SESSION:
        return NO
    role = request.known.get("aws:principalarn")
    if role is not None:
        return YES if entry in role.values else NO
    prefix = f"arn:{caller.partition}:iam::{caller.account_id}:role/"
    return PERHAPS_YES if entry.startswith(prefix) and entry.rpartition("/")[2] == caller.name else NO


def not_excepted(principals: Principals, request: Request, *, is_bounded: bool) -> int:
    """Whether a Deny with this NotPrincipal element speaks of the caller.

    It always does where the caller has a permissions boundary, whomever the element names (IAM User Guide, "AWS JSON
    policy elements: NotPrincipal"). Neither the root user nor a service principal can have a boundary.
    """
    if is_bounded and request.caller.kind not in (PrincipalKind.ROOT, PrincipalKind.SERVICE):
        return YES
    return negated(excepted(principals, request))
