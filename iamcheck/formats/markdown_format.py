"""Writes the report as Markdown for a pull request: the verdict, a table, what to do, and the details folded.

It is GitHub's Markdown (https://github.github.com/gfm/), which GitLab and others read too. Whatever a name or a text
holds is shown and never obeyed: all marks in it are escaped, and a mention of somebody notifies nobody.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from iamcheck.checks.report import Report
from iamcheck.formats.causes import causes_of, coverage, deployment_rows, evidence_text, nearest_texts
from iamcheck.formats.masking import masked
from iamcheck.formats.text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.formats.causes import Cause
    from iamcheck.iam.model import Place
    from iamcheck.results import Evidence, Remedy

__all__ = ["render"]

_SIGNS: Final = {"pass": "\u2705", "fail": "\u274c", "unknown": "\u2754", "skipped": "\u2796"}
_MARKS: Final = re.compile(r"[\\`*_\[\]<>#|~&$]")
_AT_START: Final = re.compile(r"^(\d*)([-+=.])")
_NOTIFYING: Final = re.compile(r"[@#](?=\w)")


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  Markdown has no style
    """The report as Markdown."""
    reports = (report,) if isinstance(report, Report) else report.reports
    lines: list[str] = []
    if len(reports) != 1:
        lines += [f"## {_sign(report.verdict.value)} iamcheck: {report.verdict} on all {len(reports)} endpoints", ""]
    for each in reports:
        lines += [*_lines(masked(each)), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _lines(report: Report) -> Iterator[str]:
    verdict = report.verdict.value
    yield f"## {_sign(verdict)} iamcheck: {verdict}"
    yield ""
    for label, text in deployment_rows(report).items():
        yield f"**{label}**: {_text(text)}  "
    yield ""
    yield "| Check | Status | Summary |"
    yield "| --- | --- | --- |"
    for check in report.checks:
        yield f"| {_code(check.id)} | {_sign(check.status.value)} {check.status} | {_text(check.summary)} |"
    yield ""
    causes = causes_of(report.checks)
    if causes:
        yield from ("### What to do", "")
        for cause in causes:
            yield from _cause(cause)
    yield from _folded(
        "Assumed", [_text(str(assumption).removeprefix("assumed: ")) for assumption in report.assumptions]
    )
    left = [f"{_code(item.what)} ({_text(str(item.where))}): {_text(item.why)}" for item in report.not_covered]
    yield from _folded("Not covered", left)
    needed = [
        f"{_call(need.request.action, need.request.resource)}{_at(need.where)}: {_text(need.reason)}"
        for need in report.permissions
    ]
    yield from _folded("Needed permissions", needed)
    if report.policy is not None:
        yield from ("<details><summary>Policy</summary>", "", *_json(report.policy), "", "</details>", "")
    yield _text(coverage(report))


def _cause(cause: Cause) -> Iterator[str]:
    yield f"**{cause.status}** {', '.join(_code(check.id) for check in cause.checks)}: {_text(cause.summary)}"
    yield ""
    for group in cause.groups:
        yield f"- {_text(group.heading)}"
        for evidence in group.evidence:
            yield f"  - {_call(evidence.action, evidence.resource)}"
        yield from _nearest(group.first, "  ")
    for fact in cause.facts:
        yield f"- {_text(evidence_text(fact))}"
        yield from _nearest(fact, "  ")
    if cause.groups or cause.facts:
        yield ""
    yield from _remedy(cause.checks[0].remedy)


def _nearest(evidence: Evidence, indent: str) -> Iterator[str]:
    for text in nearest_texts(evidence):
        yield f"{indent}- {_text(text)}"


def _remedy(remedy: Remedy | None) -> Iterator[str]:
    if remedy is None:
        return
    yield from (f"**To do**: {_text(remedy.text)}", "")
    if remedy.policy is not None:
        yield from (*_json(remedy.policy), "")
    if remedy.diff is not None:
        yield from ("Or change what is there:", "", *_block("diff", remedy.diff.split("\n")), "")


def _folded(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from (f"<details><summary>{title} ({len(items)})</summary>", "")
        yield from (f"- {item}" for item in items)
        yield from ("", "</details>", "")


def _json(document: object) -> list[str]:
    return _block("json", json.dumps(document, indent=2).split("\n"))


def _block(language: str, lines: Iterable[str]) -> list[str]:
    """A block of code behind a fence that is longer than any in it."""
    shown = [escaped(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *shown, fence]


def _call(action: str | None, resource: str | None) -> str:
    return f"{_code(str(action))} on {_code(resource)}" if resource else _code(str(action))


def _at(place: Place | None) -> str:
    return "" if place is None else f" ({_text(str(place))})"


def _sign(word: str) -> str:
    return _SIGNS[word]


def _code(text: str) -> str:
    """A name in the font of code: an element, for a code span in a table cannot hold every character."""
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    """`text` as Markdown that shows it as it is, in one line."""
    text = _MARKS.sub(r"\\\g<0>", escaped(text).strip())
    text = _AT_START.sub(r"\1\\\2", text)
    # an empty comment keeps a mention or the number of an issue from being one (`@team`, `#12`)
    return _NOTIFYING.sub(r"\g<0><!-- -->", text)
