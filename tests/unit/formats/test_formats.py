"""Reports as text and as JSON: nothing lost, nothing said twice, nothing wider than the screen."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks.report import Report, Reports
from iamcheck.checks.sts import StsState
from iamcheck.checks.sts._regions import RegionResult, StsReport
from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.formats import FORMATS, Style, render, sts_format
from iamcheck.formats.causes import evidence_text
from iamcheck.formats.text import escaped
from iamcheck.iam.model import Decision, Place, PolicyType, Request, StatementRef
from iamcheck.permissions import RequiredPermission
from iamcheck.results import AwsCall, CheckResult, Evidence, NotCovered, Remedy, Status

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
        "Verdict: fail\n"
        "Endpoint   churn, with config churn-v7\n"
        "Place      eu-west-1, account 123456789012\n"
        "Principal  arn:aws:iam::123456789012:role/ci\n"
        "\n"
        "fail     principal.allowed: 1 of 2 calls is not allowed\n"
        "         implicitDeny (no Allow matched):\n"
        "         - a:Two on arn:two\n"
        "         > allow it\n"
        "           {\n"
        '             "Version": "2012-10-17"\n'
        "           }\n"
        "unknown  sts.active: sts:GetSessionToken at https://sts.example.com: no\n"
        "pass     policy.sufficient: good\n"
        "\n"
        "This verdict covers 3 checks; it rests on 1 assumption (--verbose lists them).\n"
    )


def test_what_a_short_table_folds_is_whole_in_a_verbose_one() -> None:
    good = f"every statement is needed, {'and nothing beyond the need is allowed ' * 3}".strip()
    assumed = ("nothing else denies (--policy gives it)", "no SCPs apply")
    one = report(CheckResult("policy.minimal", Status.PASS, good), assumptions=assumed)
    short, whole = (render(one, "table", Style(verbose=verbose)) for verbose in (False, True))
    (passed,) = [line for line in short.splitlines() if line.startswith("pass")]
    assert passed.endswith(" ...")
    assert len(passed) <= 80
    assert short.endswith("assumptions (--verbose says more):\n  - nothing else denies\n  - no SCPs apply\n")
    assert "--policy gives it" not in short
    assert f"policy.minimal: {good}" in " ".join(whole.split())
    assert "Assumed:\n  - nothing else denies (--policy gives it)\n  - no SCPs apply\n" in whole
    assert whole.endswith("it rests on 2 assumptions.\n")


LOCK = StatementRef(PolicyType.SCP, "lock.json", "RegionLock", 0, line=2)
WHY = "Condition StringNotEquals aws:RequestedRegion: the request has eu-west-1, the policy exempts eu-central-1"
ARN = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/{'a-long-name-' * 5}abc"


def test_one_statement_that_denies_three_calls_is_one_block() -> None:
    denied = tuple(
        Evidence(action, ARN, Decision.EXPLICIT_DENY, certain=True, decided_by=LOCK, nearest=(f"{LOCK}: {WHY}",))
        for action in ("sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint", "sagemaker:AddTags")
    )
    text = render(report(CheckResult("principal.allowed", Status.FAIL, "denied", denied)), "table", Style())
    lines = text.splitlines()
    assert " ".join(text.split()).count("RegionLock") == 1
    assert " ".join(text.split()).count("the policy exempts eu-central-1") == 1
    assert lines[0] == "Verdict: fail"
    assert "RegionLock" in "".join(lines[:8])
    assert "".join(text.split()).count(ARN) == 1
    assert all(f"sagemaker:{action}" in text for action in ("CreateEndpointConfig", "CreateEndpoint,", "AddTags"))
    assert len(lines) <= 22


@pytest.mark.parametrize(
    ("arn", "lines"),
    [
        (f"arn:aws:iam::123456789012:role/{'team-' * 6}/ci", 1),
        (ARN, 2),
        (f"arn:aws:iam::123456789012:role/{'department-of-forecasts/' * 4}ci", 3),
    ],
)
def test_an_arn_is_whole_in_its_line_or_breaks_behind_a_colon_or_a_slash(arn: str, lines: int) -> None:
    denied = Evidence("sagemaker:CreateEndpoint", arn, Decision.IMPLICIT_DENY, certain=True)
    text = render(report(CheckResult("principal.allowed", Status.FAIL, "denied", (denied,))), "table", Style())
    shown = text.split("sagemaker:CreateEndpoint on\n")[1].splitlines()[:lines]
    assert "".join(line.strip() for line in shown) == arn
    assert all(line.endswith((":", "/")) and len(line) <= 80 for line in shown[:-1])


def test_a_short_table_names_no_conditions_where_a_statement_has_none() -> None:
    always = f"{LOCK}: Action sagemaker:* on Resource *, whatever the context"
    denied = Evidence("a:One", "arn:one", Decision.EXPLICIT_DENY, True, LOCK, nearest=(always,))
    one = report(CheckResult("principal.allowed", Status.FAIL, "denied", (denied,)))
    assert "whatever the context" not in render(one, "table", Style())
    assert "whatever the context" in render(one, "table", Style(verbose=True))


def test_what_came_near_for_one_call_alone_stays_beside_it() -> None:
    misses = (f"{LOCK}: Action has s3:*, the request a:One", f"{LOCK}: Resource has arn:two, the request arn:one")
    evidence = tuple(
        Evidence(action, "arn:one", Decision.IMPLICIT_DENY, certain=True, nearest=(miss,))
        for action, miss in zip(("a:One", "a:Two"), misses, strict=True)
    )
    text = render(report(CheckResult("principal.allowed", Status.FAIL, "denied", evidence)), "table", Style(width=160))
    first, second = text.split("- a:One on arn:one\n")[1].split("- a:Two on arn:one\n")
    assert misses[0] in first
    assert misses[1] in second


def test_a_remedy_does_not_name_the_statement_above_it_again() -> None:
    denied = Evidence("a:One", "arn:one", Decision.EXPLICIT_DENY, True, LOCK)
    remedy = Remedy(f"{LOCK} (level 2 from the root) denies it: ask the organization's administrator")
    text = render(
        report(CheckResult("principal.allowed", Status.FAIL, "denied", (denied,), remedy=remedy)), "table", Style()
    )
    assert "> this statement (level 2 from the root) denies it: ask the" in text


def test_one_failure_of_aws_is_one_block() -> None:
    asked = tuple(
        CheckResult(one, Status.UNKNOWN, "could not ask AWS: no credentials") for one in ("a.b", "c.d", "e.f")
    )
    text = render(report(*asked), "table", Style())
    assert text.count("could not ask AWS") == 1
    assert "unknown  a.b, c.d, e.f: could not ask AWS: no credentials\n" in text


def test_what_did_not_run_is_one_line_with_its_reasons() -> None:
    checks = (
        CheckResult("policy.minimal", Status.PASS, "good"),
        CheckResult("sts.active", Status.SKIPPED, "offline"),
        CheckResult("principal.allowed", Status.SKIPPED, "no policies"),
        CheckResult("endpoint-name.ready", Status.SKIPPED, "offline"),
    )
    text = render(report(*checks), "table", Style(width=120))
    assert "\nskipped  sts.active, endpoint-name.ready: offline; principal.allowed: no policies\n" in text
    assert text.splitlines()[-1] == ("This pass covers 1 check; it does not cover 3 skipped checks.")


def test_what_the_file_has_besides_is_listed() -> None:
    whole = Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=True,
        principal=None,
        policy={},
        permissions=(),
        checks=(CheckResult("policy.minimal", Status.PASS, "good"),),
        not_covered=(NotCovered("AWS::Lambda::Function", Place("t.yaml", 40, 3, "Resources.Fn"), "not judged"),),
    )
    text = render(whole, "table", Style(width=120))
    assert "  - AWS::Lambda::Function (t.yaml, line 40, Resources.Fn): not judged\n" in text
    assert text.endswith("This pass covers 1 check; it leaves out 1 other part of the file.\n")


def test_of_several_reports_the_worst_verdict_comes_first() -> None:
    passing, failing = (report(CheckResult("policy.minimal", one, "x")) for one in (Status.PASS, Status.FAIL))
    lines = render(Reports((passing, failing)), "table", Style()).splitlines()
    assert lines[0] == "Verdict on all 2 endpoints: fail"
    assert [line for line in lines if line.startswith("Verdict: ")] == ["Verdict: pass", "Verdict: fail"]


HOSTILE = [
    *("\x1b[32mpass\x1b[0m", "\x9b32m", "a\rb", "a\nVerdict: pass", "\x07\x08\x7f\x00", "\x85"),
    *("\u202eabc", "\u200fabc", "\u2066x\u2069", "\u200b\u200d\ufeff", "\u2028Verdict: pass", "\u2029", "\ud800"),
    *("\xa0\xad", "\u115f\u3164\u2800", "a\ufe0fb", "\U000e0041\U000e0100"),
]


def is_shown(char: str) -> bool:
    """Whether a terminal shows the character, and does nothing else with it."""
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and (
        char == " " or unicodedata.category(char) != "Zs"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_terminal_would_obey_is_shown_as_an_escape(text: str) -> None:
    shown = escaped(text)
    assert shown.isprintable()
    assert len(shown) > len(text)
    assert shown.isascii()
    assert escaped(shown) == shown


@given(st.text())
def test_no_text_can_do_more_than_be_shown(text: str) -> None:
    assert all(is_shown(char) for char in escaped(text))


@given(st.text(st.characters(categories=("L", "N", "P", "S", "M")) | st.just(" ")))
def test_letters_of_every_language_stay(text: str) -> None:
    assert all(char in text or char in "\\0123456789abcdefuxU" for char in escaped(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_of_a_report_reaches_a_terminal_as_it_is(text: str) -> None:
    by = StatementRef(PolicyType.SCP, text, text, 0, line=2)
    evidence = Evidence(
        text, text, Decision.EXPLICIT_DENY, True, by, AwsCall(text, text, text), text, (text, f"{by}: {text}"), text
    )
    remedy = Remedy(text, {text: text}, diff=f"-{text}\n+{text}")
    checks = (
        CheckResult("principal.allowed", Status.FAIL, text, (evidence,), remedy=remedy),
        CheckResult("sts.active", Status.UNKNOWN, text, (Evidence(note=text, nearest=(text,)),)),
        CheckResult("policy.minimal", Status.PASS, text),
        CheckResult("endpoint-name.ready", Status.SKIPPED, text),
    )
    deployment = PartialDeployment(text, text, region="eu-west-1")
    whole = Report(
        deployment,
        "create",
        "local",
        offline=True,
        principal=text,
        policy={},
        permissions=(RequiredPermission(Request("a:B", text), text, text),),
        checks=checks,
        assumptions=(text,),
        not_covered=(NotCovered(text, Place(text, path=text), text),),
    )
    for output in FORMATS:
        shown = render(whole, output, Style(explain=True))
        assert all(is_shown(char) for char in shown.replace("\n", ""))
        if output not in {"markdown", "html"}:  # the lines of a diff stand in a block of code there
            assert not [line for line in shown.split("\n")[1:] if line.startswith("Verdict: pass")]


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
