"""The verdict over checks, the headline, and the JSON form."""

from __future__ import annotations

import itertools

import pytest

from iamcheck.checks.report import PreflightFailed, PreflightUnknown, Report
from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import Decision, PolicyType, Request, StatementRef
from iamcheck.permissions import RequiredPermission
from iamcheck.results import AwsCall, CheckResult, Evidence, Remedy, Status, Verdict, could_not_ask, verdict_of

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
    by = StatementRef(PolicyType.SCP, "lock.json", "Lock", 0, line=4)
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
        permissions=(RequiredPermission(request, "needed", "https://docs.aws.amazon.com/"),),
        checks=(found,),
        assumptions=("one",),
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
                    "decided_by": {"policy_type": "scp", "policy": "lock.json", "sid": "Lock", "index": 0, "line": 4},
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
            "asked_by": None,
        }
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
