"""What a check that does not pass offers: a cure that was seen to help, and cures that the user can follow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.results import Status
from tests.documents import allow, document

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.results import CheckResult, Remedy

ACCOUNT = "123456789012"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:"
ENDPOINT, CONFIG = f"{_SAGEMAKER}endpoint/churn", f"{_SAGEMAKER}endpoint-config/churn-v7"
PLACE: dict[str, Any] = {"region": "eu-west-1", "account_id": ACCOUNT}
DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", **PLACE)
CAPITALS = iamcheck.Deployment("Churn", "churn-v7", **PLACE)
VARIANT = {"VariantName": "all", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
REQUESTS: dict[str, Any] = {
    "create_endpoint": {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    "create_endpoint_config": {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], "KmsKeyId": KEY},
}
SKIP = ("policy.sufficient", "policy.minimal", "request.valid", "deployment.covered")


def deny(actions: object = "*", resources: object = "*", **more: object) -> dict[str, Any]:
    return {"Sid": "Guard", "Effect": "Deny", "Action": actions, "Resource": resources, **more}


def checked(deployment: iamcheck.Deployment = DEPLOYMENT, **words: Any) -> CheckResult:  # noqa: ANN401  any keyword
    report = iamcheck.check(deployment, offline=True, skip=SKIP, **words)
    return next(one for one in report.checks if one.id == "principal.allowed")


def remedy(result: CheckResult) -> Remedy:
    assert result.remedy is not None
    return result.remedy


ALL = document(allow())


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:*"),
        allow("sagemaker:CreateEndpoint", ENDPOINT),
        allow("sagemaker:*", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:*"),
        allow("sagemaker:*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
    ],
)
def test_a_statement_that_is_offered_makes_the_deployment_pass(statement: dict[str, Any]) -> None:
    result = checked(policies=[document(statement)], scps=[])
    assert (result.status, remedy(result).proved) == (Status.FAIL, True)
    assert "with it, the deployment passes" in remedy(result).text
    added = remedy(result).policy
    assert added is not None
    assert checked(policies=[document(statement), added], scps=[]).status is Status.PASS


def test_a_boundary_s_statement_is_offered_for_the_boundary() -> None:
    narrow = document(allow("sagemaker:CreateEndpoint"))
    result = checked(policies=[ALL], boundary=narrow, scps=[])
    assert (result.status, remedy(result).proved) == (Status.FAIL, True)
    assert "add the statement to the permissions boundary" in remedy(result).text
    added: Any = remedy(result).policy
    wider = document(*narrow["Statement"], *added["Statement"])
    assert checked(policies=[ALL], boundary=wider, scps=[]).status is Status.PASS


def test_a_deny_is_named_with_whom_to_ask_and_what_stops_it_besides() -> None:
    guarded = document(allow(), deny("sagemaker:*"))
    result = checked(policies=[guarded], scps=[])
    assert remedy(result).proved
    assert "statement Guard of the identity policy" in remedy(result).text
    assert remedy(result).text.endswith("without it, the deployment passes")
    both = checked(policies=[guarded], scps=[[document(allow()), document(deny("sagemaker:CreateEndpoint"))]])
    assert "still stops it" in remedy(both).text
    assert "statement Guard of the service control policy (SCP)" in remedy(both).text


def test_an_scp_without_an_allow_is_its_administrator_s() -> None:
    result = checked(policies=[ALL], scps=[[document(allow("s3:*"))]])
    assert (result.status, remedy(result).proved, remedy(result).policy) == (Status.FAIL, False, None)
    assert remedy(result).text.startswith("ask the organization's administrator to allow in the service control policy")


def test_a_narrow_statement_is_widened_by_what_is_missing() -> None:
    narrow = document(allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"], [ENDPOINT]))
    diff = remedy(checked(policies=[narrow], scps=[])).diff
    assert diff is not None
    assert f'+        "{CONFIG}"' in diff


def test_a_policy_of_aws_is_not_changed(tmp_path: Path) -> None:
    managed = "arn:aws:iam::aws:policy/Deployer"
    narrow = document(allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"], [ENDPOINT]))
    user = {
        "Path": "/",
        "UserName": "ann",
        "UserId": "AIDAEXAMPLEEXAMPLE22",
        "Arn": ANN,
        "GroupList": [],
        "AttachedManagedPolicies": [{"PolicyName": "Deployer", "PolicyArn": managed}],
    }
    policy = {
        "PolicyName": "Deployer",
        "Arn": managed,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": narrow}],
    }
    details = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": [policy]}
    (tmp_path / "details.json").write_text(json.dumps(details))
    result = checked(authorization_details=tmp_path / "details.json", principal=ANN)
    assert (remedy(result).proved, remedy(result).diff) == (True, None)
    assert "add the statement to a policy of user ann" in remedy(result).text


# --- names with capitals, which AWS may authorise in lower case


def test_one_spelling_allowed_is_open_and_the_cure_is_both() -> None:
    spelled = document(allow("sagemaker:*", [f"{_SAGEMAKER}endpoint/Churn", CONFIG]))
    result = checked(CAPITALS, policies=[spelled], scps=[])
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ())
    assert "under the other spelling of the name the answer is another" in result.summary
    assert remedy(result).proved
    assert "allow both spellings" in remedy(result).text
    assert ENDPOINT in remedy(result).text
    added = remedy(result).policy
    assert added is not None
    assert checked(CAPITALS, policies=[spelled, added], scps=[]).status is Status.PASS


def test_one_spelling_denied_is_open_and_the_cure_names_the_deny() -> None:
    spelled = document(allow(), deny("sagemaker:*", f"{_SAGEMAKER}endpoint/Churn"))
    result = checked(CAPITALS, policies=[spelled], scps=[])
    assert result.status is Status.UNKNOWN
    assert "allow both spellings" in remedy(result).text
    assert "statement Guard of the identity policy" in remedy(result).text


def test_both_spellings_pass_and_neither_fails() -> None:
    both = document(allow("sagemaker:*", [f"{_SAGEMAKER}endpoint/Churn", ENDPOINT, CONFIG]))
    assert checked(CAPITALS, policies=[both], scps=[]).status is Status.PASS
    neither = document(allow("sagemaker:*", [f"{_SAGEMAKER}endpoint/CHURN", CONFIG]))
    assert checked(CAPITALS, policies=[neither], scps=[]).status is Status.FAIL


# --- what would settle it


def with_key(**words: Any) -> CheckResult:  # noqa: ANN401  any keyword
    return checked(iamcheck.Deployment.from_requests(**REQUESTS, **PLACE), **words)


def key_policy(principal: str, **more: object) -> dict[str, Any]:
    return {KEY: document({**allow("kms:*"), "Principal": {"AWS": principal}, **more})}


def test_a_key_policy_that_delegates_to_the_account_needs_no_principal() -> None:
    # SageMaker API: endpoints are created in the caller's own account
    root = key_policy(f"arn:aws:iam::{ACCOUNT}:root")
    assert with_key(policies=[ALL], scps=[], resource_policies=root).status is Status.PASS
    other = key_policy("arn:aws:iam::999988887777:root")
    assert with_key(policies=[ALL], scps=[], resource_policies=other).status is Status.FAIL
    narrow = document(allow("sagemaker:*"))
    assert with_key(policies=[narrow], scps=[], resource_policies=root).status is Status.FAIL


def test_what_follows_from_who_calls_is_settled_by_naming_the_principal() -> None:
    words = {"policies": [ALL], "scps": [], "resource_policies": key_policy(ANN)}
    result = with_key(**words)
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principalarn",))
    assert remedy(result).text == "to settle it, name the principal with --principal ARN"
    assert with_key(**words, principal=ANN).status is Status.PASS
    assert with_key(**words, principal=ANN.replace("ann", "bob")).status is Status.FAIL


def test_a_principal_is_named_beside_its_policies_where_none_were_given() -> None:
    boundary = document(allow(Condition={"ArnEquals": {"aws:PrincipalArn": ANN}}))
    result = checked(boundary=boundary, scps=[])
    assert result.status is Status.UNKNOWN
    assert "--principal ARN and its policies with --policy FILE" in remedy(result).text


def test_keys_of_the_request_are_settled_by_saying_them() -> None:
    guarded = document(
        allow(), deny(Condition={"StringNotEquals": {"aws:PrincipalTag/team": "ml", "aws:username": "x"}})
    )
    result = checked(policies=[guarded], scps=[])
    assert remedy(result).text == (
        "to settle it, name the principal with --principal ARN; say what the request will have: "
        "--context aws:PrincipalTag/team=VALUE or --absent aws:PrincipalTag/team"
    )
    assert checked(policies=[guarded], scps=[], context={"aws:PrincipalTag/team": "ml"}).status is Status.PASS


TEMPLATE = """
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: churn-v7
      ProductionVariants: [{VariantName: a, ModelName: m, InstanceType: ml.m5.large, InitialInstanceCount: 1}]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: churn, EndpointConfigName: !GetAtt Config.EndpointConfigName}
