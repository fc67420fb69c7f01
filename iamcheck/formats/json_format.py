"""Writes the JSON report: one shape for one deployment and for many, with the keys in their designed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.checks.report import Report, Reports
from iamcheck.formats.text import json_text

if TYPE_CHECKING:
    from iamcheck.formats import Style

__all__ = ["render"]


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  JSON has no style
    """The report as JSON in ASCII."""
    return json_text((Reports((report,)) if isinstance(report, Report) else report).to_dict())
