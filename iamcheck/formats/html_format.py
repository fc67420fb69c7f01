"""Writes the report as one HTML page that loads nothing else: no script, no font, no picture.

The page is the template `reports/report.html.j2`; what is put into it is escaped there.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from iamcheck.checks.report import Report
from iamcheck.formats.causes import causes_of, coverage, deployment_rows, evidence_text, nearest_texts
from iamcheck.formats.decisions import decided_permissions, evaluation_flow, explained_statements
from iamcheck.formats.masking import masked
from iamcheck.formats.text import escaped
from iamcheck.policies.environment import packaged_folder, render_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style

__all__ = ["render"]


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  the reader's browser has the style
    """The report as an HTML page."""
    reports = (report,) if isinstance(report, Report) else report.reports
    variables: dict[str, object] = {
        "verdict": report.verdict.value,
        "reports": [_variables(masked(each_report)) for each_report in reports],
        "evidence_text": evidence_text,
        "nearest_texts": nearest_texts,
        "as_json": _as_json,
        "evaluation_flow": evaluation_flow,
    }
    page = os.path.join(packaged_folder(), "reports", "report.html.j2")  # noqa: PTH118  start-up: see environment.py
    return render_page(page, variables, shown=escaped)


def _variables(report: Report) -> Mapping[str, object]:
    return {
        "verdict": report.verdict.value,
        "rows": deployment_rows(report),
        "checks": report.checks,
        "causes": causes_of(report.checks),
        "permissions": decided_permissions(report),
        "statements": explained_statements(report),
        "assumptions": [str(assumption).removeprefix("assumed: ") for assumption in report.assumptions],
        "not_covered": report.not_covered,
        "coverage": coverage(report),
    }


def _as_json(document: object) -> list[str]:
    """The lines of a document as JSON in ASCII."""
    return json.dumps(document, indent=2).split("\n")
