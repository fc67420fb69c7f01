"""Holds what a check says, as plain frozen values, and gives their JSON form.

The keys are a published contract (`SCHEMA_VERSION`, open to more keys); the JSON schema is shipped as
`iamcheck/data/report.schema.json`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from iamcheck.errors import AwsUnavailableError, MissingCredentialsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iamcheck.iam.model import Decision, Place, PolicyType, StatementRef

__all__ = [
    "SCHEMA_VERSION",
    "WITHOUT_CREDENTIALS",
    "Assumption",
    "AwsCall",
    "CheckId",
    "CheckResult",
    "Evidence",
    "NotCovered",
    "Remedy",
    "Status",
    "Verdict",
    "could_not_ask",
    "evidence_to_dict",
    "not_asked",
    "place_to_dict",
    "remedy_to_dict",
    "verdict_of",
    "worst_verdict",
]

SCHEMA_VERSION = "2"
WITHOUT_CREDENTIALS = "use --offline"
"""What whoever runs a check without AWS credentials can do instead of configuring some."""

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


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


class CheckId(str, Enum):
    """The stable names of the checks; `checks.registry` has a row for each."""

    POLICY_SUFFICIENT = "policy.sufficient"
    POLICY_MINIMAL = "policy.minimal"
    PRINCIPAL_ALLOWED = "principal.allowed"
    STS_ACTIVE = "sts.active"
    ENDPOINT_CONFIG_READY = "endpoint-config.ready"
    ENDPOINT_NAME_READY = "endpoint-name.ready"
    MODEL_NAME_READY = "model-name.ready"
    ENDPOINT_CONFIG_UNUSED = "endpoint-config.unused"
    MODELS_EXIST = "models.exist"
    QUOTA_INSTANCES = "quota.instances"
    ALARMS_EXIST = "alarms.exist"
    EXECUTION_ROLE_TRUSTED = "execution-role.trusted"
    EXECUTION_ROLE_ALLOWED = "execution-role.allowed"
    REQUEST_VALID = "request.valid"
    DEPLOYMENT_COVERED = "deployment.covered"

    __str__ = str.__str__


class AwsCall(NamedTuple):
    """A call to AWS and what answered: never a credential, never a signed header."""

    operation: str
    """`service:Operation`, such as `sts:GetSessionToken`."""
    endpoint: str
    """The URL that was asked, without a query."""
    answer: str
    """In short: `credentials (thrown away)`, an error code, `no connection`."""


class Evidence(NamedTuple):
    """One fact behind a check; what does not apply is None."""

    action: str | None = None
    resource: str | None = None
    decision: Decision | None = None
    certain: bool | None = None
    decided_by: StatementRef | None = None
    call: AwsCall | None = None
    note: str | None = None
    """What the other fields cannot say, in one sentence."""
    nearest: tuple[str, ...] = ()
    """Of a denial: what was nearest to allowing it, or what made a Deny apply; the nearest first."""
    denial: str | None = None
    """The message that AWS would show for it."""
    where: Place | None = None
    """Where the file stands that it speaks of; None: `decided_by` says it, or there is none."""
    blocked_by: PolicyType | None = None
    """Of a denial: the layer of policies that stopped it."""
    is_denied_anyway: bool = False
    """True where the call is denied whatever is unknown, though not whether by a Deny or for want of an Allow."""

    @property
    def status(self) -> Status:
        """Pass: it is certainly allowed. Fail: it is certainly denied. Unknown: neither, or it is no decision."""
        if self.decision is None or (self.certain is False and not self.is_denied_anyway):
            return Status.UNKNOWN
        return Status.PASS if self.decision.value == "allowed" else Status.FAIL

    @property
    def place(self) -> Place | None:
        """The place in a file that it points at; None: it is about no file."""
        if self.where is None and self.decided_by is not None:
            return self.decided_by.place
        return self.where


class Remedy(NamedTuple):
    """What to do about a check that does not pass."""

    text: str
    policy: Mapping[str, Json] | None = None
    """The statement to add, as a policy document, where adding one helps."""
    proved: bool = False
    """True where simulation with it was seen to pass."""
    diff: str | None = None
    """Where a smaller change does too: a unified diff of the policy that is there."""


class CheckResult(NamedTuple):
    """One check with its outcome."""

    id: str
    """One of `CheckId`."""
    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    open_keys: tuple[str, ...] = ()
    """The unknown context keys that could change the outcome, in lower case, sorted."""
    remedy: Remedy | None = None


class Assumption(NamedTuple):
    """Something that a verdict takes to be so.

    Args:
        text: What is assumed, as the report says it.
        settled_by: The flag or the read that settles it, such as `--scp`; empty: nobody can settle it, and then
            `--strict` does not count it.
    """

    text: str
    settled_by: str = ""

    def __str__(self) -> str:
        if all(flag in self.text for flag in self.settled_by.split(" or ")):
            return self.text
        settles = "settle" if " and " in self.settled_by else "settles"
        return f"{self.text} ({self.settled_by} {settles} it)"


class NotCovered(NamedTuple):
    """Something in a file that no check judged.

    Args:
        what: Its type, such as `AWS::Lambda::Function`, or the call.
        where: Where it is written.
        why: Why nobody judged it.
    """

    what: str
    where: Place
    why: str


def could_not_ask(check_id: str, error: AwsUnavailableError, remedy: Remedy | None = None) -> CheckResult:
    """The result of a check that could not ask AWS: `unknown`, with the operation and the endpoint."""
    call = AwsCall(error.operation, error.endpoint or "", error.code or "no usable answer")
    return CheckResult(check_id, Status.UNKNOWN, not_asked(error), (Evidence(call=call),), remedy=remedy)


def not_asked(error: AwsUnavailableError) -> str:
    """Why AWS was not asked, and what a check can do without it."""
    if isinstance(error, MissingCredentialsError):
        error = error.or_else(WITHOUT_CREDENTIALS)
    return f"could not ask AWS: {error}"


def verdict_of(checks: Iterable[CheckResult]) -> Verdict:
    """Any fail: fail; else any unknown: unknown; else, if something passed: pass; else unknown."""
    statuses = {check.status for check in checks}
    if Status.FAIL in statuses:
        return Verdict.FAIL
    if Status.UNKNOWN in statuses or Status.PASS not in statuses:
        return Verdict.UNKNOWN
    return Verdict.PASS


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Any fail: fail; else any unknown, or nothing at all: unknown; else pass."""
    all_of_them = set(verdicts)
    if Verdict.FAIL in all_of_them:
        return Verdict.FAIL
    return Verdict.PASS if all_of_them == {Verdict.PASS} else Verdict.UNKNOWN


