"""Reports as text and as JSON: nothing lost, nothing said twice, nothing wider than the screen."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks.report import Report, Reports
from iamcheck.checks.sts import StsState
from iamcheck.checks.sts._regions import RegionResult, StsReport
from iamcheck.deployment import Deployment
from iamcheck.formats import FORMATS, Style, render, sts_format
from iamcheck.formats.table_format import evidence_text
from iamcheck.iam.model import Decision, PolicyType, StatementRef
from iamcheck.results import AwsCall, CheckResult, Evidence, Remedy, Status

DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
ALLOWED = Evidence("a:One", "arn:one", Decision.ALLOWED, certain=True)
DENIED = Evidence("a:Two", "arn:two", Decision.IMPLICIT_DENY, certain=True, note="no Allow matched")
ASKED = Evidence(call=AwsCall("sts:GetSessionToken", "https://sts.example.com", "AccessDenied"))


def report(*checks: CheckResult, assumptions: tuple[str, ...] = (), principal: str | None = None) -> Report:
    return Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=False,
        principal=principal,
        policy={},
        permissions=(),
        checks=checks,
        assumptions=assumptions,
    )


@pytest.mark.parametrize("output", FORMATS)
def test_every_format_ends_in_one_newline(output: str) -> None:
    text = render(report(CheckResult("policy.minimal", Status.PASS, "good")), output, Style())
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_json_is_the_report() -> None:
    one = report(CheckResult("principal.allowed", Status.FAIL, "denied", (DENIED,)))
    document = json.loads(render(one, "json", Style(colour=True)))
    assert document == Reports((one,)).to_dict()
    assert document["reports"] == [one.to_dict()]


def test_the_table() -> None:
    remedy = Remedy("allow it", {"Version": "2012-10-17"})
    text = render(
        report(
            CheckResult("policy.sufficient", Status.PASS, "good", (ALLOWED,)),
            CheckResult("principal.allowed", Status.FAIL, "denied", (ALLOWED, DENIED), remedy=remedy),
            CheckResult("sts.active", Status.UNKNOWN, "sts:GetSessionToken at https://sts.example.com: no", (ASKED,)),
            assumptions=("nothing else denies",),
            principal="arn:aws:iam::123456789012:role/ci",
        ),
        "table",
        Style(),
    )
    assert text == (
        "Endpoint         churn\n"
        "Endpoint config  churn-v7\n"
        "Account, Region  123456789012, eu-west-1\n"
        "Principal        arn:aws:iam::123456789012:role/ci\n"
        "\n"
        "pass     policy.sufficient: good\n"
        "fail     principal.allowed: denied\n"
        "         - a:Two on arn:two: implicitDeny (no Allow matched)\n"
        "         > allow it\n"
        "           {\n"
        '             "Version": "2012-10-17"\n'
        "           }\n"
        "unknown  sts.active: sts:GetSessionToken at https://sts.example.com: no\n"
        "\n"
        "Assumed, or not covered:\n"
        "  - nothing else denies\n"
        "\n"
        "Verdict: fail\n"
    )


@given(st.integers(40, 120), st.lists(st.text("abc -.", min_size=1, max_size=30), min_size=1, max_size=40))
def test_no_line_is_wider_than_the_screen_and_no_word_is_lost(width: int, words: list[str]) -> None:
    summary = " ".join(" ".join(words).split()) or "none"
    text = render(report(CheckResult("policy.minimal", Status.FAIL, summary)), "table", Style(width=width))
    check = text.split("\n\n")[1]
    assert all(len(line) <= max(width, 40) for line in check.splitlines())
    assert "".join(check.split()) == "".join(f"fail policy.minimal: {summary}".split())


def test_colour_changes_nothing_else() -> None:
    one = report(CheckResult("policy.minimal", Status.FAIL, "denied", (DENIED,)))
    coloured = render(one, "table", Style(colour=True))
    assert "\x1b[31;1mfail\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(one, "table", Style())


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (ALLOWED, "a:One on arn:one: allowed"),
        (Evidence("a:One", decision=Decision.ALLOWED, certain=False), "a:One: allowed (not certain)"),
        (ASKED, "sts:GetSessionToken at https://sts.example.com: AccessDenied"),
        (
            Evidence(call=AwsCall("sts:GetCallerIdentity", "", "no credentials")),
            "sts:GetCallerIdentity: no credentials",
        ),
        (Evidence(note="a sentence"), "a sentence"),
        (
            Evidence(
                "a:One", "r", Decision.EXPLICIT_DENY, decided_by=StatementRef(PolicyType.SCP, "p", None, 2, line=7)
            ),
            "Statement[2]",
        ),
        (
            Evidence("a:One", "r", Decision.EXPLICIT_DENY, decided_by=StatementRef(PolicyType.SCP, "p", "Sid", 2)),
            "statement Sid",
        ),
        (
            Evidence("a:One", "r", Decision.EXPLICIT_DENY, decided_by=StatementRef(PolicyType.SCP, "p", None, None)),
            "a statement",
        ),
    ],
)
def test_evidence(evidence: Evidence, text: str) -> None:
    found = evidence_text(evidence)
    assert text in found
    assert evidence.decided_by is not None or found == text


def test_regions() -> None:
    regions = (
        RegionResult("eu-west-1", StsState.ACTIVE, Status.PASS, "STS issues credentials", (ASKED,)),
        RegionResult("us-east-1", StsState.UNKNOWN, Status.UNKNOWN, "not proved", (ASKED,), Remedy("try again")),
        RegionResult("af-south-1", StsState.REGION_NOT_ENABLED, Status.FAIL, "not enabled"),
    )
    assert sts_format.render(StsReport(regions), "table", Style()) == (
        "eu-west-1   pass     active: STS issues credentials\n"
        "us-east-1   unknown  not proved\n"
        "            - sts:GetSessionToken at https://sts.example.com: AccessDenied\n"
        "            > try again\n"
        "af-south-1  fail     region-not-enabled: not enabled\n"
        "\n"
        "Verdict: fail\n"
    )
    assert json.loads(sts_format.render(StsReport(regions), "json", Style()))["verdict"] == "fail"
