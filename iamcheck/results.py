"""What a run says: plain frozen values, and the JSON form that others rely on.

The keys of `Report.to_dict` are a published contract (`schema_version` "1", open to more keys); the JSON schema is
shipped as `iamcheck/data/report.schema.json`.
"""

from __future__ import annotations

from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from iamcheck._dataclass import dataclass
from iamcheck._version import __version__
from iamcheck.errors import PreflightFailed, PreflightUnknown
from iamcheck.iam.model import PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iamcheck.checks.excess import Excess
    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.errors import AwsUnavailableError
    from iamcheck.iam.model import Decision, StatementRef
    from iamcheck.permissions import RequiredPermission

__all__ = [
    "POLICY_NAMES",
    "SCHEMA_VERSION",
    "Call",
    "CheckResult",
    "Evidence",
    "Remedy",
    "Report",
    "Reports",
    "Status",
    "Verdict",
    "could_not_ask",
    "evidence_to_dict",
    "remedy_to_dict",
    "verdict_of",
]

SCHEMA_VERSION = "1"

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


POLICY_NAMES: Mapping[PolicyType, str] = {
    PolicyType.IDENTITY: "identity policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SCP: "service control policy (SCP)",
    PolicyType.RCP: "resource control policy (RCP)",
    PolicyType.RESOURCE: "resource policy",
    PolicyType.SESSION: "session policy",
}
"""What people call each type of policy."""


class Verdict(str, Enum):
    """The verdict of a whole run; its exit status is 0, 1 or 3."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"

    __str__ = str.__str__


class Status(str, Enum):
    """The outcome of one check."""

    PASS = "pass"  # noqa: S105  a status, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Call:
    """A call to AWS and what answered: never a credential, never a signed header."""

    operation: str
    """`service:Operation`, such as `sts:GetSessionToken`."""
    endpoint: str
    """The URL that was asked, without a query."""
    answer: str
    """In short: `credentials (thrown away)`, an error code, `no connection`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact behind a check; what does not apply is None."""

    action: str | None = None
    resource: str | None = None
    decision: Decision | None = None
    certain: bool | None = None
    decided_by: StatementRef | None = None
    call: Call | None = None
    note: str | None = None
    """What the other fields cannot say, in one sentence."""
    nearest: tuple[str, ...] = ()
    """Of a denial: what was nearest to allowing it, or what made a Deny apply; the nearest first."""
    denial: str | None = None
    """The message that AWS would show for it."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a check that does not pass."""

    text: str
    policy: Mapping[str, Json] | None = None
    """The statement to add, as a policy document, where adding one helps."""
    proved: bool = False
    """True where simulation with it was seen to pass."""
    diff: str | None = None
    """Where a smaller change does too: a unified diff of the policy that is there."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check with its outcome."""

    id: str
    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    open_keys: tuple[str, ...] = ()
    """The unknown context keys that could change the outcome, in lower case, sorted."""
    remedy: Remedy | None = None


def could_not_ask(check_id: str, error: AwsUnavailableError, remedy: Remedy | None = None) -> CheckResult:
    """The result of a check that could not ask AWS: `unknown`, with the operation and the endpoint."""
    call = Call(error.operation, error.endpoint or "", error.code or "no usable answer")
    return CheckResult(check_id, Status.UNKNOWN, f"could not ask AWS: {error}", (Evidence(call=call),), remedy=remedy)


def verdict_of(checks: Iterable[CheckResult]) -> Verdict:
    """Any fail: fail; else any unknown: unknown; else, if something passed: pass; else unknown."""
    statuses = {check.status for check in checks}
    if Status.FAIL in statuses:
        return Verdict.FAIL
    if Status.UNKNOWN in statuses or Status.PASS not in statuses:
        return Verdict.UNKNOWN
    return Verdict.PASS


