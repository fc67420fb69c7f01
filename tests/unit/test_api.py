"""The library's main job: the same as the command's, from Python values."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck import UNREAD, Deployment, InvalidInputError, LocalIAM, Policy, PolicySet, Verdict
from iamcheck.checks.keywords import DoorKeywords
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import KEYWORDS
from tests.examples import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.server import LoopbackAws

DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
ALLOW: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}],
}
LOCK: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Lock",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}},
        }
    ],
}
DENY_ALL: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"},
}
NARROW: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "sagemaker:CreateEndpoint", "Resource": "*"},
}


def statuses(report: iamcheck.Report) -> dict[str, str]:
    return {check.id: check.status.value for check in report.checks}


def test_offline() -> None:
    report = iamcheck.check(DEPLOYMENT, offline=True)
    assert report.verdict is Verdict.PASS
    assert str(report.verdict) == "pass"
    assert report.policy == iamcheck.generate_policy(DEPLOYMENT)
    assert json.loads(json.dumps(report.to_dict()))["verdict"] == "pass"


@pytest.mark.parametrize(
    "form", [dict, json.dumps, lambda one: Policy.parse(one, name="own")], ids=["dict", "text", "Policy"]
)
@pytest.mark.parametrize(
    ("layers", "verdict"),
    [
        ({"policies": [ALLOW]}, "pass"),
        ({"policies": [NARROW]}, "fail"),
        ({"policies": [ALLOW], "boundary": NARROW}, "fail"),
        ({"policies": [ALLOW], "scps": [[ALLOW], [ALLOW, LOCK]]}, "fail"),
        ({"scps": [[ALLOW]]}, "pass"),
    ],
)
def test_policies_in_every_form(form: Callable[[object], Any], layers: Mapping[str, Any], verdict: str) -> None:
    made: dict[str, Any] = {}
    for name, value in layers.items():
        made[name] = (
            form(value)
            if name == "boundary"
            else [[form(one) for one in level] for level in value]
            if name == "scps"
            else [form(one) for one in value]
        )
    assert iamcheck.check(DEPLOYMENT, offline=True, **made).verdict == verdict


def test_resource_and_resource_control_policies() -> None:
    everyone = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    }
    nobody = {**everyone, "Statement": {**everyone["Statement"], "Effect": "Deny"}}  # type: ignore[dict-item]  # a statement
    given: dict[str, Any] = {"policies": [ALLOW], "offline": True}
    assert iamcheck.check(DEPLOYMENT, rcps=[[everyone]], **given).verdict == "pass"
    # RCPs do not act on SageMaker: AWS stores none that denies its actions, and one of S3 changes nothing
    denial = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    of_sagemaker = {"Version": "2012-10-17", "Statement": {**denial, "Action": "sagemaker:*"}}
    of_s3 = {"Version": "2012-10-17", "Statement": {**denial, "Action": "s3:*"}}
    with pytest.raises(InvalidInputError, match=r"rcp 2 of level 1.*sagemaker"):
        iamcheck.check(DEPLOYMENT, rcps=[[everyone, of_sagemaker]], **given)
    assert iamcheck.check(DEPLOYMENT, rcps=[[everyone, of_s3]], **given).verdict == "pass"
    arn = DEPLOYMENT.endpoint_arn
    assert iamcheck.check(DEPLOYMENT, resource_policies={arn: nobody}, **given).verdict == "fail"
    with pytest.raises(InvalidInputError, match="resource policy"):
        iamcheck.check(DEPLOYMENT, resource_policies={"churn": nobody}, **given)


def test_a_whole_policy_set() -> None:
    allow, lock = Policy.parse(ALLOW, name="allow"), Policy.parse(LOCK, name="lock")
    whole = PolicySet(identity=[allow], scps=[[allow, lock]])
    report = iamcheck.check(DEPLOYMENT, policies=whole, offline=True)
    assert report.verdict == "fail"
    with pytest.raises(iamcheck.PreflightFailed, match="Lock") as failed:
        report.raise_for_verdict()
    assert failed.value.report is report


@pytest.mark.parametrize(
    ("policies", "says"), [(ALLOW, "a list"), (json.dumps(ALLOW), "a list"), ([], "no policy"), ([{}], "policy 1")]
)
def test_what_is_no_list_of_policies(policies: Any, says: str) -> None:  # noqa: ANN401  the wrong types are the test
    with pytest.raises(InvalidInputError, match=says):
        iamcheck.check(DEPLOYMENT, policies=policies, offline=True)


def test_context_and_absent() -> None:
    mfa = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
            },
        ],
    }
    given: dict[str, Any] = {"policies": [mfa], "offline": True}
    unknown = iamcheck.check(DEPLOYMENT, **given)
    with pytest.raises(iamcheck.PreflightUnknown, match="aws:MultiFactorAuthPresent"):
        unknown.raise_for_verdict()
    assert iamcheck.check(DEPLOYMENT, context={"aws:MultiFactorAuthPresent": True}, **given).verdict == "pass"
    assert iamcheck.check(DEPLOYMENT, context={"aws:MultiFactorAuthPresent": False}, **given).verdict == "fail"
    assert iamcheck.check(DEPLOYMENT, absent=["aws:MultiFactorAuthPresent"], **given).verdict == "pass"
    with pytest.raises(InvalidInputError, match="true or false"):
        iamcheck.check(DEPLOYMENT, context={"aws:MultiFactorAuthPresent": "flase"}, **given)


@pytest.mark.parametrize("engine", ["remote", ""])
def test_no_such_engine(engine: str) -> None:
    with pytest.raises(InvalidInputError, match="no engine"):
        iamcheck.check(DEPLOYMENT, offline=True, engine=engine)


DETAILS = {
    "UserDetailList": [],
    "GroupDetailList": [],
    "Policies": [],
    "RoleDetailList": [
        {
            "RoleName": "ci",
            "Arn": "arn:aws:iam::123456789012:role/ci",
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": ALLOW}],
            "AttachedManagedPolicies": [],
        }
    ],
}


def test_local_iam_in_place_of_aws(aws: LoopbackAws) -> None:
    iam = LocalIAM(account_id="123456789012", authorization_details=DETAILS)
    report = iamcheck.check(
        DEPLOYMENT,
        iam=iam,
        sts=aws.client("sts"),
        sagemaker=aws.client("sagemaker"),
        principal="arn:aws:iam::123456789012:role/ci",
    )
    assert (report.verdict, report.principal) == ("pass", "arn:aws:iam::123456789012:role/ci")
    assert not [action for action in aws.actions if action.startswith("iam:")]


def test_a_session(aws: LoopbackAws) -> None:
    user = aws.create_user("deployer", policy=ALLOW)
    report = iamcheck.check(DEPLOYMENT, session=aws.session(user))
    assert (report.verdict, report.principal, report.account_id) == ("pass", user.arn, "123456789012")


def test_clients_alone(aws: LoopbackAws) -> None:
    report = iamcheck.check(DEPLOYMENT, iam=aws.client("iam"), sts=aws.client("sts"), sagemaker=aws.client("sagemaker"))
    assert statuses(report) == {
        "policy.sufficient": "pass",
        "policy.minimal": "pass",
        "principal.allowed": "pass",
        "sts.active": "pass",
        "endpoint-config.ready": "pass",
        "endpoint-name.ready": "pass",
    }


def test_a_client_of_another_region_is_not_asked(aws: LoopbackAws) -> None:
    sagemaker = aws.client("sagemaker", region_name="eu-central-1")
    report = iamcheck.check(DEPLOYMENT, session=aws.session(), sagemaker=sagemaker)
    assert statuses(report)["endpoint-name.ready"] == "unknown"
    (found,) = [check for check in report.checks if check.id == "endpoint-name.ready"]
    assert "for eu-central-1, not for eu-west-1" in found.summary
    assert not {action for action in aws.actions if action.startswith("sagemaker:")}


def test_credentials_of_another_account(aws: LoopbackAws) -> None:
    with pytest.raises(InvalidInputError, match="210987654321"):
        iamcheck.check(DEPLOYMENT, session=aws.session(aws.root(account_id="210987654321")))


def test_skipped_and_asked_for() -> None:
    report = iamcheck.check(DEPLOYMENT, offline=True, skip=["policy.minimal"], checks=["policy.sufficient"])
    assert statuses(report) == {
        "policy.sufficient": "pass",
        **dict.fromkeys(
            ("policy.minimal", "principal.allowed", "sts.active", "endpoint-config.ready", "endpoint-name.ready"),
            "skipped",
        ),
    }


def test_a_report_is_neither_true_nor_false() -> None:
    reports = iamcheck.check_all([DEPLOYMENT], offline=True)
    for one in (reports, reports.reports[0]):
        with pytest.raises(TypeError, match="verdict"):
            bool(one)


def test_every_keyword_of_check_is_one_of_check_all() -> None:
    keywords = inspect.get_annotations(DoorKeywords).keys() | {"deployment"}
    assert set(inspect.signature(iamcheck.check).parameters) == keywords - {"region", "account_id"}


def test_check_all_reports_each_deployment_in_order() -> None:
    other = Deployment("other", "churn-v7", region="eu-central-1", account_id="123456789012")
    reports = iamcheck.check_all([DEPLOYMENT, other], offline=True, policies=[ALLOW], scps=[[ALLOW, LOCK]])
    assert isinstance(reports, iamcheck.Reports)
    assert [(one.deployment, one.verdict.value) for one in reports.reports] == [(DEPLOYMENT, "fail"), (other, "pass")]
    assert reports.verdict == "fail"


def test_a_keyword_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="polcies"):
        iamcheck.check_all([DEPLOYMENT], offline=True, polcies=[ALLOW])  # type: ignore[call-arg]  # the error is the test


@pytest.mark.parametrize(
    ("given", "where", "cure"),
    [
        ({"engine": "both"}, "engine", "leave out offline"),
        ({"principal": "arn:aws:iam::123456789012:role/ci"}, "principal", "give policies or authorization_details"),
        ({"excess": True}, "excess", "give policies"),
        ({"organizations": "aws"}, "organizations aws", "ignore or a folder"),
        ({"checks": ["sts.active"]}, "checks", "leave out offline"),
        ({"pin": True}, "pin", "give create_endpoint, create_endpoint_config or path"),
        ({"scope": ""}, "scope", "one of create"),
        ({"scps": UNREAD}, "scps", "a PolicySet with UNREAD as policies"),
        ({"boundary": UNREAD}, "boundary", "a PolicySet with UNREAD as policies"),
        ({"policies": UNREAD}, "policies", "a PolicySet with UNREAD as policies"),
        ({"context": {"aws:SecureTransport": "perhaps"}}, "context aws:SecureTransport", ""),
    ],
)
def test_errors_of_the_library_name_keywords(given: dict[str, Any], where: str, cure: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        iamcheck.check(DEPLOYMENT, offline=True, **given)
    assert caught.value.where == where
    assert cure in caught.value.cure
    assert not re.search(r"--[a-z]", str(caught.value))


def test_what_is_not_settled_names_keywords_too(tmp_path: Path) -> None:
    template = tmp_path / "t.json"
    endpoint = {"EndpointName": {"Ref": "Stage"}, "EndpointConfigName": "churn-v7"}
    resources = {"E": {"Type": "AWS::SageMaker::Endpoint", "Properties": endpoint}}
    parameters = {"Stage": {"Type": "String"}}
    template.write_text(json.dumps({"Parameters": parameters, "Resources": resources}), encoding="utf-8")
    with pytest.raises(UnsettledError) as caught:
        iamcheck.deployments_from_file(str(template), region="eu-west-1", account_id="123456789012")
    assert "give parameters Stage=VALUE" in str(caught.value)
    assert not re.search(r"--[a-z]", str(caught.value))


def test_every_flag_that_an_error_may_name_has_one_keyword() -> None:
    assert all(re.fullmatch(r"--[a-z-]+", flag) for flag in KEYWORDS)
    assert len(set(KEYWORDS.values())) == len(KEYWORDS)


def test_session_policies_alone_are_layers_too() -> None:
    report = iamcheck.check(DEPLOYMENT, offline=True, session_policies=[json.dumps(DENY_ALL)])
    assert statuses(report)["principal.allowed"] == "fail"


def test_no_scope_is_that_of_the_plan() -> None:
    deployments = iamcheck.deployments_from_file(str(CASES / "plans" / "rollout.json"))
    words: Any = {"offline": True, "skip": ["all"]}
    assert [one.scope for one in iamcheck.check_all(deployments, scope=None, **words).reports] == ["update", "create"]
    assert [one.scope for one in iamcheck.check_all(deployments, **words).reports] == ["update", "create"]


def test_a_client_that_names_no_url_has_an_empty_one_in_the_evidence() -> None:
    class Meta:
        region_name = "eu-west-1"

    class SageMaker:
        meta = Meta()

        def describe_endpoint_config(self, **words: str) -> dict[str, object]:
            return {**words, "ProductionVariants": [{"VariantName": "a", "ModelName": "m"}]}

        def describe_model(self, **words: str) -> dict[str, str]:
            return words

        def describe_endpoint(self, **words: str) -> dict[str, str]:
            return {**words, "EndpointStatus": "InService"}

    report = iamcheck.check(
        DEPLOYMENT,
        sagemaker=SageMaker(),  # type: ignore[arg-type]  # a stand-in has what is called and no more
        checks=["endpoint-config.ready", "endpoint-name.ready", "models.exist"],
        skip=["principal.allowed", "sts.active"],
        config="existing",
    )
    calls = [one.call for check in report.checks for one in check.evidence if one.call is not None]
    assert [(call.operation, call.endpoint) for call in calls] == [
        ("sagemaker:DescribeEndpointConfig", ""),
        ("sagemaker:DescribeEndpoint", ""),
        ("sagemaker:DescribeModel", ""),
    ]
