"""Reports in every format: the same verdict, checks and causes; hostile texts shown and not obeyed; no secret."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml
from markdown_it import MarkdownIt

from iamcheck import check
from iamcheck.checks.registry import CHECKS
from iamcheck.checks.report import Report, Reports
from iamcheck.deployment import Deployment
from iamcheck.formats import FORMATS, Style, render
from iamcheck.formats.text import escaped
from iamcheck.iam.model import Decision, Place, PolicyType, Request, StatementRef
from iamcheck.permissions import RequiredPermission
from iamcheck.results import CheckId, CheckResult, Evidence, NotCovered, Remedy, Status
from tests.unit.formats.pages import Page
from tests.unit.formats.reports import HOSTILE, SECRETS, causes_in, expected_causes, report_lists

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOYMENT: Final = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
ENDPOINT: Final = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
SARIF_SCHEMA: Final = json.loads(
    (Path(__file__).parents[2] / "cases" / "sarif" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")
)
IDS: Final = sorted((one.value for one in CheckId), key=len, reverse=True)
CHECK_ID: Final = re.compile("|".join(map(re.escape, IDS)))
COMMAND: Final = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*)(?:,[a-z]+=[^,:\r\n]*)*)::([^\r\n]*)")


@dataclass(frozen=True)
class Told:
    """What a reader of a format learns."""

    verdict: str
    checks: int
    """How many checks the report lists, over all deployments."""
    causes: set[str]


def _json(text: str) -> Told:
    document = json.loads(text)
    checks = [check for one in document["reports"] for check in one["checks"]]
    against = [check for check in checks if check["status"] in {"fail", "unknown"}]
    return Told(document["verdict"], len(checks), causes_in(json.dumps(against)))


def _table(text: str) -> Told:
    verdict = re.match(r"Verdict(?: on all \d+ endpoints)?: (\w+)", text)
    assert verdict
    # what is assumed is named behind the count, in words of policies and files
    sentences = " ".join(re.findall(r"^This (?:pass|verdict) covers ([^.]*?)(?:assumption|\.)", text, re.MULTILINE))
    counts = re.findall(r"(\d+)\s(?:skipped\s)?check", sentences)
    return Told(verdict[1], sum(map(int, counts)), causes_in(text))


def _page_of_markdown(text: str) -> Page:
    return Page.read(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def _markdown(text: str) -> Told:
    page = _page_of_markdown(text)
    assert page.tags <= {
        *("h2", "h3", "p", "strong", "br", "table", "thead", "tbody", "tr", "th", "td", "code", "ul", "li"),
        *("details", "summary", "pre"),
    }
    assert page.attributes <= {"class"}  # of the language of a block of code
    verdict = re.match(r"\S+ iamcheck: (\w+)", page.headings[0])
    assert verdict
    rows = page.count("tr") - page.count("thead")
    assert page.count("td") == 3 * rows
    return Told(verdict[1], rows, causes_in(page.text))


def _github(text: str) -> Told:
    commands = [COMMAND.fullmatch(line) for line in text.removesuffix("\n").split("\n")]
    assert all(commands)
    values = [dict(one.split("=", 1) for one in command[2].split(",")) for command in commands if command]
    assert all(set(one) <= {"file", "line", "col", "title"} for one in values)
    verdicts = [
        (_unescaped(value["title"]).removeprefix("iamcheck: "), command[3])
        for value, command in zip(values, commands, strict=True)
        if command and _unescaped(value["title"]) in {"iamcheck: pass", "iamcheck: fail", "iamcheck: unknown"}
    ]
    worst = min((verdict for verdict, _ in verdicts), key=["fail", "unknown", "pass"].index)
    checks = sum(len(CHECK_ID.findall(message)) for _, message in verdicts)
    return Told(worst, checks, causes_in(text))


def _unescaped(value: str) -> str:
    """A value as GitHub reads it."""
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        value = value.replace(code, char)
    return value


def _junit(text: str) -> Told:
    suites = JUnitXml.fromstring(text.encode())
    cases = [case for suite in suites for case in suite]
    verdict = "fail" if suites.failures else "unknown" if suites.errors else "pass"
    assert suites.failures == len([case for case in cases if case.is_failure])
    assert suites.errors == len([case for case in cases if case.is_error])
    # a suite in which nothing ran has a case of its own, lest it be green
    return Told(verdict, len([case for case in cases if case.name != "verdict"]), causes_in(text))


def _sarif(text: str) -> Told:
    document = json.loads(text)
    jsonschema.Draft4Validator(SARIF_SCHEMA).validate(document)
    (run,) = document["runs"]
    levels = {result["level"] for result in run["results"]}
    verdict = "fail" if "error" in levels else "unknown" if "warning" in levels else "pass"
    assert run["properties"]["verdict"] == verdict
    checks = [check for one in run["properties"]["reports"] for check in one["checks"]]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    fingerprints = [result["partialFingerprints"]["iamcheck/v1"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)
    against = [result for result in run["results"] if result["level"] != "note"]
    return Told(verdict, len(checks), causes_in(json.dumps(against)))


def _html(text: str) -> Told:
    page = Page.read(text)
    assert page.tags <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "main", "section", "div", "p", "span"),
        *(
            "ol",
            "dl",
            "dt",
            "dd",
            "ul",
            "li",
            "br",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "code",
            "pre",
            "strong",
            "a",
        ),
    }
    assert page.attributes <= {
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
        "scope",
        "href",
        "rel",
        "aria-label",
    }
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.values
    assert {value for name, value in page.values if name == "href"} <= {"https://docs.aws.amazon.com/page.html"}
    verdict = re.match(r"iamcheck: (\w+)", page.headings[0])
    assert verdict
    rows = page.count("tr") - page.count("thead")
    assert page.count("td") == 3 * rows
    return Told(verdict[1], rows, causes_in(page.text))


READERS: Final[dict[str, Callable[[str], Told]]] = {
    "table": _table,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
    "junit": _junit,
    "sarif": _sarif,
    "html": _html,
}


def test_each_format_has_a_reader_here() -> None:
    assert set(READERS) == set(FORMATS)


@given(report=report_lists())
def test_every_format_tells_the_same(report: Report | Reports) -> None:
    reports = (report,) if isinstance(report, Report) else report.reports
    expected = Told(report.verdict.value, sum(len(one.checks) for one in reports), expected_causes(report))
    for output, reader in READERS.items():
        text = render(report, output, Style())
        assert reader(text) == expected, output
        assert text == render(report, output, Style()), output
        assert not [secret for secret in SECRETS if secret in text], output
        assert not [char for char in text if char != "\n" and escaped(char) != char], output
        assert text.endswith("\n"), output


def _denied(sid: str, file: str, line: int) -> Report:
    by = StatementRef(PolicyType.SCP, "lock.json", sid, 0, line=4, file="policies/lock.json", column=3)
    denied = Evidence("sagemaker:CreateEndpoint", ENDPOINT, Decision.EXPLICIT_DENY, certain=True, decided_by=by)
    asks = Place(file, line, 3, "Resources.Endpoint")
    return Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=True,
        principal=None,
        policy={"Version": "2012-10-17", "Statement": []},
        permissions=(
            RequiredPermission(Request("sagemaker:CreateEndpoint", ENDPOINT), "made", "https://aws.example", asks),
        ),
        checks=(CheckResult("principal.allowed", Status.FAIL, "denied", (denied,)),),
        assumptions=("no RCPs apply (--rcp settles it)",),
        not_covered=(NotCovered("AWS::Lambda::Function", Place(file, 40, 3, "Resources.Fn"), "no check knows it"),),
    )


def test_an_annotation_stands_on_the_line_that_asks() -> None:
    lines = render(_denied("Lock", "infra/t.yaml", 12), "github", Style()).splitlines()
    assert lines[1].startswith("::error file=infra/t.yaml,line=12,col=3,title=principal.allowed%3A fail::")
    assert "statement Lock of the service control policy (SCP) lock.json, line 4" in lines[1]


def test_values_of_an_annotation_are_escaped() -> None:
    lines = render(_denied("Lock", "a,b:c%d.yaml", 12), "github", Style()).splitlines()
    assert lines[1].startswith("::error file=a%2Cb%3Ac%25d.yaml,line=12,")


def _results(report: Report) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(render(report, "sarif", Style()))["runs"][0]["results"]
    return results


def test_sarif_points_at_what_asks_and_at_what_decided() -> None:
    denied, assumed, left = _results(_denied("Lock", "infra/my t.yaml", 12))
    assert denied["ruleId"] == "principal.allowed"
    assert denied["level"] == "error"
    (location,) = denied["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/my%20t.yaml"},
        "region": {"startLine": 12, "startColumn": 3},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "Resources.Endpoint"}]
    (related,) = denied["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"] == {"uri": "policies/lock.json"}
    assert related["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 3}
    assert (assumed["ruleId"], assumed["level"]) == ("assumption", "note")
    assert (left["ruleId"], left["level"]) == ("not-covered", "note")
    assert left["locations"][0]["physicalLocation"]["region"]["startLine"] == 40


def test_fingerprints_outlive_other_lines_and_tell_statements_apart() -> None:
    def prints(report: Report) -> list[str]:
        return [result["partialFingerprints"]["iamcheck/v1"] for result in _results(report)]

    assert prints(_denied("Lock", "t.yaml", 12)) == prints(_denied("Lock", "t.yaml", 99))
    assert prints(_denied("Lock", "t.yaml", 12))[0] != prints(_denied("Other", "t.yaml", 12))[0]
    # what is left out of two files with the same logical id is two things
    assert prints(_denied("Lock", "t.yaml", 12))[-1] != prints(_denied("Lock", "u.yaml", 12))[-1]


def test_every_rule_says_what_it_means_and_where_aws_says_so() -> None:
    rules = json.loads(render(_denied("Lock", "t.yaml", 12), "sarif", Style()))["runs"][0]["tool"]["driver"]["rules"]
    # behind the rules of the checks stand those of what is no check
    for rule, row in zip(rules[: len(CHECKS)], CHECKS, strict=True):
        assert rule["id"] == row.id
        assert rule["help"]["text"].startswith(f"{row.id} passes where {row.passes_where}. ")
        assert rule["helpUri"] == row.source


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_colours_of_a_page_can_be_read() -> None:
    """Contrast AA (https://www.w3.org/TR/WCAG22/#contrast-minimum) on the screen, light and dark, and on paper."""
    page = render(_denied("Lock", "t.yaml", 12), "html", Style())
    schemes = [
        dict(re.findall(r"--(\w+): (#\w{6});", rules)) for rules in re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    ]
    assert len(schemes) == 3
    for scheme in schemes:
        grounds = [scheme.pop("page"), scheme.pop("card")]
        del scheme["line"]
        assert len(scheme) == 7
        for ground in grounds:
            for name, colour in scheme.items():
                dark, light = sorted((_luminance(colour), _luminance(ground)))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, colour, ground)


