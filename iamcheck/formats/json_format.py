"""The JSON report: `Report.to_dict`, readable and with its keys in their designed order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.checks.report import Report, Reports
    from iamcheck.formats import Style

__all__ = ["render"]


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  JSON has no style
    """The report as JSON."""
    return json.dumps(report.to_dict(), indent=2) + "\n"
