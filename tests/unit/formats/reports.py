"""Makes reports whose names and texts are hostile, each cause of which can be told apart by a word of its own."""

from __future__ import annotations

import json
import re
from typing import Final

from hypothesis import strategies as st

from iamcheck.checks.report import Report, Reports
from iamcheck.deployment import Deployment
from iamcheck.iam.model import Decision, Place, PolicyType, Request, StatementRef
from iamcheck.permissions import RequiredPermission
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Json, NotCovered, Remedy, Status

__all__ = ["HOSTILE", "SECRETS", "causes_in", "expected_causes", "report_lists"]

HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'\" onmouseover='x",
    "a | b || c \\| d",
    "`code` ``` ~~~",
    "\x1b[31mred\x07\x00\x7f\x9b",
    "right\u202eto left\u2066\u200f\u200b",
    "two\nlines\r\n::error::planted\n## heading\n- item",
    "]]> --> <!-- &amp; &#60; %0A%3A,:",
    "[text](javascript:alert(1)) ![](http://planted.example/x.png) <http://planted.example>",
    "@everyone #12 $x$ *bold* _it_ ~~s~~ {{ 7*7 }} {% x %}",
    "n" * 63,
    "\ufffe\uffff\udcff",
    "1. - + = ===",
)
"""Texts that some reader of some format would obey, or refuse to read."""

SECRETS: Final = ("hunter2hunter2", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab")
_WITH_SECRETS: Final = (f"password={SECRETS[0]}", SECRETS[1], SECRETS[2])

_ACCOUNT: Final = "123456789012"
_text = st.sampled_from(("plain", *HOSTILE, *_WITH_SECRETS))
_name = st.sampled_from(("churn", *HOSTILE))


def causes_in(text: str) -> set[str]:
    """The words by which causes are told apart, as far as a text has them."""
    return set(re.findall(r"\bcause\d+z\b", text))


def expected_causes(report: Report | Reports) -> set[str]:
    """The words of the causes of a report, from its JSON form."""
    reports = (report,) if isinstance(report, Report) else report.reports
    return {
        word
        for one in reports
        for check in one.checks
        if check.status in {Status.FAIL, Status.UNKNOWN}
        for word in causes_in(" ".join([check.summary, *(str(each.decided_by) for each in check.evidence)]))
    }


def _permission(number: int, name: str, text: str) -> RequiredPermission:
    where = Place(f"{name}.yaml", number + 3, 5, f"Resources.{name}")
    return RequiredPermission(
        Request(action=f"sagemaker:Create{number}", resource=f"arn:aws:sagemaker:eu-west-1:{_ACCOUNT}:endpoint/{name}"),
        text,
        "https://docs.aws.amazon.com/page.html",
        where,
    )


def _policy(name: str, text: str) -> dict[str, Json]:
    condition: Json = {"StringEquals": {"aws:PrincipalTag/team": text}}
    statement: Json = {"Sid": name, "Effect": "Allow", "Action": name, "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


@st.composite
def _check(draw: st.DrawFn, check_id: CheckId, number: int, permissions: tuple[RequiredPermission, ...]) -> CheckResult:
    status = draw(st.sampled_from(Status))
    text, name = draw(_text), draw(_name)
    against = status in {Status.FAIL, Status.UNKNOWN}
    summary = f"cause{number}z {text}" if against else f"fine{number}z {text}"
    remedy = None
    if against and draw(st.booleans()):
        remedy = Remedy(
            text, _policy(name, text), proved=draw(st.booleans()), diff=f"--- a\n+++ b\n+  {json.dumps(text)}"
        )
    if not (against and draw(st.booleans())):
        call = AwsCall("iam:GetRole", "https://iam.example.com", text)
        return CheckResult(
            check_id, status, summary, draw(st.sampled_from(((), (Evidence(call=call),)))), remedy=remedy
        )
    decision = Decision.EXPLICIT_DENY if status is Status.FAIL else Decision.ALLOWED
    by = StatementRef(PolicyType.SCP, f"{name}.json", f"cause{number}z", 0, line=4, file=f"{name}.json", column=3)
    evidence = tuple(
        Evidence(
            one.request.action,
            one.request.resource,
            decision,
            certain=status is Status.FAIL,
            decided_by=by,
            nearest=(text,),
            denial=text,
        )
        for one in permissions
    )
    # the summary of a check with decisions is not shown: the word of the cause is that of the statement
    return CheckResult(check_id, status, f"cause{number}z {text}", evidence, remedy=remedy)


@st.composite
def _report(draw: st.DrawFn, first: int) -> Report:
    permissions = tuple(
        _permission(number, draw(_name), draw(_text)) for number in range(draw(st.integers(min_value=1, max_value=3)))
    )
    ids = draw(st.lists(st.sampled_from(CheckId), unique=True, max_size=5))
    text = draw(_text)
    return Report(
        Deployment("churn", "n" * 63, region="eu-west-1", account_id=_ACCOUNT),
        "create",
        "local",
        offline=draw(st.booleans()),
        principal=draw(st.sampled_from((None, f"arn:aws:iam::{_ACCOUNT}:role/ci"))),
        policy=draw(st.sampled_from((None, _policy(draw(_name), text)))),
        permissions=permissions,
        checks=tuple(draw(_check(check_id, first + number, permissions)) for number, check_id in enumerate(ids)),
        assumptions=draw(st.sampled_from(((), (text, "assumed: no SCPs apply")))),
        not_covered=draw(st.sampled_from(((), (NotCovered(text, Place("t.yaml", 9, 3, "Resources.Fn"), text),)))),
    )


@st.composite
def report_lists(draw: st.DrawFn) -> Report | Reports:
    """One report, or several of one run."""
    count = draw(st.integers(min_value=0, max_value=3))
    reports = tuple(draw(_report(10 * number)) for number in range(max(count, 1)))
    return reports[0] if count == 1 else Reports(reports if count else ())
