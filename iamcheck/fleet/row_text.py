"""Writes the result of a row as one line of JSON: the document of `check`, with the number of the row before it.

What reports of one deployment have in common is turned into text once.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck._version import __version__
from iamcheck.checks.memory import Same
from iamcheck.checks.registry import DEPLOYMENT_CHECKS
from iamcheck.checks.report import check_to_dict
from iamcheck.iam.catalogue import reference_date
from iamcheck.results import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.checks.memory import CheckMemory
    from iamcheck.checks.report import Report, Reports

__all__ = ["INVALID", "RowResult", "error_result", "reports_result"]

INVALID: Final = "invalid"
"""The verdict on a row that cannot be used."""


class RowResult(NamedTuple):
    """The result of one row.

    Args:
        number: The row's place in the manifest, from 1.
        verdict: `pass`, `fail`, `unknown` or `invalid`.
        text: The JSON document, in one line without its end.
    """

    number: int
    verdict: str
    text: str


def reports_result(number: int, reports: Reports, memory: CheckMemory) -> RowResult:
    """The result of a row that was checked."""
    head = _text({"row": number, **reports.head()})[:-1]
    members = ", ".join(_report(report, memory) for report in reports.reports)
    return RowResult(number, reports.verdict.value, f'{head}, "reports": [{members}]}}')


def error_result(number: int, verdict: str, error: str) -> RowResult:
    """The result of a row that could not be checked.

    Args:
        number: The row's place in the manifest.
        verdict: `invalid`, or `unknown` where it is not the row that is at fault.
        error: Why, in one line.
    """
    document = {
        "row": number,
        "schema_version": SCHEMA_VERSION,
        "iamcheck_version": __version__,
        "reference_date": reference_date(),
        "verdict": verdict,
        "error": error,
        "reports": [],
    }
    return RowResult(number, verdict, _text(document))


def _report(report: Report, memory: CheckMemory) -> str:
    texts = []
    for name in report.members():
        if name == "checks":
            text = f"[{', '.join(_check(report, index, memory) for index in range(len(report.checks)))}]"
        else:
            shared = _SHARED.get(name)
            key = None if shared is None else Same(shared(report))
            text = memory.once(f"text of {name}", key, partial(_member, report, name))
        texts.append(f'"{name}": {text}')
    return f"{{{', '.join(texts)}}}"


_SHARED: Final[Mapping[str, Callable[[Report], object]]] = {
    "policy": lambda report: report.policy,
    "permissions": lambda report: report.permissions,
    "not_covered": lambda report: report.not_covered,
}
"""Members that are the same object in all reports of one deployment."""


def _member(report: Report, name: str) -> str:
    return _text(report.member(name))


def _check(report: Report, index: int, memory: CheckMemory) -> str:
    check = report.checks[index]
    key = Same(check) if check.id in DEPLOYMENT_CHECKS else None
    return memory.once("text of a check", key, lambda: _text(check_to_dict(check)))


def _text(value: object) -> str:
    # DEL is the only character that a terminal obeys and JSON leaves as it is
    return json.dumps(value).replace("\x7f", "\\u007f")
