"""Puts beside each needed permission how it was decided, and beside each statement what asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.results import CheckId

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.report import Report
    from iamcheck.permissions import RequiredPermission
    from iamcheck.results import CheckResult, Evidence, Json

__all__ = ["DecidedPermission", "ExplainedStatement", "decided_permissions", "explained_statements"]

_DECIDING: Final = (CheckId.PRINCIPAL_ALLOWED, CheckId.POLICY_SUFFICIENT)
"""The checks that decide on each permission: of the principal's policies, else of the policy that is made."""


@dataclass(frozen=True)
class DecidedPermission:
    """A permission with the decision on it.

    Args:
        permission: The permission.
        check: The id of the check that decided; None: none did.
        evidence: The decision, with the statement that made it; None: there is none.
    """

    permission: RequiredPermission
    check: str | None
    evidence: Evidence | None


@dataclass(frozen=True)
class ExplainedStatement:
    """A statement of the policy that is made, with the permissions that it decided."""

    statement: Json
    permissions: tuple[RequiredPermission, ...]


def decided_permissions(report: Report) -> list[DecidedPermission]:
    """The needed permissions in the order of the report, each with its decision."""
    checks = {check.id: check for check in report.checks}
    deciding = next((checks[name] for name in _DECIDING if name in checks and _decides(checks[name])), None)
    if deciding is None:
        return [DecidedPermission(permission, None, None) for permission in report.permissions]
    decisions = _decisions(deciding)
    return [
        DecidedPermission(permission, deciding.id, decisions.get(_call(permission)))
        for permission in report.permissions
    ]


def explained_statements(report: Report) -> list[ExplainedStatement]:
    """The statements of the policy that is made, each with the permissions that `policy.sufficient` saw it allow."""
    sufficient = next((check for check in report.checks if check.id == CheckId.POLICY_SUFFICIENT), None)
    decisions = {} if sufficient is None else _decisions(sufficient)
    deciding = {
        call: None if decision.decided_by is None else decision.decided_by.index for call, decision in decisions.items()
    }
    return [
        ExplainedStatement(
            statement,
            tuple(permission for permission in report.permissions if deciding.get(_call(permission)) == number),
        )
        for number, statement in enumerate(_statements(report.policy))
    ]


def _statements(policy: Mapping[str, Json] | None) -> Sequence[Json]:
    statements = () if policy is None else policy.get("Statement", ())
    return statements if isinstance(statements, (list, tuple)) else (statements,)


def _decides(check: CheckResult) -> bool:
    return any(fact.decision for fact in check.evidence)


def _decisions(check: CheckResult) -> dict[tuple[str | None, str | None], Evidence]:
    return {(fact.action, fact.resource): fact for fact in check.evidence if fact.decision}


def _call(permission: RequiredPermission) -> tuple[str | None, str | None]:
    return permission.request.action, permission.request.resource
