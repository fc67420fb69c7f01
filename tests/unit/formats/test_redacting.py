"""`--redact`: no account id and no name of a principal is left in any format, and each keeps its number."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks.excess import Excess
from iamcheck.checks.report import Report, Reports
from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.deployment.located import WrittenDeployment
from iamcheck.deployment.requests import written_request
from iamcheck.deployment.unknown import Tool
from iamcheck.formats import FORMATS, Style, render
from iamcheck.formats.redacting import redacted
from iamcheck.iam.model import Decision, Place, PolicyType, Request, StatementRef
from iamcheck.iam.model.json_text import read_object
from iamcheck.permissions import RequiredPermission
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, NotCovered, Remedy, Status
from tests.profiles import examples

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT: Final = "123456789012"
OTHER: Final = "210987654321"
NAME = st.from_regex(r"\A[a-zA-Z0-9+=,.@_-]{3,20}zqx\Z")
"""Names that no text of iamcheck has by chance."""
PATH = st.sampled_from(("", "team/", "Ab1zqx/deep/"))


def arn(kind: str, name: str, account: str = ACCOUNT, path: str = "") -> str:
    service = "sts" if kind == "assumed-role" else "iam"
    return f"arn:aws:{service}::{account}:{kind}/{path}{name}"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Report, set[str]]:
    """A report that speaks of principals in each of its texts, and what must not be left of them."""
    user, role, session, group, other = (draw(NAME) for _ in range(5))
    path = draw(PATH)
    texts = [
        f"User: {arn('assumed-role', f'{role}/{session}')} is not authorized to perform: sagemaker:CreateEndpoint",
        f"a policy of role {role}, of user {user} and of {arn('user', user, path=path)}.",
        f"{arn('role', role, OTHER, path)}: account {OTHER} (group {group})",
        f"[{arn('group', group)}] `{session}`; AROAEXAMPLEUNIQUEIDZQ:{session}",
    ]
    text = st.sampled_from(texts)
    by = StatementRef(
        PolicyType.IDENTITY, f"own (inline, of group {other})", user, 0, 3, file=f"roles/{role}.json", column=1
    )
    evidence = Evidence(
        "sagemaker:CreateEndpoint",
        f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn",
        Decision.EXPLICIT_DENY,
        True,
        by,
        AwsCall("iam:GetRole", "https://iam.amazonaws.com", draw(text)),
        draw(text),
        (draw(text),),
        draw(text),
        Place(f"{session}.yaml", 3, 1, f"Resources.{user}"),
    )
    policy: dict[str, Any] = {
        "Statement": [{"Principal": {"AWS": [arn("role", role)]}, "Condition": {"ArnLike": {draw(text): user}}}]
    }
    checks = tuple(
        CheckResult(
            check.value, draw(st.sampled_from(Status)), draw(text), (evidence,), remedy=Remedy(draw(text), policy)
        )
        for check in draw(st.lists(st.sampled_from(CheckId), unique=True, min_size=1, max_size=3))
    )
    request = Request(
        "iam:PassRole", arn("role", role, path=path), arn("user", user), {"aws:username": user, "aws:userid": session}
    )
    report = Report(
        deployment(session) if draw(st.booleans()) else PartialDeployment("churn", None, region="eu-west-1"),
        "create",
        "local",
        offline=draw(st.booleans()),
        principal=arn("assumed-role", f"{role}/{session}"),
        policy=policy,
        permissions=(RequiredPermission(request, draw(text), "https://docs.aws.amazon.com/page.html"),),
        checks=checks,
        assumptions=tuple(texts),
        not_covered=(NotCovered(draw(text), Place(f"{role}.yaml", 1, 1, group), draw(text)),),
        excess=draw(st.sampled_from(((), (Excess(0, (), (), (), (), "2026-01-01", f"policies of {user}"),)))),
    )
    return report, {user, role, session, group, other, ACCOUNT, OTHER, "AROAEXAMPLEUNIQUEIDZQ"}


def deployment(name: str) -> Deployment:
    place = Place(f"{name}.yaml", 1, 1, name)
    request = written_request(read_object({"EndpointName": "churn"}), "CreateEndpoint", place)
    made = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
    return replace(made, written=WrittenDeployment(Tool.CLOUDFORMATION, f"{name}.yaml", request))


def plain(text: str) -> str:
    """A text as its reader has it, whatever the format escapes, and with the lines of a table joined."""
    decoded = unescape(text).replace("\\", "")
    for code, char in (("%2C", ","), ("%3A", ":"), ("%40", "@"), ("%2B", "+"), ("%3D", "="), ("%25", "%")):
        decoded = decoded.replace(code, char)
    return decoded + "".join(decoded.split())


@examples(80)
@given(world=worlds(), verbose=st.booleans())
def test_nothing_is_left_in_any_format(world: tuple[Report, set[str]], verbose: bool) -> None:
    report, hidden = world
    for whole in (redacted(report), redacted(Reports((report, report)))):
        for output in FORMATS:
            text = plain(render(whole, output, Style(explain=True, verbose=verbose)))
            assert [name for name in hidden if name in text] == [], output


@examples(40)
@given(world=worlds())
def test_the_rest_stays(world: tuple[Report, set[str]]) -> None:
    report, _ = world
    made = redacted(report)
    assert isinstance(made, Report)
    assert made.verdict is report.verdict
    assert [(one.id, one.status) for one in made.checks] == [(one.id, one.status) for one in report.checks]
    assert made.deployment.region == "eu-west-1"
    assert redacted(report) == made
    assert redacted(made) == made
    assert report.principal is not None
    assert ACCOUNT in report.principal


def redacted_texts(*texts: str, principal: str | None = None) -> Mapping[str, object]:
    made = redacted(
        Report(
            Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT),
            "create",
            "local",
            offline=True,
            principal=principal,
            policy=None,
            permissions=(),
            checks=(),
            assumptions=texts,
        )
    )
    assert isinstance(made, Report)
    return {"principal": made.principal, "texts": list(made.assumptions)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{arn('user', 'ann')} and user ann", "arn:aws:iam::ACCOUNT-1:user/PRINCIPAL-1 and user PRINCIPAL-1"),
        (f"{arn('role', 'ci', OTHER)}, {ACCOUNT}", "arn:aws:iam::ACCOUNT-2:role/PRINCIPAL-1, ACCOUNT-1"),
        (f"{arn('role', 'ci', path='a/b/')} ci", "arn:aws:iam::ACCOUNT-1:role/PRINCIPAL-1 PRINCIPAL-1"),
        (
            f"{arn('assumed-role', 'ci/me@x.org')} me@x.org",
            "arn:aws:sts::ACCOUNT-1:assumed-role/PRINCIPAL-1/PRINCIPAL-2 PRINCIPAL-2",
        ),
        (
            f"{arn('user', 'ann')} {arn('user', 'ann-2')}",
            "arn:aws:iam::ACCOUNT-1:user/PRINCIPAL-1 arn:aws:iam::ACCOUNT-1:user/PRINCIPAL-2",
        ),
        (f"{arn('role', 'ci', path='a/b/')} b/ci", "arn:aws:iam::ACCOUNT-1:role/PRINCIPAL-1 b/PRINCIPAL-1"),
        (f"{arn('assumed-role', 'ci')} ci, x", "arn:aws:sts::ACCOUNT-1:assumed-role/PRINCIPAL-1 PRINCIPAL-1, x"),
        (f"arn:aws:iam::{ACCOUNT}:role/*", "arn:aws:iam::ACCOUNT-1:role/*"),
        (f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::ACCOUNT-1:root"),
        ("1234567890123 12345678901", "1234567890123 12345678901"),
        ("AIDAEXAMPLEEXAMPLE", "PRINCIPAL-1"),
        ("own (inline, of group ml): ml", "own (inline, of group PRINCIPAL-1): PRINCIPAL-1"),
        ("the groups of user ann.", "the groups of user PRINCIPAL-1."),
        ("the permissions of role and user", "the permissions of role and user"),
    ],
)
def test_what_stands_for_names(text: str, expected: str) -> None:
    assert redacted_texts(text)["texts"] == [expected]


def test_who_deploys_is_the_first_principal() -> None:
    made = redacted_texts(arn("role", "other"), "then mine", principal=arn("role", "mine"))
    assert made == {
        "principal": "arn:aws:iam::ACCOUNT-1:role/PRINCIPAL-1",
        "texts": ["arn:aws:iam::ACCOUNT-1:role/PRINCIPAL-2", "then PRINCIPAL-1"],
    }


def test_the_json_report_keeps_its_schema() -> None:
    made = redacted(
        Report(
            Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT),
            "create",
            "local",
            offline=True,
            principal=None,
            policy=None,
            permissions=(),
            checks=(CheckResult("policy.minimal", Status.PASS, "good"),),
        )
    )
    document = json.loads(render(made, "json", Style()))
    assert re.fullmatch(r"ACCOUNT-1", document["reports"][0]["deployment"]["account_id"])
