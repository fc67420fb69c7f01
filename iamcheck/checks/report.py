"""Holds the verdict on each deployment with its evidence, and gives the JSON report.

The keys of the JSON report are a published contract (open to more keys); its schema is shipped as
`iamcheck/data/report.schema.json`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from iamcheck._version import __version__
from iamcheck.errors import IamcheckError
from iamcheck.iam.catalogue import reference_date
from iamcheck.iam.model import ContextValue
from iamcheck.results import (
    SCHEMA_VERSION,
    CheckResult,
    Json,
    NotCovered,
    Verdict,
    evidence_to_dict,
    place_to_dict,
    remedy_to_dict,
    verdict_of,
    worst_verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.checks.excess import Excess
    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.permissions import RequiredPermission

__all__ = ["PreflightFailed", "PreflightUnknown", "Report", "Reports", "check_to_dict"]


class _PreflightError(IamcheckError):
    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.headline())


class PreflightFailed(_PreflightError):  # noqa: N818  the published name
    """At least one check failed; `report` is the whole report."""


class PreflightUnknown(_PreflightError):  # noqa: N818  the published name
    """No check failed, but the verdict could not be established; `report` is the whole report."""


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
    not_covered: tuple[NotCovered, ...] = ()
    """What else the deployment's file has, and no check judged."""
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
        where = self.deployment.region or "a Region that is not known"
        return f"{self.verdict} for {names} in {where}" + (f": {because}" if because else "")

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

    def __bool__(self) -> bool:
        raise TypeError("a Report has three verdicts: ask `.verdict`, which is pass, fail or unknown")

    def to_dict(self) -> dict[str, Json]:
        """The report as one element of the JSON report's `reports`; secrets in its texts are masked."""
        return {name: self.member(name) for name in self.members()}

    def members(self) -> tuple[str, ...]:
        """The names of the members of `to_dict`, in their order."""
        return tuple(name for name in _MEMBERS if name != "excess" or self.excess)

    def member(self, name: str) -> Json:
        """One member of `to_dict`."""
        from iamcheck.aws.secrets import mask_json

        return mask_json(_MEMBERS[name](self))


@dataclass(frozen=True)
class Reports:
    """The verdicts on several deployments, of one template for instance."""

    reports: tuple[Report, ...]

    @property
    def verdict(self) -> Verdict:
        """Any fail: fail; else any unknown, or nothing at all: unknown; else pass."""
        return worst_verdict(report.verdict for report in self.reports)

    def __bool__(self) -> bool:
        raise TypeError("Reports have three verdicts: ask `.verdict`, which is pass, fail or unknown")

    def head(self) -> dict[str, Json]:
        """The members of `to_dict` that stand before `reports`."""
        return {
            "schema_version": SCHEMA_VERSION,
            "iamcheck_version": __version__,
            "reference_date": reference_date(),
            "verdict": self.verdict.value,
        }

    def to_dict(self) -> dict[str, Json]:
        """The JSON report, of one deployment or of many."""
        return {**self.head(), "reports": [report.to_dict() for report in self.reports]}


def check_to_dict(check: CheckResult) -> Json:
    """One element of the member `checks`; secrets in its texts are masked."""
    from iamcheck.aws.secrets import mask_json

    return mask_json(_check(check))


def _deployment(report: Report) -> Json:
    deployment = report.deployment
    return {
        "endpoint_name": deployment.endpoint_name,
        "endpoint_config_name": deployment.endpoint_config_name,
        "region": deployment.region,
        "account_id": report.account_id,
        "partition": deployment.partition,
        "source": report.source,
    }


def _permission(permission: RequiredPermission) -> dict[str, Json]:
    request = permission.request
    return {
        "action": request.action,
        "resource": request.resource,
        "reason": permission.reason,
        "source": permission.source,
        "context": {key: _context(value) for key, value in sorted(request.context.items())},
        "absent": sorted(request.absent),
        "where": place_to_dict(permission.where),
    }


def _not_covered(item: NotCovered) -> Json:
    return {"what": item.what, "where": str(item.where), "why": item.why}


def _context(value: object) -> Json:
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_context(item) for item in value]
    if isinstance(value, ContextValue):
        return list(value.values) if value.many else value.values[0]
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


_MEMBERS: Final[Mapping[str, Callable[[Report], Json]]] = {
    "verdict": lambda report: report.verdict.value,
    "offline": lambda report: report.offline,
    "scope": lambda report: report.scope,
    "engine": lambda report: report.engine,
    "principal": lambda report: report.principal,
    "deployment": _deployment,
    "policy": lambda report: report.policy,
    "permissions": lambda report: [_permission(permission) for permission in report.permissions],
    "checks": lambda report: [_check(check) for check in report.checks],
    "not_covered": lambda report: [_not_covered(item) for item in report.not_covered],
    "assumptions": lambda report: [str(assumption) for assumption in report.assumptions],
    "excess": lambda report: [asdict(excess) for excess in report.excess],
}
"""The members of a report, in the order of the document; `excess` where somebody asked for it."""