@dataclass(frozen=True)
class Report:
    """The verdict on one deployment with its evidence."""

    deployment: Deployment | PartialDeployment
    """A partial one where a name is known only when the deployment is made, or the account could not be found out."""
    scope: str
    engine: str
    """`local`, `aws` or `both`: who answered."""
    offline: bool
    principal: str | None
    policy: Mapping[str, Json] | None
    """The rendered policy document; None where something that it depends on is not known."""
    permissions: tuple[RequiredPermission, ...]
    checks: tuple[CheckResult, ...]
    assumptions: tuple[str, ...] = ()
    excess: tuple[Excess, ...] = ()
    """What the principal's policies, and AWS's managed policy for SageMaker, allow beyond the deployment, if asked."""

    @property
    def verdict(self) -> Verdict:
        """The verdict over all checks; a `str`, equal to `"pass"`, `"fail"` or `"unknown"`."""
        return verdict_of(self.checks)

    @property
    def account_id(self) -> str | None:
        """The account's 12 digits; None where they could not be found out."""
        return self.deployment.account_id

    @property
    def source(self) -> str | None:
        """Where the deployment is written, such as `template.yaml: Resources.Endpoint`; None: nowhere."""
        return None if self.deployment.written is None else self.deployment.written.label

    def headline(self) -> str:
        """One line: the verdict, the deployment, and the checks that decided it."""
        blamed = [check for check in self.checks if check.status.value == self.verdict.value != Verdict.PASS.value]
        because = "; ".join(f"{check.id}: {check.summary}" for check in blamed)
        endpoint, config = self.deployment.endpoint_name, self.deployment.endpoint_config_name
        names = f"{endpoint or 'an endpoint'} ({config or 'endpoint config not known'})"
        return f"{self.verdict} for {names} in {self.deployment.region}" + (f": {because}" if because else "")

    def raise_for_verdict(self) -> None:
        """Returns where the verdict is pass.

        Raises:
            PreflightFailed: The verdict is fail.
            PreflightUnknown: The verdict is unknown.
        """
        if self.verdict is Verdict.FAIL:
            raise PreflightFailed(self)
        if self.verdict is Verdict.UNKNOWN:
            raise PreflightUnknown(self)

    def to_dict(self) -> dict[str, Json]:
        """The JSON report."""
        return {
            "schema_version": SCHEMA_VERSION,
            "iamcheck_version": __version__,
            "verdict": self.verdict.value,
            "offline": self.offline,
            "scope": self.scope,
            "engine": self.engine,
            "principal": self.principal,
            "deployment": {
                "endpoint_name": self.deployment.endpoint_name,
                "endpoint_config_name": self.deployment.endpoint_config_name,
                "region": self.deployment.region,
                "account_id": self.account_id,
                "partition": self.deployment.partition,
                "source": self.source,
            },
            "policy": self.policy,
            "permissions": [_permission(permission) for permission in self.permissions],
            "checks": [_check(check) for check in self.checks],
            "assumptions": list(self.assumptions),
            **({"excess": [asdict(one) for one in self.excess]} if self.excess else {}),
        }


@dataclass(frozen=True)
class Reports:
    """The verdicts on several deployments, of one template for instance."""

    reports: tuple[Report, ...]

    @property
    def verdict(self) -> Verdict:
        """Any fail: fail; else any unknown, or nothing at all: unknown; else pass."""
        verdicts = {report.verdict for report in self.reports}
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            if verdict in verdicts:
                return verdict
        return Verdict.PASS if verdicts else Verdict.UNKNOWN

    def to_dict(self) -> dict[str, Json]:
        """The JSON report."""
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.verdict.value,
            "reports": [report.to_dict() for report in self.reports],
        }


def _permission(permission: RequiredPermission) -> dict[str, Json]:
    request = permission.request
    return {
        "action": request.action,
        "resource": request.resource,
        "reason": permission.reason,
        "source": permission.source,
        "asked_by": permission.asked_by or None,
        "context": {key: _context(value) for key, value in sorted(request.context.items())},
        "absent": sorted(request.absent),
    }


def _context(value: object) -> Json:
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_context(one) for one in value]
    return str(value)


def _check(check: CheckResult) -> dict[str, Json]:
    return {
        "id": check.id,
        "status": check.status.value,
        "summary": check.summary,
        "evidence": [evidence_to_dict(evidence) for evidence in check.evidence],
        "open_keys": list(check.open_keys),
        "remedy": remedy_to_dict(check.remedy),
    }


def remedy_to_dict(remedy: Remedy | None) -> Json:
    """The JSON form of a remedy, null where there is none."""
    if remedy is None:
        return None
    return {"text": remedy.text, "policy": remedy.policy, "proved": remedy.proved, "diff": remedy.diff}


def evidence_to_dict(evidence: Evidence) -> dict[str, Json]:
    """The JSON form of one piece of evidence."""
    by, call = evidence.decided_by, evidence.call
    return {
        "action": evidence.action,
        "resource": evidence.resource,
        "decision": evidence.decision and evidence.decision.value,
        "certain": evidence.certain,
        "decided_by": None
        if by is None
        else {
            "policy_type": by.policy_type.value,
            "policy": by.policy,
            "sid": by.sid,
            "index": by.index,
            "line": by.line,
        },
        "call": None
        if call is None
        else {"operation": call.operation, "endpoint": call.endpoint, "answer": call.answer},
        "note": evidence.note,
        "nearest": list(evidence.nearest),
        "denial": evidence.denial,
    }
