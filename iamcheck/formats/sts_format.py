"""Writes the answer of `iamcheck sts`, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.formats.causes import evidence_text, new_evidence
from iamcheck.formats.text import Coloured, coloured, hanging, json_text, text_of
from iamcheck.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.sts import RegionResult, StsReport
    from iamcheck.formats import Style
    from iamcheck.formats.text import Line

__all__ = ["render"]


def render(report: StsReport, output: str, style: Style) -> str:
    """The report as `table` or `json`, ending in a newline."""
    if output == "json":
        return json_text(report.to_dict())
    width = max(len(region.region) for region in report.regions)
    lines = [line for region in report.regions for line in _region(region, width, style)]
    verdict = report.verdict.value
    return text_of([*lines, "", Coloured(f"Verdict: {verdict}", verdict, verdict)], style)


def _region(region: RegionResult, width: int, style: Style) -> Iterator[Line]:
    status = region.status.value
    label = f"{region.region:<{width}}  {status:<9}"
    state = "" if region.state.value == status else f"{region.state.value}: "
    yield from coloured(hanging(label, f"{state}{region.summary}", style), status, status)
    if region.status in {Status.PASS, Status.SKIPPED}:
        return
    for evidence in new_evidence(region.check()):
        yield from hanging(f"{'':<{width}}  - ", evidence_text(evidence), style)
    if region.remedy:
        yield from hanging(f"{'':<{width}}  > ", region.remedy.text, style)