def remedy_to_dict(remedy: Remedy | None) -> Json:
    """The JSON form of a remedy, null where there is none."""
    if remedy is None:
        return None
    return {"text": remedy.text, "policy": remedy.policy, "proved": remedy.proved, "diff": remedy.diff}


def place_to_dict(place: Place | None) -> Json:
    """The JSON form of a place in a file, null where it is in no file."""
    if place is None or place.file is None:
        return None
    return {"file": place.file, "line": place.line, "column": place.column, "path": place.path}


def evidence_to_dict(evidence: Evidence) -> dict[str, Json]:
    """The JSON form of one piece of evidence."""
    by, call = evidence.decided_by, evidence.call
    return {
        "action": evidence.action,
        "resource": evidence.resource,
        "decision": evidence.decision and evidence.decision.value,
        "certain": evidence.certain,
        "denied_anyway": evidence.is_denied_anyway,
        "decided_by": None
        if by is None
        else {
            "policy_type": by.policy_type.value,
            "policy": by.policy,
            "sid": by.sid,
            "index": by.index,
            "line": by.line,
        },
        "where": place_to_dict(evidence.place),
        "call": None
        if call is None
        else {"operation": call.operation, "endpoint": call.endpoint, "answer": call.answer},
        "note": evidence.note,
        "nearest": list(evidence.nearest),
        "denial": evidence.denial,
    }
