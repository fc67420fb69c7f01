"""Writes reports, answers and policies as text: one small file a format, and nothing is computed here.

Adding a format of the report is adding a row to `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from iamcheck.checks.report import Report, Reports

__all__ = ["FORMATS", "POLICY_FORMATS", "Style", "render"]

FORMATS = ("table", "json", "markdown", "github", "junit", "sarif", "html")
"""The formats of a report, the default first; `FORMAT_format.py` has the `render` of each."""

POLICY_FORMATS = ("json", "terraform", "terraform-json", "cloudformation", "cli")
"""The forms of a policy, the default first; `policies/` has a module for each but `json`, the policy itself."""


class Style(NamedTuple):
    """What the reader's screen can do.

    Args:
        width: Columns to fill.
        colour: Whether to send ANSI colours.
        explain: Whether to show each permission with its reason and what asks for it.
        verbose: Whether to show what a short report folds: assumptions, and the whole text of what passed.
    """

    width: int = 80
    colour: bool = False
    explain: bool = False
    verbose: bool = False


def render(report: Report | Reports, output: str, style: Style) -> str:
    """The report, or the reports of several deployments, in one of `FORMATS`, ending in a newline."""
    module = import_module(f"iamcheck.formats.{output}_format")
    text: str = module.render(report, style)
    return text
