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
from iamcheck.results import SCHEMA_VERSION, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

    from iamcheck.checks.memory import CheckMemory
    from iamcheck.checks.report import Report, Reports
    from iamcheck.results import CheckResult

__all__ = ["INVALID", "RowResult", "error_result", "reports_result"]

INVALID: Final = "invalid"
"""The verdict on a row that cannot be used."""
_LONGEST_ERROR: Final = 4000
"""Characters: an error may repeat what stands in a row, which may be a million of them."""


class RowResult(NamedTuple):
    """The result of one row.

    Args:
        number: The row's place in the manifest, from 1.
        verdict: `pass`, `fail`, `unknown` or `invalid`.
        texts: The JSON document, in one line without its end, in parts: results of one deployment hold many parts
            that are the same object, which travel once where several results are sent together.
    """

    number: int
    verdict: str
    texts: tuple[str, ...]


def reports_result(number: int, reports: Reports, memory: CheckMemory) -> RowResult:
    """The result of a row that was checked."""
    texts = [_text({"row": number, **reports.head()})[:-1], ', "reports": [']
    for place, report in enumerate(reports.reports):
        texts += (", " if place else "", *_report(report, memory))
    return RowResult(number, reports.verdict.value, (*texts, "]}"))


def error_result(number: int, verdict: str, error: str) -> RowResult:
    """The result of a row that could not be checked.

    Args:
        number: The row's place in the manifest.
        verdict: `invalid`, or `unknown` where it is not the row that is at fault.
        error: Why, in one line; of a long text, the start and the end.
    """
    if len(error) > _LONGEST_ERROR:
        error = f"{error[: _LONGEST_ERROR // 2]} ... {error[-_LONGEST_ERROR // 2 :]}"
    document = {
        "row": number,
        "schema_version": SCHEMA_VERSION,
        "iamcheck_version": __version__,
        "reference_date": reference_date(),
        "verdict": verdict,
        "error": error,
        "reports": [],
    }
    return RowResult(number, verdict, (_text(document),))


def _report(report: Report, memory: CheckMemory) -> Iterator[str]:
    for place, name in enumerate(report.members()):
        yield f'{", " if place else "{"}"{name}": '
        if name == "checks":
            yield from _checks(report, memory)
        else:
            shared = _SHARED.get(name)
            key = None if shared is None else shared(report)
            yield memory.once(f"text of {name}", key, partial(_member, report, name))
    yield "}"


_SHARED: Final[Mapping[str, Callable[[Report], Hashable]]] = {
    "policy": lambda report: Same(report.policy),
    "permissions": lambda report: Same(report.permissions),
    "not_covered": lambda report: Same(report.not_covered),
    "assumptions": lambda report: report.assumptions,
}
"""Members that are the same object in all reports of one deployment, or are a few texts that most reports have."""


def _member(report: Report, name: str) -> str:
    return _text(report.member(name))


def _checks(report: Report, memory: CheckMemory) -> Iterator[str]:
    yield "["
    for place, check in enumerate(report.checks):
        if place:
            yield ", "
        yield memory.once("text of a check", _key(check), partial(_check, check))
    yield "]"


def _key(check: CheckResult) -> Hashable:
    """What tells that the text of a check is that of another; None: few checks have the same."""
    if check.id in DEPLOYMENT_CHECKS:
        return Same(check)
    return check if check.status is Status.SKIPPED else None


def _check(check: CheckResult) -> str:
    return _text(check_to_dict(check))


def _text(value: object) -> str:
    # DEL is the only character that a terminal obeys and JSON leaves as it is
    return json.dumps(value).replace("\x7f", "\\u007f")
