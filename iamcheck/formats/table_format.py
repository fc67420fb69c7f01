"""The report for a person at a terminal: one line a check, the evidence of what does not pass, the verdict last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from iamcheck.checks.report import Report
from iamcheck.formats.text import hanging, painted
from iamcheck.iam.model import Decision
from iamcheck.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.results import AwsCall, CheckResult, Evidence

__all__ = ["evidence_text", "render", "telling"]

_INDENT = " " * 9
_NEAREST: Final = 2
"""Statements that are shown of those that came near; the JSON report has all."""
_MESSAGES: Final = 2
"""Messages of AWS that are shown: they differ in action and resource alone."""
_LATER = "not known before the deployment"


def render(report: Report | Reports, style: Style) -> str:
    """The report as text of `style.width` columns; long ARNs may run over."""
    return "\n".join(_all_lines(report, style)) + "\n"


def _all_lines(report: Report | Reports, style: Style) -> Iterator[str]:
    if isinstance(report, Report):
        yield from _lines(report, style)
        return
    for one in report.reports:
        yield from _lines(one, style)
        yield ""
    verdict = painted(report.verdict.value, report.verdict.value, style)
    yield f"Verdict on all {len(report.reports)} endpoints: {verdict}"


def _lines(report: Report, style: Style) -> Iterator[str]:
    deployment = report.deployment
    yield f"Endpoint         {deployment.endpoint_name or _LATER}"
    yield f"Endpoint config  {deployment.endpoint_config_name or _LATER}"
    if report.source:
        yield f"Source           {report.source}"
    account = report.account_id or "not known"
    yield f"Account, Region  {account}, {deployment.region}{' (offline)' if report.offline else ''}"
    if report.principal:
        yield f"Principal        {report.principal}"
    yield ""
    for check in report.checks:
        yield from _check(check, style)
    if style.explain:
        yield ""
        yield from _permissions(report, style)
    if report.excess:
        from iamcheck.formats.excess_format import lines, numbers  # only where somebody asks

        *own, managed = report.excess
        for one in own:
            yield ""
            yield from lines(one, style)
        yield ""
        yield numbers(managed, style)
    if report.assumptions:
        yield ""
        yield "Assumed, or not covered:"
        for assumption in report.assumptions:
            yield hanging("  - ", assumption, style)
    yield ""
    yield f"Verdict: {painted(report.verdict.value, report.verdict.value, style)}"


def _permissions(report: Report, style: Style) -> Iterator[str]:
    yield "Needed:" if report.permissions else "Needed: not known"
    for one in report.permissions:
        yield hanging("  - ", f"{one.request.action} on {one.request.resource}", style)
        where = "" if one.where is None else f" ({one.where})"
        yield hanging("      ", f"{one.reason}{where}; {one.source}", style)


def _check(check: CheckResult, style: Style) -> Iterator[str]:
    label = f"{check.status.value:<9}"
    text = hanging(label, f"{check.id}: {check.summary}", style)
    yield painted(label.rstrip(), check.status.value, style) + text[len(label.rstrip()) :]
    if check.status in {Status.PASS, Status.SKIPPED}:
        return
    for place, evidence in enumerate(telling(check)):
        yield hanging(f"{_INDENT}- ", evidence_text(evidence), style)
        yield from (hanging(f"{_INDENT}    ", text, style) for text in evidence.nearest[:_NEAREST])
        if evidence.denial and place < _MESSAGES:
            yield hanging(f"{_INDENT}    AWS says: ", evidence.denial, style)
    if check.remedy:
        yield hanging(f"{_INDENT}> ", check.remedy.text, style)
        if check.remedy.policy is not None:
            yield from (f"{_INDENT}  {line}" for line in json.dumps(check.remedy.policy, indent=2).splitlines())
        if check.remedy.diff is not None:
            yield f"{_INDENT}  or change what is there:"
            yield from (f"{_INDENT}  {line}" for line in check.remedy.diff.splitlines())


def telling(check: CheckResult) -> Sequence[Evidence]:
    """The facts that the summary has not told yet.

    Without those of a decision that speaks for a pass, where others speak against it.
    """
    untold = [one for one in check.evidence if one.call is None or _called(one.call) not in check.summary]
    against = [one for one in untold if one.decision is not Decision.ALLOWED or one.certain is False]
    return against or untold


def _called(call: AwsCall) -> str:
    """Which operation was asked where."""
    return f"{call.operation} at {call.endpoint}" if call.endpoint else call.operation


def evidence_text(evidence: Evidence) -> str:
    """One fact in one sentence."""
    parts = []
    if evidence.action:
        parts.append(f"{evidence.action} on {evidence.resource}:" if evidence.resource else f"{evidence.action}:")
    if evidence.decision:
        parts.append(evidence.decision.value + (" (not certain)" if evidence.certain is False else ""))
    if evidence.decided_by:
        parts.append(f"by {evidence.decided_by}")
    if evidence.call:
        parts.append(f"{_called(evidence.call)}: {evidence.call.answer}")
    if evidence.note:
        parts.append(f"({evidence.note})" if parts else evidence.note)
    return " ".join(parts)
