"""The verdict over checks, the headline, and the JSON form."""

from __future__ import annotations

import itertools
import json

import pytest

from iamcheck.checks.report import PreflightFailed, PreflightUnknown, Report, Reports
from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import Decision, Place, PolicyType, Request, StatementRef
from iamcheck.permissions import RequiredPermission
from iamcheck.results import (
    AwsCall,
    CheckResult,
    Evidence,
    NotCovered,
    Remedy,
    Status,
    Verdict,
    could_not_ask,
    evidence_to_dict,
    verdict_of,
)

DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")


def report(*checks: CheckResult, deployment: Deployment | PartialDeployment = DEPLOYMENT) -> Report:
    return Report(deployment, "create", "local", offline=True, principal=None, policy={}, permissions=(), checks=checks)


def check(status: Status, check_id: str = "policy.sufficient") -> CheckResult:
    return CheckResult(check_id, status, "a summary")


@pytest.mark.parametrize("statuses", [s for n in range(4) for s in itertools.product(Status, repeat=n)])
def test_a_verdict_is_pass_only_where_something_passes_and_nothing_speaks_against_it(
    statuses: tuple[Status, ...],
) -> None:
    verdict = verdict_of([check(status) for status in statuses])
    assert (verdict is Verdict.PASS) is (Status.PASS in statuses and not {Status.FAIL, Status.UNKNOWN} & set(statuses))
    assert (verdict is Verdict.FAIL) is (Status.FAIL in statuses)


def test_raise_for_verdict() -> None:
    report(check(Status.PASS)).raise_for_verdict()
    failed, unknown = report(check(Status.FAIL), check(Status.UNKNOWN)), report(check(Status.UNKNOWN))
    with pytest.raises(PreflightFailed) as first:
        failed.raise_for_verdict()
    assert first.value.report is failed
    with pytest.raises(PreflightUnknown) as second:
        unknown.raise_for_verdict()
    assert second.value.report is unknown


def test_the_headline_names_what_decided() -> None:
    checks = (check(Status.PASS), check(Status.FAIL, "policy.minimal"), check(Status.UNKNOWN, "sts.active"))
    assert report(*checks).headline() == "fail for churn (churn-v7) in eu-west-1: policy.minimal: a summary"
    assert report(check(Status.PASS)).headline() == "pass for churn (churn-v7) in eu-west-1"


