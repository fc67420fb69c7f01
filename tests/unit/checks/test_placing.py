"""Where a deployment goes, who makes its calls, and what exists there: the facts that a check rests on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.api import resolve_deployment
from iamcheck.aws.session import Access
from iamcheck.checks.options import parse_options
from iamcheck.checks.placing import place
from iamcheck.deployment import Deployment, UnplacedDeployment
from iamcheck.deployment.located import UNKNOWN, Tool, WrittenCaller, WrittenDeployment, WrittenRequest
from iamcheck.deployment.resolving import draft_of
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place
from tests.examples import member_of

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.checks.keywords import CheckKeywords
    from tests.server import LoopbackAws

ACCOUNT, OTHER = "123456789012", "210987654321"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cloudformation"
HERE = Place("t.yaml", 3)
VARIANT: Any = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

ONLY_CI = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/ci"}},
        }
    ],
}


def written(tool: Tool = Tool.SDK, **more: Any) -> UnplacedDeployment:  # noqa: ANN401  fields of WrittenDeployment
    endpoint: Any = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    config: Any = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], "KmsKeyId": KEY}
    given: dict[str, Any] = {
        "endpoint": WrittenRequest("CreateEndpoint", member_of(endpoint, HERE), HERE),
        "config": WrittenRequest("CreateEndpointConfig", member_of(config, HERE), HERE),
        **more,
    }
    return draft_of(WrittenDeployment(tool, "t.yaml", **given))


def called_by(principal: Any, tool: Tool = Tool.TERRAFORM) -> UnplacedDeployment:  # noqa: ANN401  an ARN or UNKNOWN
    return written(tool, config=None, config_exists=True, caller=WrittenCaller(principal, (), HERE))


def actions(report: iamcheck.Report) -> set[str]:
    return {one.request.action for one in report.permissions}


def offline(deployment: UnplacedDeployment, **given: Any) -> iamcheck.Report:  # noqa: ANN401  keywords
    return iamcheck.check_all([deployment], offline=True, region="eu-west-1", account_id=ACCOUNT, **given).reports[0]


# --- what exists


@pytest.mark.parametrize("deployment", [written(), UnplacedDeployment("churn", "churn-v7")], ids=["file", "names"])
def test_an_endpoint_config_that_exists_is_neither_asked_about_nor_granted(deployment: UnplacedDeployment) -> None:
    report = offline(deployment, config="existing")
    assert actions(report) == {"sagemaker:CreateEndpoint"}
    assert report.policy is not None
    assert "sagemaker:CreateEndpointConfig" not in str(report.policy)


@pytest.mark.parametrize(
    ("key", "value"), [("aws:ResourceTag/frozen", "yes"), ("sagemaker:VolumeKmsKey", KEY), ("aws:TagKeys", "x")]
)
def test_a_file_does_not_speak_for_an_endpoint_config_that_exists(key: str, value: str) -> None:
    deny = {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*", "Condition": {"StringEquals": {key: value}}}
    report = offline(written(), config="existing", policies=[{**ALLOW, "Statement": [ALLOW["Statement"][0], deny]}])
    (allowed,) = (one for one in report.checks if one.id == "principal.allowed")
    expected = "pass" if key != "aws:ResourceTag/frozen" else "unknown"
    # the requests of CreateEndpoint have no key of a volume, and no tags
    assert allowed.status == expected


def test_a_template_with_the_endpoint_alone_uses_a_config_that_exists() -> None:
    report = offline(written(Tool.CLOUDFORMATION, config=None))
    assert "sagemaker:CreateEndpointConfig" not in actions(report)


def online(aws: LoopbackAws, **given: Any) -> iamcheck.Report:  # noqa: ANN401  keywords of check
    deployment = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
    return iamcheck.check(deployment, session=aws.session(aws.create_user("ci", policy=ALLOW)), **given)


def deploy(aws: LoopbackAws, **config: Any) -> None:  # noqa: ANN401  members of the request
    aws.sagemaker.create_model("m")
    aws.client("sagemaker").create_endpoint_config(
        EndpointConfigName="churn-v7", ProductionVariants=[VARIANT], **config
    )


def test_under_any_both_creates_are_asked_about_and_the_key_of_what_exists(aws: LoopbackAws) -> None:
    deploy(aws, KmsKeyId=KEY)
    report = online(aws)
    assert actions(report) == {"sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint", "kms:CreateGrant"}
    status = {one.id: one.status.value for one in report.checks}
    assert status["policy.sufficient"] == status["policy.minimal"] == status["endpoint-config.ready"] == "pass"


def test_under_any_the_tags_are_those_of_what_exists(aws: LoopbackAws) -> None:
    deploy(aws, Tags=[{"Key": "frozen", "Value": "yes"}])
    frozen = {"StringEquals": {"aws:ResourceTag/frozen": "yes"}}
    deny = {"Effect": "Deny", "Action": "sagemaker:CreateEndpoint", "Resource": "*", "Condition": frozen}
    policies = [{**ALLOW, "Statement": [ALLOW["Statement"][0], deny]}]
    report = online(aws, policies=policies, engine="local")
    (allowed,) = (one for one in report.checks if one.id == "principal.allowed")
    assert allowed.status == "fail"


OTHER_KEY = KEY.replace("1234abcd", "9876abcd")


def any_online(aws: LoopbackAws, **given: Any) -> iamcheck.Report:  # noqa: ANN401  keywords of check
    expected = given.get("config", "any")
    session = aws.session(aws.create_user(f"ci-{expected}", policy=ALLOW))
    keywords = {"config": expected, "region": "eu-west-1", "account_id": ACCOUNT, **given}
    return iamcheck.check_all([written()], session=session, **keywords).reports[0]


def test_under_any_the_grant_is_on_the_key_of_what_exists_and_the_difference_is_reported(aws: LoopbackAws) -> None:
    deploy(aws, KmsKeyId=OTHER_KEY)
    report = any_online(aws)
    grants = [one.request.resource for one in report.permissions if one.request.action == "kms:CreateGrant"]
    assert grants == [OTHER_KEY]
    checks = {one.id: one for one in report.checks}
    assert checks["policy.sufficient"].status == checks["policy.minimal"].status == "pass"
    ready = checks["endpoint-config.ready"]
    assert ready.status == "unknown"
    assert OTHER_KEY in ready.summary
    assert KEY in ready.summary
    # and the cure that it names settles it
    settled = {one.id: one.status for one in any_online(aws, config="existing").checks}
    assert settled["endpoint-config.ready"] == settled["policy.sufficient"] == "pass"


def test_under_any_the_models_and_roles_are_those_of_what_exists(aws: LoopbackAws) -> None:
    aws.sagemaker.create_model("m")
    aws.sagemaker.create_model("gone")
    aws.client("sagemaker").create_endpoint_config(
        EndpointConfigName="churn-v7",
        ProductionVariants=[{"VariantName": "a", "ModelName": "gone", "InstanceType": "ml.m5.large"}],
        KmsKeyId=KEY,
    )
    aws.client("sagemaker").delete_model(ModelName="gone")
    report = any_online(aws, checks=["models.exist", "execution-role.trusted"])
    checks = {one.id: one for one in report.checks}
    assert checks["models.exist"].status == "fail"
    assert "gone" in checks["execution-role.trusted"].summary


@pytest.mark.parametrize("may_read", [True, False])
def test_under_any_what_may_exist_and_was_not_read_is_assumed_to_be_as_written(
    aws: LoopbackAws, may_read: bool
) -> None:
    assumed = "that exists already is as the request says"
    assert assumed in str(offline(written(), config="any").assumptions)
    assert assumed not in str(offline(written()).assumptions)
    if not may_read:
        aws.deny("sagemaker:DescribeEndpointConfig")
    assert (assumed in str(any_online(aws).assumptions)) is not may_read


# --- who calls


@pytest.mark.parametrize("tool", [Tool.TERRAFORM, Tool.CLOUDFORMATION])
def test_the_source_says_who_calls(tool: Tool) -> None:
    report = offline(called_by(ROLE, tool), policies=[ALLOW])
    assert report.principal == ROLE


def test_the_service_role_of_the_stack_calls() -> None:
    report = offline(written(Tool.CLOUDFORMATION), policies=[ALLOW], cloudformation_role=ROLE)
    assert report.principal == ROLE


@pytest.mark.parametrize(
    ("deployment", "given", "where"),
    [
        (called_by(ROLE), {"principal": f"arn:aws:iam::{ACCOUNT}:role/other"}, "principal"),
        (called_by(ROLE), {"account_id": OTHER}, "account_id"),
        (written(Tool.SDK), {"cloudformation_role": ROLE}, "cloudformation_role"),
        (written(), {"principal": f"arn:aws-cn:iam::{ACCOUNT}:role/ci"}, "principal"),
        (written(), {"principal": f"arn:aws:iam::{OTHER}:role/ci"}, "account_id"),
    ],
)
def test_a_caller_who_cannot_be_is_refused(deployment: UnplacedDeployment, given: Any, where: str) -> None:  # noqa: ANN401  keywords
    keywords = {"region": "eu-west-1", "account_id": ACCOUNT, **given}
    with pytest.raises(iamcheck.InvalidInputError) as caught:
        iamcheck.check_all([deployment], offline=True, policies=[ALLOW], **keywords)
    assert caught.value.where == where


def test_the_account_is_that_of_the_role_that_calls() -> None:
    reports = iamcheck.check_all([called_by(ROLE)], offline=True, region="eu-west-1")
    assert reports.reports[0].account_id == ACCOUNT


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "skipped"),
        ({"scps": [[ALLOW]]}, "unknown"),
        ({"policies": [ALLOW]}, "unknown"),
        ({"policies": [ALLOW], "principal": f"arn:aws:iam::{ACCOUNT}:role/ci"}, "pass"),
        ({"policies": [ONLY_CI], "principal": f"arn:aws:iam::{ACCOUNT}:role/ci"}, "pass"),
        ({"policies": [ONLY_CI], "principal": f"arn:aws:iam::{ACCOUNT}:role/other"}, "fail"),
    ],
)
def test_a_caller_that_nobody_can_resolve_is_settled_by_its_name(given: CheckKeywords, status: str) -> None:
    report = offline(called_by(UNKNOWN), **given)
    (allowed,) = (one for one in report.checks if one.id == "principal.allowed")
    assert allowed.status == status
    if status == "unknown":
        assert allowed.remedy is not None
        assert "--principal" in allowed.remedy.text


def test_the_policies_of_a_caller_that_nobody_can_resolve_are_unknown(aws: LoopbackAws) -> None:
    session = aws.session(aws.create_user("ci", policy=ALLOW))
    unknown, settled = (
        iamcheck.check_all([called_by(UNKNOWN)], session=session, region="eu-west-1", principal=principal).reports[0]
        for principal in (None, f"arn:aws:iam::{ACCOUNT}:user/ci")
    )
    (allowed,) = (one for one in unknown.checks if one.id == "principal.allowed")
    assert allowed.status == "unknown"
    assert allowed.remedy is not None
    assert "--principal" in allowed.remedy.text
    assert {one.id: one.status for one in settled.checks}["principal.allowed"] == "pass"


DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("sessions", "status"),
    [
        ((), "pass"),
        ((json.dumps(ALLOW),), "pass"),
        ((json.dumps(DENY),), "fail"),
        ((json.dumps(ALLOW), UNKNOWN), "unknown"),
    ],
)
def test_session_policies_that_the_source_names_limit_the_caller(sessions: Any, status: str) -> None:  # noqa: ANN401
    deployment = written(
        Tool.TERRAFORM, config=None, config_exists=True, caller=WrittenCaller(ROLE, (), HERE, sessions)
    )
    (allowed,) = (one for one in offline(deployment, policies=[ALLOW]).checks if one.id == "principal.allowed")
    assert allowed.status == status


def test_session_policies_that_are_given_settle_those_whose_text_the_source_does_not_have() -> None:
    caller = WrittenCaller(ROLE, (), HERE, (json.dumps(ALLOW), UNKNOWN))
    deployment = written(Tool.TERRAFORM, config=None, config_exists=True, caller=caller)
    for session, status in ((ALLOW, "pass"), (DENY, "fail")):
        report = offline(deployment, policies=[ALLOW], session_policies=[session])
        (allowed,) = (one for one in report.checks if one.id == "principal.allowed")
        assert allowed.status == status


def test_session_policies_are_not_given_beside_those_that_the_source_has() -> None:
    deployment = written(Tool.TERRAFORM, caller=WrittenCaller(ROLE, (), HERE, (json.dumps(ALLOW),)))
    with pytest.raises(InvalidInputError, match="session policies of its own"):
        offline(deployment, policies=[ALLOW], session_policies=[ALLOW])


def test_session_policies_that_the_source_names_limit_a_principal_that_aws_knows(aws: LoopbackAws) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/ci"
    caller = WrittenCaller(arn, (), HERE, (json.dumps(DENY),))
    session = aws.session(aws.create_user("ci", policy=ALLOW))
    deployment = written(Tool.TERRAFORM, caller=caller)
    report = iamcheck.check_all([deployment], session=session, region="eu-west-1", account_id=ACCOUNT).reports[0]
    (allowed,) = (one for one in report.checks if one.id == "principal.allowed")
    assert allowed.status != "pass"


def details_of_role(policy: Any, **tags: str) -> Any:  # noqa: ANN401  JSON
    """Authorization details in which the role of `ROLE` has a policy and tags."""
    role = {
        **{"Path": "/", "RoleName": "cloudformation", "RoleId": "AROAEXAMPLE0000000000", "Arn": ROLE},
        **{"AssumeRolePolicyDocument": DENY, "AttachedManagedPolicies": [], "InstanceProfileList": []},
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy}],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}


def of_team(effect: str, team: str) -> dict[str, Any]:
    return {
        **{"Effect": effect, "Action": "*", "Resource": "*"},
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": team}},
    }


@pytest.mark.parametrize(
    ("tags", "statements", "status"),
    [
        ((), [of_team("Allow", "ops")], "pass"),
        ((("team", "dev"),), [of_team("Allow", "ops")], "fail"),
        ((("Team", "dev"),), [of_team("Allow", "ops")], "fail"),
        ((("team", "dev"),), [of_team("Allow", "dev")], "pass"),
        ((("stage", "dev"),), [of_team("Allow", "ops")], "pass"),
        ((("team", "dev"),), [*ALLOW["Statement"], of_team("Deny", "dev")], "fail"),
        ((("team", "dev"),), [*ALLOW["Statement"], of_team("Deny", "ops")], "pass"),
        (UNKNOWN, [of_team("Allow", "ops")], "unknown"),
        (UNKNOWN, ALLOW["Statement"], "pass"),
    ],
)
def test_tags_of_the_session_stand_in_place_of_those_of_the_role(
    tmp_path: Path,
    tags: Any,  # noqa: ANN401  tags or UNKNOWN
    statements: list[dict[str, Any]],
    status: str,
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html."""
    details = tmp_path / "details.json"
    details.write_text(json.dumps(details_of_role({"Version": "2012-10-17", "Statement": statements}, team="ops")))
    caller = WrittenCaller(ROLE, (), HERE, session_tags=tags)
    deployment = written(Tool.TERRAFORM, config=None, config_exists=True, caller=caller)

    report = offline(deployment, authorization_details=str(details), scps=[], rcps=[])
    (allowed,) = (one for one in report.checks if one.id == "principal.allowed")
    assert allowed.status == status


