"""Writes the report as JUnit XML: a suite a deployment, a case a check; unknown is an error, fail a failure.

There is no standard but what readers take: Jenkins's schema
(https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from iamcheck.checks.report import Report
from iamcheck.formats.causes import coverage, deployment_rows, nothing_ran
from iamcheck.formats.findings import NOTHING_RAN, findings_of
from iamcheck.formats.masking import masked
from iamcheck.formats.text import escaped
from iamcheck.results import Status

if TYPE_CHECKING:
    from iamcheck.checks.report import Reports
    from iamcheck.formats import Style
    from iamcheck.formats.findings import Finding
    from iamcheck.results import CheckResult

__all__ = ["render"]

_ELEMENTS: Final = {Status.FAIL: "failure", Status.UNKNOWN: "error", Status.SKIPPED: "skipped"}
_COUNTED: Final = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def render(report: Report | Reports, style: Style) -> str:  # noqa: ARG001  XML has no style
    """The report as XML, without times: the same report gives the same bytes."""
    reports = (report,) if isinstance(report, Report) else report.reports
    root = ElementTree.Element("testsuites", name="iamcheck")
    for each in reports:
        root.append(_suite_of(masked(each)))
    if not reports:
        root.append(_suite("iamcheck", [_verdict_case("there is no endpoint to ask about")]))
    totals = {key: sum(int(suite.attrib[key]) for suite in root) for key in ("tests", "failures", "errors", "skipped")}
    root.attrib.update({key: str(number) for key, number in totals.items()})
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite_of(report: Report) -> ElementTree.Element:
    name = report.deployment.endpoint_name or report.source or "an endpoint"
    findings = findings_of(report)
    cases = [_case(check, [finding for finding in findings if check.id in finding.checks]) for check in report.checks]
    if nothing_ran(report):
        cases.append(_verdict_case(NOTHING_RAN))
    suite = _suite(f"{name} in {report.deployment.region}", cases)
    properties = ElementTree.Element("properties")
    for label, text in {"verdict": report.verdict.value, **deployment_rows(report)}.items():
        ElementTree.SubElement(properties, "property", name=label.lower(), value=escaped(text))
    suite.insert(0, properties)
    lines = [f"assumed: {str(assumption).removeprefix('assumed: ')}" for assumption in report.assumptions]
    lines += [f"not covered: {item.what} ({item.where}): {item.why}" for item in report.not_covered]
    ElementTree.SubElement(suite, "system-out").text = _text([*lines, coverage(report)])
    return suite


def _suite(name: str, cases: list[ElementTree.Element]) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=escaped(name), tests=str(len(cases)))
    for word, kind in _COUNTED.items():
        suite.set(word, str(sum(case.find(kind) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _case(check: CheckResult, findings: list[Finding]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname="iamcheck", name=check.id)
    place = next((finding.place for finding in findings if finding.place is not None), None)
    if place is not None and place.file is not None:
        case.set("file", escaped(place.file))
        if place.line is not None:
            case.set("line", str(place.line))
    if kind := _ELEMENTS.get(check.status):
        result = ElementTree.SubElement(case, kind, message=escaped(check.summary))
        if findings:
            result.text = _text([finding.text for finding in findings])
    return case


def _verdict_case(why: str) -> ElementTree.Element:
    """A case that no check has: without an error, readers would take a report without a check for a pass."""
    case = ElementTree.Element("testcase", classname="iamcheck", name="verdict")
    ElementTree.SubElement(case, "error", message=why)
    return case


def _text(lines: list[str]) -> str:
    return "\n".join(map(escaped, lines))