def test_the_json_form_says_everything() -> None:
    by = StatementRef(PolicyType.SCP, "lock", "Lock", 0, line=4, column=7, file="lock.json")
    evidence = Evidence(
        "a:B",
        "arn",
        Decision.EXPLICIT_DENY,
        certain=True,
        decided_by=by,
        note="why",
        nearest=("nearly",),
        denial="not authorized",
    )
    remedy = Remedy("do this", {"Version": "2012-10-17"}, proved=True, diff="-a\n+b")
    found = CheckResult("principal.allowed", Status.FAIL, "denied", (evidence,), ("aws:sourceip",), remedy)
    request = Request(
        "a:B", "arn", context={"aws:TagKeys": ["x", "y"], "aws:RequestedRegion": "eu-west-1"}, absent=["k"]
    )
    whole = Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=True,
        principal="p",
        policy={"Version": "2012-10-17"},
        permissions=(
            RequiredPermission(
                request, "needed", "https://docs.aws.amazon.com/", where=Place("t.yaml", 3, 5, "Resources.Endpoint")
            ),
        ),
        checks=(found,),
        assumptions=("one",),
        not_covered=(
            NotCovered("AWS::Lambda::Function", Place("t.yaml", 40, 3, "Resources.Fn"), "no call of SageMaker"),
        ),
    ).to_dict()
    assert whole["checks"] == [
        {
            "id": "principal.allowed",
            "status": "fail",
            "summary": "denied",
            "evidence": [
                {
                    "action": "a:B",
                    "resource": "arn",
                    "decision": "explicitDeny",
                    "certain": True,
                    "denied_anyway": False,
                    "decided_by": {"policy_type": "scp", "policy": "lock", "sid": "Lock", "index": 0, "line": 4},
                    "where": {"file": "lock.json", "line": 4, "column": 7, "path": "Statement[0]"},
                    "call": None,
                    "note": "why",
                    "nearest": ["nearly"],
                    "denial": "not authorized",
                }
            ],
            "open_keys": ["aws:sourceip"],
            "remedy": {"text": "do this", "policy": {"Version": "2012-10-17"}, "proved": True, "diff": "-a\n+b"},
        }
    ]
    assert whole["permissions"] == [
        {
            "action": "a:B",
            "resource": "arn",
            "reason": "needed",
            "source": "https://docs.aws.amazon.com/",
            "context": {"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ["x", "y"]},
            "absent": ["k"],
            "where": {"file": "t.yaml", "line": 3, "column": 5, "path": "Resources.Endpoint"},
        }
    ]
    assert whole["not_covered"] == [
        {"what": "AWS::Lambda::Function", "where": "t.yaml, line 40, Resources.Fn", "why": "no call of SageMaker"}
    ]
    assert (whole["verdict"], whole["assumptions"], whole["principal"]) == ("fail", ["one"], "p")


def test_an_account_that_nobody_knows_is_null() -> None:
    names = PartialDeployment("churn", "churn-v7", region="cn-north-1")
    unplaced = report(check(Status.UNKNOWN), deployment=names)
    assert unplaced.account_id is None
    assert unplaced.to_dict()["deployment"] == {
        "endpoint_name": "churn",
        "endpoint_config_name": "churn-v7",
        "region": "cn-north-1",
        "account_id": None,
        "source": None,
        "partition": "aws-cn",
    }


def test_could_not_ask_names_operation_and_endpoint() -> None:
    error = AwsUnavailableError("no answer", operation="sts:GetCallerIdentity", endpoint="http://127.0.0.1:9")
    found = could_not_ask("sts.active", error)
    assert found.status is Status.UNKNOWN
    assert found.summary == "could not ask AWS: sts:GetCallerIdentity at http://127.0.0.1:9: no answer"
    assert found.evidence[0].call == AwsCall("sts:GetCallerIdentity", "http://127.0.0.1:9", "no usable answer")
    nowhere = AwsUnavailableError("Denied", operation="iam:GetRole", code="AccessDenied")
    assert could_not_ask("sts.active", nowhere).evidence[0].call == AwsCall("iam:GetRole", "", "AccessDenied")


@pytest.mark.parametrize(
    ("evidence", "where"),
    [
        (Evidence(note="no file"), None),
        (Evidence(decided_by=StatementRef(PolicyType.IDENTITY, "inline", None, 0, line=2)), None),
        (
            Evidence(decided_by=StatementRef(PolicyType.IDENTITY, "p.json", None, None, file="p.json")),
            {"file": "p.json", "line": None, "column": None, "path": "Statement"},
        ),
        (
            Evidence(where=Place("r.json", 3, 4, "Tags[0]")),
            {"file": "r.json", "line": 3, "column": 4, "path": "Tags[0]"},
        ),
        (Evidence(where=Place(label="endpoint config churn-v7 in eu-west-1", path="Tags")), None),
    ],
)
def test_evidence_points_at_the_file_behind_it_or_at_nothing(evidence: Evidence, where: object) -> None:
    assert evidence_to_dict(evidence)["where"] == where


def test_no_report_is_true_or_false() -> None:
    one = report(check(Status.PASS))
    for thing in (one, Reports((one,))):
        with pytest.raises(TypeError, match="verdict"):
            bool(thing)


KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    "text",
    [
        f"the value {KEY} is too long",
        "AKIAIOSFODNN7EXAMPLE",
        "https://user:hunter22@proxy.example.com",
        "DB_PASSWORD: x password=hunter22",
    ],
)
def test_what_looks_like_a_secret_is_in_no_text_of_the_report(text: str) -> None:
    evidence = Evidence(note=text, nearest=(text,), denial=text, call=AwsCall("sts:GetCallerIdentity", "", text))
    found = CheckResult("principal.allowed", Status.FAIL, text, (evidence,), remedy=Remedy(text, diff=text))
    permission = RequiredPermission(
        Request("a:B", "arn", context={"aws:RequestTag/x": text}), text, "https://docs.aws.amazon.com/"
    )
    whole = Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=True,
        principal=None,
        policy={"Statement": [{"Condition": {"StringEquals": {"aws:RequestTag/x": text}}}]},
        permissions=(permission,),
        checks=(found,),
        assumptions=(text,),
        not_covered=(NotCovered("x", Place("t.yaml"), text),),
    )
    shown = json.dumps(whole.to_dict())
    assert "***" in shown or "//proxy" in shown
    assert not any(secret in shown for secret in (KEY, "AKIAIOSFODNN7EXAMPLE", "hunter22"))


def test_names_as_long_as_a_key_stay_whole() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/" + "aB3" * 10 + "c"
    sid = "AllowTheEndpointOfTheTeamInProduction001"
    statement = {"Sid": sid, "Action": ["sagemaker:CreateEndpoint"], "Resource": [arn]}
    found = CheckResult("principal.allowed", Status.FAIL, f"denied on {arn}", (Evidence("a:B", arn),))
    whole = Report(
        DEPLOYMENT,
        "create",
        "local",
        offline=True,
        principal=None,
        policy={"Statement": [statement]},
        permissions=(RequiredPermission(Request("a:B", arn), "needed", "https://docs.aws.amazon.com/"),),
        checks=(found,),
    )
    assert len(sid) == 40
    assert "***" not in json.dumps(whole.to_dict())
