"""Puts beside each needed permission how it was decided, and beside each statement what asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.iam.model import Decision, PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.results import CheckId, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.report import Report
    from iamcheck.permissions import RequiredPermission
    from iamcheck.results import CheckResult, Evidence, Json

__all__ = [
    "DecidedPermission",
    "ExplainedStatement",
    "FlowStep",
    "decided_permissions",
    "evaluation_flow",
    "explained_statements",
]

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


class FlowStep(NamedTuple):
    """A step of AWS's evaluation flow.

    Args:
        name: What is asked in it.
        state: `passed`, `stopped` or `not reached`; `not certain` where it may stop.
    """

    name: str
    state: str


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


_STEPS: Final = {
    PolicyType.RCP: "RCP",
    PolicyType.SCP: "SCP",
    PolicyType.IDENTITY: "identity or resource policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policy",
}
"""The order in which layers must allow:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html"""


def evaluation_flow(decided: DecidedPermission) -> tuple[FlowStep, ...]:
    """AWS's evaluation flow up to the step that stopped the request; empty where it is not known which would.

    Where the policy that is made was judged alone, the flow has its layer and no other.
    """
    fact = decided.evidence
    if fact is None or fact.decision is None or (fact.decision is Decision.ALLOWED and fact.status is Status.UNKNOWN):
        return ()
    alone = decided.check == CheckId.POLICY_SUFFICIENT
    layers = (PolicyType.IDENTITY,) if alone else tuple(_STEPS)
    stops = "stopped" if fact.status is not Status.UNKNOWN else "not certain"
    names = ["explicit deny", *(POLICY_NAMES[layer] if alone else _STEPS[layer] for layer in layers)]
    if fact.decision is Decision.EXPLICIT_DENY:
        stopped = 0
    elif fact.decision is Decision.IMPLICIT_DENY:
        stopped = 1 + layers.index(fact.blocked_by if fact.blocked_by in layers else PolicyType.IDENTITY)
    else:
        stopped = len(names)
    states = ["passed"] * stopped + [stops] + ["not reached"] * len(names)
    return tuple(FlowStep(name, state) for name, state in zip(names, states, strict=False))


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
