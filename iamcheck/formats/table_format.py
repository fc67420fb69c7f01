"""Writes the report for a person at a terminal: verdict and cause first, then one block a cause, then what passed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.aws.secrets import mask_secrets
from iamcheck.checks.report import Report
from iamcheck.formats.text import Coloured, coloured, hanging, text_of
from iamcheck.iam.model import Decision
from iamcheck.results import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.formats.text import Line
    from iamcheck.results import AwsCall, CheckResult, Evidence

__all__ = ["evidence_text", "new_evidence", "render"]

_INDENT: Final = " " * 9
_NEAREST: Final = 2
"""Statements that are shown of those that came near; the JSON report has all."""
_LATER: Final = "not known before the deployment"


def render(report: Report | Reports, style: Style) -> str:
    """The report as text of `style.width` columns; long ARNs may run over."""
    return mask_secrets(text_of(_all_lines(report, style), style))


def _all_lines(report: Report | Reports, style: Style) -> Iterator[Line]:
    if isinstance(report, Report):
        yield from _lines(report, style)
        return
    verdict = report.verdict.value
    yield Coloured(f"Verdict on all {len(report.reports)} endpoints: {verdict}", verdict, verdict)
    for one in report.reports:
        yield ""
        yield from _lines(one, style)


def _lines(report: Report, style: Style) -> Iterator[Line]:
    verdict = report.verdict.value
    yield Coloured(f"Verdict: {verdict}", verdict, verdict)
    yield from _deployment(report, style)
    yield ""
    for block in _blocks(report.checks):
        yield from _block(block, style)
    yield from _short(report.checks, style)
    if style.explain:
        yield ""
        yield from _permissions(report, style)
    if report.excess:
        from iamcheck.formats.excess_format import lines, numbers  # only where somebody asks

        *principals, managed = report.excess
        for excess in principals:
            yield ""
            yield from lines(excess, style)
        yield ""
        yield from numbers(managed, style)
    if report.assumptions:
        yield ""
        yield "Assumed:"
        for assumption in report.assumptions:
            yield from hanging("  - ", str(assumption).removeprefix("assumed: "), style)
    if report.not_covered:
        yield ""
        yield "Not covered:"
        for item in report.not_covered:
            yield from hanging("  - ", f"{item.what} ({item.where}): {item.why}", style)
    yield ""
    yield from hanging("", _coverage(report), style)


def _deployment(report: Report, style: Style) -> Iterator[Line]:
    deployment = report.deployment
    account = f"account {report.account_id}" if report.account_id else "an account that is not known"
    rows = {
        "Endpoint": f"{deployment.endpoint_name or _LATER}, with config {deployment.endpoint_config_name or _LATER}",
        "Place": f"{deployment.region}, {account}{' (offline)' if report.offline else ''}",
        "Source": report.source,
        "Principal": report.principal,
    }
    for label, text in rows.items():
        if text:
            yield from hanging(f"{label:<11}", text, style)


def _coverage(report: Report) -> str:
    """What the verdict is about and what not, in one sentence."""
    ran = [check.id for check in report.checks if check.status is not Status.SKIPPED]
    skipped = [check.id for check in report.checks if check.status is Status.SKIPPED]
    calls = f" for {_count(len(report.permissions), 'permission')}" if report.permissions else ""
    what = "This pass" if report.verdict is Verdict.PASS else "This verdict"
    parts = [f"{what} covers {_joined(ran) or 'nothing'}{calls}"]
    if skipped:
        parts.append(f"does not cover {_joined(skipped)}")
    if report.not_covered:
        parts.append(f"leaves out {_count(len(report.not_covered), 'other part')} of the file")
    if report.assumptions:
        parts.append(f"rests on {_count(len(report.assumptions), 'assumption')}")
    return f"{parts[0]}; it {', and '.join(parts[1:])}." if parts[1:] else f"{parts[0]}."


def _joined(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _permissions(report: Report, style: Style) -> Iterator[Line]:
    yield "Needed:" if report.permissions else "Needed: not known"
    for permission in report.permissions:
        yield from hanging("  - ", f"{permission.request.action} on {permission.request.resource}", style)
        where = "" if permission.where is None else f" ({permission.where})"
        yield from hanging("      ", f"{permission.reason}{where}; {permission.source}", style)


def _short(checks: Sequence[CheckResult], style: Style) -> Iterator[Line]:
    """What passed, a line each, and what did not run, in one."""
    for check in checks:
        if check.status is Status.PASS:
            yield from coloured(hanging(f"{'pass':<9}", f"{check.id}: {check.summary}", style), "pass", "pass")
    skipped: dict[str, list[str]] = {}
    for check in checks:
        if check.status is Status.SKIPPED:
            skipped.setdefault(check.summary, []).append(check.id)
    if skipped:
        text = "; ".join(f"{', '.join(ids)}: {reason}" for reason, ids in skipped.items())
        yield from coloured(hanging(f"{'skipped':<9}", text, style), "skipped", "skipped")


@dataclass(frozen=True)
class _Group:
    """The calls of a check that were decided alike, by the same statement or for the same reason."""

    first: Evidence
    evidence: tuple[Evidence, ...]

    def heading(self) -> str:
        return evidence_text(self.first, with_call=False)


@dataclass(frozen=True)
class _Block:
    """Checks that did not pass, with one cause: most often a single check."""

    checks: tuple[CheckResult, ...]
    groups: tuple[_Group, ...]
    """Empty where the summary says all that there is to say of decisions."""

    @property
    def status(self) -> Status:
        return self.checks[0].status


def _blocks(checks: Sequence[CheckResult]) -> list[_Block]:
    alike: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.status in {Status.FAIL, Status.UNKNOWN}:
            alike.setdefault((check.status, check.summary, str(check.remedy)), []).append(check)
    return [_Block(tuple(same), _groups(same[0])) for same in alike.values()]


def _groups(check: CheckResult) -> tuple[_Group, ...]:
    found: dict[object, list[Evidence]] = {}
    against = [one for one in check.evidence if one.decision and one.action and _speaks_against(one)]
    if len(against) != len([one for one in check.evidence if _speaks_against(one)]):
        return ()
    for one in against:
        found.setdefault((one.decision, one.certain, one.decided_by, one.note, one.call), []).append(one)
    return tuple(_Group(same[0], tuple(same)) for same in found.values())


def _speaks_against(evidence: Evidence) -> bool:
    return evidence.decision is not Decision.ALLOWED or evidence.certain is False


def _block(block: _Block, style: Style) -> Iterator[Line]:
    status, check = block.status.value, block.checks[0]
    ids = ", ".join(each.id for each in block.checks)
    decided = len([one for one in check.evidence if one.decision])
    stopped = sum(len(group.evidence) for group in block.groups)
    word = "are not allowed" if block.status is Status.FAIL else "are not certain"
    summary = f"{stopped} of {_count(decided, 'call')} {word}" if block.groups else check.summary
    yield from coloured(hanging(f"{status:<9}", f"{ids}: {summary}", style), status, status)
    for group in block.groups:
        yield from _group(group, style)
    if not block.groups:
        for evidence in new_evidence(check):
            yield from hanging(f"{_INDENT}- ", evidence_text(evidence), style)
            for text in evidence.nearest[:_NEAREST]:
                yield from hanging(f"{_INDENT}    ", text, style)
    yield from _remedy(check, style)


def _group(group: _Group, style: Style) -> Iterator[Line]:
    yield from hanging(_INDENT, f"{group.heading()}:", style)
    shared = {one.nearest for one in group.evidence}
    if len(shared) == 1:
        yield from _near(group.first, f"{_INDENT}  ", style)
    for number, one in enumerate(group.evidence):
        yield from hanging(f"{_INDENT}- ", _call_text(one), style)
        if len(shared) > 1:
            yield from _near(one, f"{_INDENT}    ", style)
        if style.explain and one.denial and not number:
            yield from hanging(f"{_INDENT}    AWS would say: ", one.denial, style)


def _near(evidence: Evidence, indent: str, style: Style) -> Iterator[Line]:
    """What came near; the statement that the heading names is not named again."""
    for text in evidence.nearest[:_NEAREST]:
        yield from hanging(indent, text.removeprefix(f"{evidence.decided_by}: "), style)


def _remedy(check: CheckResult, style: Style) -> Iterator[Line]:
    if check.remedy is None:
        return
    yield from hanging(f"{_INDENT}> ", check.remedy.text, style)
    if check.remedy.policy is not None:
        yield from (f"{_INDENT}  {line}" for line in json.dumps(check.remedy.policy, indent=2).split("\n"))
    if check.remedy.diff is not None:
        yield f"{_INDENT}  or change what is there:"
        yield from (f"{_INDENT}  {line}" for line in check.remedy.diff.split("\n"))


def new_evidence(check: CheckResult) -> Sequence[Evidence]:
    """The facts that the summary does not have.

    Without those of a decision that speaks for a pass, where others speak against it.
    """
    new = [one for one in check.evidence if not _is_in_summary(one, check)]
    return [one for one in new if _speaks_against(one)] or new


def _is_in_summary(evidence: Evidence, check: CheckResult) -> bool:
    if evidence.call is not None:
        return _called(evidence.call) in check.summary
    return not evidence.decision and bool(evidence.note) and str(evidence.note) in check.summary


def _called(call: AwsCall) -> str:
    """Which operation was asked where."""
    return f"{call.operation} at {call.endpoint}" if call.endpoint else call.operation


def _call_text(evidence: Evidence) -> str:
    return f"{evidence.action} on {evidence.resource}" if evidence.resource else f"{evidence.action}"


def evidence_text(evidence: Evidence, *, with_call: bool = True) -> str:
    """One fact in one sentence; without the action and resource where `with_call` is false."""
    parts = []
    if evidence.action and with_call:
        parts.append(f"{_call_text(evidence)}:")
    if evidence.decision:
        parts.append(evidence.decision.value + (" (not certain)" if evidence.certain is False else ""))
    if evidence.decided_by:
        parts.append(f"by {evidence.decided_by}")
    if evidence.call:
        parts.append(f"{_called(evidence.call)}: {evidence.call.answer}")
    if evidence.note:
        parts.append(f"({evidence.note})" if parts else evidence.note)
    return " ".join(parts)