def test_a_page_says_of_each_permission_how_it_was_decided() -> None:
    text = " ".join(Page.read(render(_denied("Lock", "t.yaml", 12), "html", Style())).text.split())
    decision = (
        "explicitDeny by statement Lock of the service control policy (SCP) lock.json, line 4 (principal.allowed)"
    )
    assert f"sagemaker:CreateEndpoint on {ENDPOINT} {decision}" in text


def test_a_page_says_of_each_statement_what_asks_for_it() -> None:
    report = check(DEPLOYMENT, offline=True)
    cards = Page.read(render(report, "html", Style())).text.split("Policy\n")[1].split("What asks for it:")
    assert report.policy is not None
    statements = report.policy["Statement"]
    assert isinstance(statements, list)
    assert len(cards) == len(statements) + 1
    for before, after, statement in zip(cards, cards[1:], statements, strict=False):
        assert json.dumps(statement, indent=2) in before
        asked = after.split("{")[0]
        assert all(action in asked for action in statement["Action"])


@pytest.mark.parametrize("output", ["github", "junit", "sarif", "html"])
def test_a_report_without_a_check_that_ran_is_no_pass(output: str) -> None:
    skipped = CheckResult("sts.active", Status.SKIPPED, "left out by --skip")
    report = Report(
        DEPLOYMENT, "create", "local", offline=True, principal=None, policy=None, permissions=(), checks=(skipped,)
    )
    assert READERS[output](render(report, output, Style())).verdict == "unknown"


