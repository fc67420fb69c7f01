"""Writes the report for a person at a terminal: verdict and cause first, then one block a cause, then what passed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from iamcheck.aws.secrets import mask_secrets
from iamcheck.checks.report import Report
from iamcheck.formats.causes import (
    call_text,
    calls_by_resource,
    causes_of,
    coverage,
    deployment_rows,
    evidence_text,
    in_brief,
    nearest_texts,
    skipped_by_reason,
    speaks_against,
)
from iamcheck.formats.text import Coloured, coloured, cut, hanging, text_of
from iamcheck.results import Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.formats.causes import CallGroup, Cause
    from iamcheck.formats.text import Line
    from iamcheck.results import CheckResult

__all__ = ["render"]

_INDENT: Final = " " * 9
_PASS: Final = f"{'pass':<9}"


def render(report: Report | Reports, style: Style) -> str:
    """The report as text of `style.width` columns; long names, paths and URLs may run over."""
    return mask_secrets(text_of(_all_lines(report, style), style))


def _all_lines(report: Report | Reports, style: Style) -> Iterator[Line]:
    if isinstance(report, Report):
        yield from _lines(report, style)
        return
    verdict = report.verdict.value
    yield Coloured(f"Verdict on all {len(report.reports)} endpoints: {verdict}", verdict, verdict)
    for each in report.reports:
        yield ""
        yield from _lines(each, style)


def _lines(report: Report, style: Style) -> Iterator[Line]:
    verdict = report.verdict.value
    yield Coloured(f"Verdict: {verdict}", verdict, verdict)
    yield from _deployment(report, style)
    yield ""
    for cause in causes_of(report.checks):
        yield from _cause(cause, style)
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
    if report.assumptions and style.verbose:
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
    yield from _coverage(report, style)


def _coverage(report: Report, style: Style) -> Iterator[Line]:
    """What the verdict is about; it names what it rests on, but for a fail, and where no permission is known yet."""
    sentence = coverage(report, by_name=False)
    if not report.assumptions or style.verbose:
        yield from hanging("", sentence, style)
    elif report.verdict is Verdict.FAIL or (report.verdict is Verdict.UNKNOWN and not report.permissions):
        yield from hanging("", f"{sentence.removesuffix('.')} (--verbose lists them).", style)
    else:
        yield from hanging("", f"{sentence.removesuffix('.')} (--verbose says more):", style)
        for assumption in dict.fromkeys(map(in_brief, report.assumptions)):
            yield from hanging("  - ", assumption, style)


def _deployment(report: Report, style: Style) -> Iterator[Line]:
    for label, text in deployment_rows(report).items():
        yield from hanging(f"{label:<11}", text, style)


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
            text = f"{check.id}: {check.summary}"
            lines = hanging(_PASS, text, style) if style.verbose else [cut(f"{_PASS}{text}", style)]
            yield from coloured(lines, "pass", "pass")
    skipped = skipped_by_reason(checks)
    if skipped:
        text = "; ".join(f"{', '.join(ids)}: {reason}" for reason, ids in skipped.items())
        yield from coloured(hanging(f"{'skipped':<9}", text, style), "skipped", "skipped")


def _cause(cause: Cause, style: Style) -> Iterator[Line]:
    status = cause.status.value
    yield from coloured(hanging(f"{status:<9}", f"{cause.ids}: {cause.summary}", style), status, status)
    for group in cause.groups:
        yield from _group(group, style)
    # a denial stands, whatever else was read; and what is allowed is not why a check is no pass
    is_denied = bool(cause.groups) and cause.status is Status.FAIL
    is_all_allowed = all(fact.decision and not speaks_against(fact) for fact in cause.facts)
    for evidence in () if (is_denied or is_all_allowed) and not style.verbose else cause.facts:
        yield from hanging(f"{_INDENT}- ", evidence_text(evidence), style)
        yield from _near(nearest_texts(evidence), f"{_INDENT}    ", style)
    yield from _remedy(cause, style)


def _group(group: CallGroup, style: Style) -> Iterator[Line]:
    """What decided, then the calls that it decided: those of one resource together."""
    yield from hanging(_INDENT, f"{group.heading}:", style)
    shared = group.shared_nearest
    if shared is not None:
        # of several calls the nearest statement says enough
        most = len(shared) if style.verbose or len(group.evidence) == 1 else 1
        yield from _near(shared[:most], f"{_INDENT}  ", style)
    for calls in calls_by_resource(group.evidence):
        yield from hanging(f"{_INDENT}- ", calls.text, style)
        if shared is None:
            yield from _near(nearest_texts(calls.first), f"{_INDENT}    ", style)
        if style.explain and calls.first is group.first and group.first.denial:
            yield from hanging(f"{_INDENT}    AWS would say: ", group.first.denial, style)


def _near(texts: Sequence[str], indent: str, style: Style) -> Iterator[Line]:
    if not texts:
        return
    from iamcheck.explain.why.reasons import WHATEVER_THE_CONTEXT  # loaded already where something was denied

    for text in texts:
        # the calls below are what such a statement denies
        if style.verbose or not text.endswith(WHATEVER_THE_CONTEXT):
            yield from hanging(indent, text, style)


def _remedy(cause: Cause, style: Style) -> Iterator[Line]:
    remedy = cause.checks[0].remedy
    if remedy is None:
        return
    yield from hanging(f"{_INDENT}> ", _without_names(remedy.text, cause), style)
    if remedy.policy is not None:
        yield from (f"{_INDENT}  {line}" for line in json.dumps(remedy.policy, indent=2).split("\n"))
    if remedy.diff is not None:
        yield f"{_INDENT}  or change what is there:"
        yield from (f"{_INDENT}  {line}" for line in remedy.diff.split("\n"))


def _without_names(text: str, cause: Cause) -> str:
    """The text of a remedy; the statement and the calls that stand above it are not named a second time."""
    if len(cause.groups) != 1:
        return text
    (group,) = cause.groups
    named = str(group.first.decided_by)
    if group.first.decided_by is not None and text.startswith(named):
        text = f"this statement{text.removeprefix(named)}"
    if len(group.evidence) > 1:
        text = text.replace(", ".join(call_text(each) for each in group.evidence), "these calls")
    return text
