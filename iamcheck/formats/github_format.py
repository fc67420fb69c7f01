"""Writes the report as workflow commands of GitHub Actions: annotations on the lines that ask for what is refused.

The grammar is `::COMMAND KEY=VALUE,KEY=VALUE::MESSAGE`, a command a line, with `%`, CR and LF escaped, and `:` and `,`
too in values (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands,
https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.report import Report
from iamcheck.formats.causes import coverage
from iamcheck.formats.findings import deployment_place, findings_of
from iamcheck.formats.masking import masked
from iamcheck.formats.text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.iam.model import Place

__all__ = ["render"]

_COMMANDS: Final = {"pass": "notice", "fail": "error", "unknown": "warning"}
_IN_MESSAGES: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_VALUES: Final = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  commands have no style
    """The report as commands, a line each: the verdict first, as GitHub shows ten annotations of a kind and no more."""
    reports = (report,) if isinstance(report, Report) else report.reports
    lines = [line for each_report in reports for line in _lines(masked(each_report))]
    if not reports:
        lines = [_command("warning", "iamcheck: unknown", "there is no endpoint to ask about", None)]
    return "".join(f"{line}\n" for line in lines)


def _lines(report: Report) -> Iterator[str]:
    verdict = report.verdict.value
    name = report.deployment.endpoint_name or report.source or "an endpoint"
    text = f"{name} in {report.deployment.region}: {verdict}. {coverage(report)}"
    yield _command(_COMMANDS[verdict], f"iamcheck: {verdict}", text, deployment_place(report))
    for finding in findings_of(report):
        title = ", ".join(finding.checks) or "iamcheck"
        yield _command(_COMMANDS[finding.status.value], f"{title}: {finding.status}", finding.text, finding.place)
    for assumption in report.assumptions:
        yield _command("notice", "iamcheck: assumed", str(assumption).removeprefix("assumed: "), None)


def _command(command: str, title: str, message: str, place: Place | None) -> str:
    values: dict[str, object] = {}
    if place is not None and place.file is not None:
        values = {"file": place.file, "line": place.line, "col": place.column}
    values["title"] = title
    shown = ",".join(
        f"{key}={_replaced(escaped(str(value)), _IN_VALUES)}" for key, value in values.items() if value is not None
    )
    return f"::{command} {shown}::{_replaced(escaped(message), _IN_MESSAGES)}"


def _replaced(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
