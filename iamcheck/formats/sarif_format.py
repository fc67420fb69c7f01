"""Writes the report as SARIF 2.1.0: a rule for each check, a result for each finding, a note for each assumption.

The standard is https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what GitHub reads of it stands in
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
A check that is unknown is a warning, and not of kind `open`: a result of that kind has no level, and readers leave
results without a level out.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from iamcheck._version import __version__
from iamcheck.checks.registry import CHECKS
from iamcheck.checks.report import Report
from iamcheck.formats.causes import coverage
from iamcheck.formats.findings import deployment_place, findings_of
from iamcheck.formats.masking import masked
from iamcheck.formats.text import escaped, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.iam.model import Place
    from iamcheck.results import Json

__all__ = ["render"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"fail": "error", "unknown": "warning"}
_NOTES: Final = {
    "verdict": "At least one check ran.",
    "assumption": "The verdict takes something to be so that iamcheck did not read; the text names what settles it.",
    "not-covered": "The file has a part that no check judged.",
}
"""Rules that are no checks."""
_RULES: Final = (*(row.id.value for row in CHECKS), *_NOTES)


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  SARIF has no style
    """The report as a SARIF log of one run, in ASCII."""
    reports = [masked(each_report) for each_report in ((report,) if isinstance(report, Report) else report.reports)]
    results = [result for each_report in reports for result in _results(each_report)]
    if not reports:
        results = [_result("verdict", "warning", "unknown: there is no endpoint to ask about", [], ("nothing",))]
    run: dict[str, Json] = {
        "tool": {"driver": {"name": "iamcheck", "version": __version__, "rules": _rules()}},
        "columnKind": "unicodeCodePoints",
        "results": _with_own_fingerprints(results),
        "properties": {"verdict": report.verdict.value, "reports": [_summary(each_report) for each_report in reports]},
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules() -> list[Json]:
    rows = [(row.id.value, f"{row.id} passes where {row.passes_where}.", row.source) for row in CHECKS]
    rows += [(name, meaning, "") for name, meaning in _NOTES.items()]
    return [_rule(name, meaning, source) for name, meaning, source in rows]


def _rule(name: str, meaning: str, source: str) -> Json:
    rule: dict[str, Json] = {
        "id": name,
        "shortDescription": {"text": meaning},
        "help": {
            "text": f"{meaning} AWS: {source}" if source else meaning,
            "markdown": f"{meaning} [AWS's page]({source})" if source else meaning,
        },
    }
    return {**rule, "helpUri": source} if source else rule


def _summary(report: Report) -> Json:
    """What SARIF has no member for: the verdict, and every check with its status, those that passed included."""
    return {
        "verdict": report.verdict.value,
        "endpoint": report.deployment.endpoint_name,
        "region": report.deployment.region,
        "account_id": report.account_id,
        "coverage": escaped(coverage(report)),
        "checks": [
            {"id": check.id, "status": check.status.value, "summary": escaped(check.summary)} for check in report.checks
        ],
    }


def _results(report: Report) -> Iterator[dict[str, Json]]:
    owner = report.source or report.deployment.endpoint_name or ""
    for finding in findings_of(report):
        places = [] if finding.place is None else [finding.place, *finding.related]
        for name in finding.checks or ("verdict",):
            text = f"{finding.status}: {finding.text}"
            yield _result(name, _LEVELS[finding.status.value], text, places, (owner, *finding.identity))
    home = deployment_place(report)
    for assumption in report.assumptions:
        text = str(assumption).removeprefix("assumed: ")
        yield _result("assumption", "note", f"assumed: {text}", [] if home is None else [home], (owner, text))
    for item in report.not_covered:
        identity = (owner, item.what, item.where.file or item.where.label, item.where.path)
        yield _result("not-covered", "note", f"not covered: {item.what}: {item.why}", [item.where], identity)


def _result(name: str, level: str, text: str, places: Sequence[Place], identity: Sequence[str]) -> dict[str, Json]:
    locations = [_location(place) for place in places if place.file is not None]
    result: dict[str, Json] = {
        "ruleId": name,
        "ruleIndex": _RULES.index(name),
        "level": level,
        "message": {"text": escaped(text)},
        "locations": locations[:1],
        "partialFingerprints": {"iamcheck/v1": _hash((name, *identity))},
    }
    related = [{**location, "id": number} for number, location in enumerate(locations[1:])]
    return {**result, "relatedLocations": related} if related else result


def _with_own_fingerprints(results: list[dict[str, Json]]) -> list[Json]:
    """The results, those that are alike but for their lines told apart by their order."""
    seen: dict[str, int] = {}
    told_apart: list[Json] = []
    for result in results:
        key = str(result["partialFingerprints"])
        number = seen[key] = seen.get(key, 0) + 1
        fingerprint = {"iamcheck/v1": _hash((key, str(number)))}
        told_apart.append(result if number == 1 else {**result, "partialFingerprints": fingerprint})
    return told_apart


def _hash(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(map(escaped, parts)).encode()).hexdigest()


def _location(place: Place) -> dict[str, Json]:
    physical: dict[str, Json] = {"artifactLocation": {"uri": _uri(place.file or "")}}
    if place.line is not None:
        column = {} if place.column is None else {"startColumn": place.column}
        physical["region"] = {"startLine": place.line, **column}
    location: dict[str, Json] = {"physicalLocation": physical}
    if place.path:
        location["logicalLocations"] = [{"fullyQualifiedName": escaped(place.path)}]
    return location


def _uri(file: str) -> str:
    """The file as a URI: relative where its name is (code scanning reads those from the root of the repository)."""
    quoted = quote(file.replace(os.sep, "/").removeprefix("./"), errors="surrogatepass")
    return f"file://{quoted}" if file.startswith("/") else quoted