# --- in which Region


def test_a_region_that_nobody_can_resolve_is_not_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    open_region = written(Tool.TERRAFORM, region=UNKNOWN)
    report = iamcheck.check_all([open_region], offline=True, account_id=ACCOUNT).reports[0]
    assert report.verdict == "unknown"
    assert report.deployment.region is None
    monkeypatch.delenv("AWS_REGION")
    # nor does it take one
    assert iamcheck.check_all([open_region], offline=True, account_id=ACCOUNT).reports[0].verdict == "unknown"
    settled = iamcheck.check_all([open_region], offline=True, account_id=ACCOUNT, region="eu-west-1").reports[0]
    assert settled.verdict == "pass"


def test_the_region_of_the_source_is_that_of_every_client(aws: LoopbackAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    access = Access()
    placed = place(replace(written(Tool.TERRAFORM, region="eu-central-1")), parse_options({}), access)
    assert (placed.deployment.region, access.region) == ("eu-central-1", "eu-central-1")


def test_the_policy_is_for_the_account_of_the_role_that_calls() -> None:
    deployment = resolve_deployment(called_by(ROLE), Access(), region="eu-west-1")
    assert deployment.account_id == ACCOUNT


def test_a_policy_for_a_region_that_nobody_knows_is_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment nor a guess stands in for the Region that the source leaves open; the user may say it."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    open_region = written(Tool.TERRAFORM, region=UNKNOWN)
    assert resolve_deployment(open_region, None, account_id=ACCOUNT).region is None
    assert resolve_deployment(open_region, None, region="eu-west-1", account_id=ACCOUNT).region == "eu-west-1"
    assert resolve_deployment(written(), None, region="eu-west-1", account_id=ACCOUNT).region == "eu-west-1"
