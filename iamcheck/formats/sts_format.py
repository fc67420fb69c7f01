"""The answer of `iamcheck sts`, as a table or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iamcheck.formats.table_format import evidence_text, telling
from iamcheck.formats.text import hanging, painted
from iamcheck.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.sts import RegionResult, StsReport
    from iamcheck.formats import Style

__all__ = ["render"]


def render(report: StsReport, output: str, style: Style) -> str:
    """The report as `table` or `json`, ending in a newline."""
    if output == "json":
        return json.dumps(report.to_dict(), indent=2) + "\n"
    width = max(len(region.region) for region in report.regions)
    lines = [line for region in report.regions for line in _region(region, width, style)]
    verdict = report.verdict.value
    return "\n".join([*lines, "", f"Verdict: {painted(verdict, verdict, style)}"]) + "\n"


def _region(region: RegionResult, width: int, style: Style) -> Iterator[str]:
    status = region.status.value
    label = f"{region.region:<{width}}  {status:<9}"
    state = "" if region.state.value == status else f"{region.state.value}: "
    text = hanging(label, f"{state}{region.summary}", style)
    yield text.replace(status, painted(status, status, style), 1)
    if region.status in {Status.PASS, Status.SKIPPED}:
        return
    for evidence in telling(region.check()):
        yield hanging(f"{'':<{width}}  - ", evidence_text(evidence), style)
    if region.remedy:
        yield hanging(f"{'':<{width}}  > ", region.remedy.text, style)