@given(name=st.sampled_from(HOSTILE))
def test_a_text_of_markdown_is_shown_as_it_is(name: str) -> None:
    report = Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=True,
        principal=None,
        policy=None,
        permissions=(),
        checks=(CheckResult("sts.active", Status.PASS, name),),
    )
    page = Page.read(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(render(report, "markdown", Style()))
    )
    assert page.cells[-1] == escaped(name).strip()


def test_junit_names_the_file_of_a_failure() -> None:
    root = ElementTree.fromstring(render(_denied("Lock", "t.yaml", 12), "junit", Style()))
    case = root.find("testsuite/testcase")
    assert case is not None
    assert (case.get("name"), case.get("file"), case.get("line")) == ("principal.allowed", "t.yaml", "12")
    properties = {one.get("name"): one.get("value") for one in root.findall("testsuite/properties/property")}
    assert properties["verdict"] == "fail"
    assert str(DEPLOYMENT.endpoint_name) in str(properties)


_OPEN: Final = Evidence(
    "kms:CreateGrant",
    ENDPOINT,
    Decision.ALLOWED,
    certain=False,
    note="it depends on kms:ViaService, which is not known",
)
_DENIED: Final = Evidence("iam:PassRole", ENDPOINT, Decision.IMPLICIT_DENY, certain=True, note="no Allow matched")


