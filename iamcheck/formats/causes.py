"""Groups what did not pass by its cause, and words the facts of a report: every format shows these same texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.iam.model.wording import counted, listed
from iamcheck.results import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.checks.report import Report
    from iamcheck.results import AwsCall, CheckResult, Evidence

__all__ = [
    "CallGroup",
    "CallsOnResource",
    "Cause",
    "call_text",
    "calls_by_resource",
    "causes_of",
    "coverage",
    "deployment_rows",
    "evidence_text",
    "in_brief",
    "nearest_texts",
    "new_evidence",
    "nothing_ran",
    "skipped_by_reason",
    "speaks_against",
]

_NEAREST: Final = 2
_ASKED_FOR: Final = r", the request (?!has )[^\s;]+"
"""How `explain/why` ends what it says of an element: `Action has s3:*, the request sagemaker:CreateEndpoint`."""
_NOT_PASSED: Final = {Status.FAIL: "allowed", Status.UNKNOWN: "certain"}
"""What the calls of a group are not, by the status of the group: those that are denied come first."""
_LATER: Final = "not known before the deployment"
_PARENTHESES: Final = re.compile(r" \((?:[^()]|\([^()]*\))*\)")


class CallGroup(NamedTuple):
    """The calls of a check that were decided alike, by the same statement or for the same reason."""

    first: Evidence
    evidence: tuple[Evidence, ...]

    @property
    def heading(self) -> str:
        """The decision with what decided it."""
        return evidence_text(self.first, with_call=False)

    @property
    def status(self) -> Status:
        """Fail where its calls are denied, unknown where it is not certain whether they are."""
        return self.first.status

    @property
    def shared_nearest(self) -> list[str] | None:
        """What came near to another decision, where it is the same for all of its calls; None: it is not.

        It is the same where only what a call itself asks for differs: then the texts are without that.
        """
        texts = {tuple(nearest_texts(each)) for each in self.evidence}
        if len(texts) == 1:
            return list(*texts)
        alike = {_of_any_call(each) for each in self.evidence}
        return list(*alike) if len(alike) == 1 else None


class CallsOnResource(NamedTuple):
    """Calls of a group on one resource, for all of which the same came near to another decision."""

    first: Evidence
    actions: tuple[str, ...]

    @property
    def text(self) -> str:
        """The actions and the resource."""
        actions = ", ".join(self.actions)
        return f"{actions} on {self.first.resource}" if self.first.resource else actions


class Cause(NamedTuple):
    """Checks that did not pass, with one cause: most often a single check."""

    checks: tuple[CheckResult, ...]
    groups: tuple[CallGroup, ...]
    """Empty where the summary says all that there is to say of decisions."""

    @property
    def status(self) -> Status:
        """Fail or unknown."""
        return self.checks[0].status

    @property
    def ids(self) -> str:
        """The ids of its checks, separated by commas."""
        return ", ".join(check.id for check in self.checks)

    @property
    def summary(self) -> str:
        """The cause in one sentence."""
        check = self.checks[0]
        if not self.groups:
            return check.summary
        decided = counted(len([fact for fact in check.evidence if fact.decision]), "call")
        parts: list[str] = []
        for status, word in _NOT_PASSED.items():
            calls = sum(len(group.evidence) for group in self.groups if group.status is status)
            if calls:
                of = "" if parts else f" of {decided}"
                parts.append(f"{calls}{of} {'is' if calls == 1 else 'are'} not {word}")
        return ", ".join(parts)

    @property
    def facts(self) -> Sequence[Evidence]:
        """What there is to show beside the groups: what was read and what was not; without groups all that is new."""
        check = self.checks[0]
        return [fact for fact in check.evidence if not fact.decision] if self.groups else new_evidence(check)


def causes_of(checks: Sequence[CheckResult]) -> list[Cause]:
    """The causes of the checks that failed, then of those that are unknown, in the order of the report."""
    alike: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.status in {Status.FAIL, Status.UNKNOWN}:
            alike.setdefault((check.status, check.summary, str(check.remedy)), []).append(check)
    causes = (Cause(tuple(same), _groups(same[0])) for same in alike.values())
    return sorted(causes, key=lambda cause: list(_NOT_PASSED).index(cause.status))


def _groups(check: CheckResult) -> tuple[CallGroup, ...]:
    groups: dict[object, list[Evidence]] = {}
    against = [fact for fact in check.evidence if fact.decision and fact.action and speaks_against(fact)]
    others = [fact for fact in check.evidence if speaks_against(fact) and not (fact.decision and fact.action)]
    if any(fact.call is not None or fact.decision for fact in others):
        return ()
    for evidence in against:
        groups.setdefault(
            (evidence.decision, evidence.certain, evidence.decided_by, evidence.note, evidence.status), []
        ).append(evidence)
    call_groups = (CallGroup(same[0], tuple(same)) for same in groups.values())
    return tuple(sorted(call_groups, key=lambda group: list(_NOT_PASSED).index(group.status)))


def speaks_against(evidence: Evidence) -> bool:
    """Whether a piece of evidence stands against a pass: whatever is no certain `allowed`."""
    return evidence.status is not Status.PASS


def new_evidence(check: CheckResult) -> Sequence[Evidence]:
    """The facts that the summary does not have.

    Without those of a decision that speaks for a pass, where others speak against it.
    """
    new = [fact for fact in check.evidence if not _is_in_summary(fact, check)]
    return [one for one in new if speaks_against(one)] or new


def _is_in_summary(evidence: Evidence, check: CheckResult) -> bool:
    if evidence.call is not None:
        return _called(evidence.call) in check.summary
    return not evidence.decision and bool(evidence.note) and str(evidence.note) in check.summary


def _called(call: AwsCall) -> str:
    """Which operation was asked where."""
    return f"{call.operation} at {call.endpoint}" if call.endpoint else call.operation


def call_text(evidence: Evidence) -> str:
    """The call that a decision is about: its action, and its resource where it has one."""
    return f"{evidence.action} on {evidence.resource}" if evidence.resource else f"{evidence.action}"


def calls_by_resource(evidence: Sequence[Evidence]) -> list[CallsOnResource]:
    """The calls of a group, those on one resource together, in the order of the report."""
    alike: dict[object, list[Evidence]] = {}
    for each in evidence:
        alike.setdefault((each.resource, _of_any_call(each)), []).append(each)
    return [
        CallsOnResource(same[0], tuple(dict.fromkeys(f"{each.action}" for each in same))) for same in alike.values()
    ]


def evidence_text(evidence: Evidence, *, with_call: bool = True) -> str:
    """One fact in one sentence; without the action and resource where `with_call` is false."""
    parts = []
    if evidence.action and with_call:
        parts.append(f"{call_text(evidence)}:")
    if evidence.decision:
        parts.append(evidence.decision.value + (" (not certain)" if evidence.status is Status.UNKNOWN else ""))
    if evidence.decided_by:
        parts.append(f"by {evidence.decided_by}")
    if evidence.call:
        parts.append(f"{_called(evidence.call)}: {evidence.call.answer}")
    if evidence.note:
        parts.append(f"({evidence.note})" if parts else evidence.note)
    return " ".join(parts)


def nearest_texts(evidence: Evidence) -> list[str]:
    """What came near to another decision, as far as a page for people shows it; the JSON report has all.

    The statement that decided is not named again.
    """
    return [text.removeprefix(f"{evidence.decided_by}: ") for text in evidence.nearest[:_NEAREST]]


def _of_any_call(evidence: Evidence) -> tuple[str, ...]:
    """The texts of `nearest_texts` without the action or resource that the call has."""
    return tuple(re.sub(_ASKED_FOR, "", text) for text in nearest_texts(evidence))


def skipped_by_reason(checks: Sequence[CheckResult]) -> dict[str, list[str]]:
    """The ids of the checks that did not run, by the reason."""
    skipped: dict[str, list[str]] = {}
    for check in checks:
        if check.status is Status.SKIPPED:
            skipped.setdefault(check.summary, []).append(check.id)
    return skipped


def nothing_ran(report: Report) -> bool:
    """Whether the verdict is unknown with no check to blame: none of them ran.

    A reader that counts failures alone would take such a report for a pass.
    """
    return report.verdict is Verdict.UNKNOWN and not causes_of(report.checks)


def deployment_rows(report: Report) -> dict[str, str]:
    """What the report is about, by label."""
    deployment = report.deployment
    account = f"account {report.account_id}" if report.account_id else "an account that is not known"
    region = deployment.region or "a Region that is not known"
    rows = {
        "Endpoint": f"{deployment.endpoint_name or _LATER}, with config {deployment.endpoint_config_name or _LATER}",
        "Place": f"{region}, {account}{' (offline)' if report.offline else ''}",
        "Source": report.source,
        "Principal": report.principal,
    }
    return {label: text for label, text in rows.items() if text}


def coverage(report: Report, *, by_name: bool = True) -> str:
    """What the verdict is about and what not, in one sentence.

    Args:
        report: The report.
        by_name: Whether the sentence names the checks; else it counts them, for a page that lists them.
    """
    ran = [check.id for check in report.checks if check.status is not Status.SKIPPED]
    skipped = [check.id for check in report.checks if check.status is Status.SKIPPED]
    calls = f" for {counted(len(report.permissions), 'permission')}" if report.permissions else ""
    what = "This pass" if report.verdict is Verdict.PASS else "This verdict"
    covered = listed(ran) if by_name else counted(len(ran), "check")
    parts = [f"{what} covers {covered if ran else 'nothing'}{calls}"]
    if skipped:
        left = listed(skipped) if by_name else counted(len(skipped), "skipped check")
        parts.append(f"does not cover {left}")
    if report.not_covered:
        parts.append(f"leaves out {counted(len(report.not_covered), 'other part')} of the file")
    if report.assumptions:
        parts.append(f"rests on {counted(len(report.assumptions), 'assumption')}")
    if len(parts) > 2:
        parts[-1] = f"and {parts[-1]}"
    return f"{parts[0]}; it {', '.join(parts[1:])}." if parts[1:] else f"{parts[0]}."


def in_brief(assumption: str) -> str:
    """What is assumed, without the places, reasons and cures in parentheses."""
    return _PARENTHESES.sub("", assumption.removeprefix("assumed: "))