"""


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("aws:RequestTag/team", ("--stack-tag KEY=VALUE",)),
        # CloudFormation adds tags of its own: what the list of keys is only the user can say
        ("aws:TagKeys", ("--stack-tag KEY=VALUE", "--context aws:TagKeys=VALUE")),
    ],
)
def test_tags_that_a_stack_may_add_are_settled_by_saying_them(tmp_path: Path, key: str, texts: tuple[str, ...]) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    guarded = document(allow(), deny("sagemaker:*", Condition={"Null": {key: "true"}}))
    (stack,) = iamcheck.deployments_from_file(tmp_path / "t.yaml", **PLACE)
    result = checked(stack, policies=[guarded], scps=[])
    assert (result.status, result.open_keys) == (Status.UNKNOWN, (key.lower(),))
    assert all(text in remedy(result).text for text in texts)
    assert ("--context" in remedy(result).text) is (key == "aws:TagKeys")
    (untagged,) = iamcheck.deployments_from_file(tmp_path / "t.yaml", stack_tags={}, **PLACE)
    if key == "aws:RequestTag/team":
        assert checked(untagged, policies=[guarded], scps=[]).status is Status.FAIL
    assert "--stack-tag" not in remedy(checked(untagged, policies=[guarded], scps=[])).text


def test_the_policy_of_a_key_that_was_not_given_is_open() -> None:
    result = with_key(policies=[ALL], scps=[])
    assert result.status is Status.UNKNOWN
    assert "it depends on what nobody has read: resource policy" in result.summary
    assert "--resource-policy arn:aws:kms:eu-west-1:" in remedy(result).text
    unread = iamcheck.PolicySet(identity=[iamcheck.Policy.parse(ALL)], scps=iamcheck.UNREAD)
    result = checked(policies=unread)
    assert result.status is Status.UNKNOWN
    assert "--scp FullAWSAccess" in remedy(result).text


def test_the_cure_for_a_session_names_the_role_whose_policies_apply(tmp_path: Path) -> None:
    trust = document(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    )
    role = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/team/ci",
        "RoleName": "ci",
        "Path": "/team/",
        "RoleId": "AROAEXAMPLE",
        "AssumeRolePolicyDocument": trust,
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document(allow("s3:*"))}],
        "AttachedManagedPolicies": [],
    }
    details = tmp_path / "details.json"
    details.write_text(json.dumps({"RoleDetailList": [role]}), encoding="utf-8")
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1"
    result = checked(authorization_details=str(details), principal=session)

    assert result.status is Status.FAIL
    assert "add the statement to a policy of role ci " in remedy(result).text