def _mixed() -> Report:
    remedy = Remedy("grant iam:PassRole")
    check = CheckResult("principal.allowed", Status.FAIL, "denied: iam:PassRole", (_OPEN, _DENIED), remedy=remedy)
    return dataclasses.replace(_denied("Lock", "infra/t.yaml", 12), checks=(check,), assumptions=())


def test_an_uncertain_call_of_a_failed_check_is_a_warning_beside_the_error_of_the_denied_call() -> None:
    verdict, denied, undecided = render(_mixed(), "github", Style()).splitlines()
    assert verdict.startswith("::error ")
    assert denied.startswith("::error title=principal.allowed%3A fail::iam:PassRole on ")
    assert "To do: grant iam:PassRole" in denied
    assert undecided.startswith("::warning title=principal.allowed%3A unknown::kms:CreateGrant on ")
    assert "grant iam:PassRole" not in undecided  # which does not settle it
    levels = {result["message"]["text"].split(" on ")[0]: result["level"] for result in _results(_mixed())}
    assert levels["fail: iam:PassRole"] == "error"
    assert levels["unknown: kms:CreateGrant"] == "warning"


@pytest.mark.parametrize("output", ["table", "markdown", "html"])
def test_a_page_for_people_counts_what_is_not_certain_apart(output: str) -> None:
    text = render(_mixed(), output, Style())
    assert "1 of 2 calls is not allowed, 1 is not certain" in " ".join(text.split())


def test_a_finding_fails_where_a_check_fails_for_no_certain_denial() -> None:
    check = CheckResult("principal.allowed", Status.FAIL, "denied", (_OPEN,))
    report = dataclasses.replace(_mixed(), checks=(check,))
    assert render(report, "github", Style()).splitlines()[1].startswith("::error ")


def test_a_decision_is_coloured_by_what_it_comes_to() -> None:
    report = _denied("Lock", "infra/t.yaml", 12)
    (check,) = report.checks
    (fact,) = check.evidence
    for certain, anyway, shown in ((True, False, "fail"), (False, True, "fail"), (False, False, "unknown")):
        evidence = (fact._replace(certain=certain, is_denied_anyway=anyway),)
        page = render(dataclasses.replace(report, checks=(check._replace(evidence=evidence),)), "html", Style())
        assert f'<span class="status {shown}">explicitDeny' in page
