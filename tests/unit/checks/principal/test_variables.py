"""Keys that a policy looks at in a policy variable alone: known, absent or open as in a condition.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.iam.engine.keys import context_keys
from iamcheck.iam.model import Policy
from iamcheck.results import Status
from tests.documents import allow, deny, document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iamcheck.results import CheckResult
    from tests.server import LoopbackAws

ACCOUNT = "123456789012"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
CI = f"arn:aws:iam::{ACCOUNT}:role/ci"
DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
_OF = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:*/"
OF_TEAM = f"{_OF}${{aws:PrincipalTag/team}}*"
OF_TEAM_OR_CHURN = f"{_OF}${{aws:PrincipalTag/team, 'churn'}}*"
TRUST = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"})
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")


def details(policy: Mapping[str, Any]) -> dict[str, Any]:
    """A user and a role, each with the policy and without tags."""
    inline = [{"PolicyName": "p", "PolicyDocument": policy}]
    user = {"Arn": ANN, "UserName": "ann", "Path": "/", "UserId": "AIDAEXAMPLE", "UserPolicyList": inline}
    role = {"Arn": CI, "RoleName": "ci", "Path": "/", "RoleId": "AROAEXAMPLE", "RolePolicyList": inline}
    none: dict[str, Any] = {"AttachedManagedPolicies": [], "Tags": []}
    return {
        "UserDetailList": [{**user, **none, "GroupList": []}],
        "RoleDetailList": [{**role, **none, "AssumeRolePolicyDocument": TRUST}],
        "GroupDetailList": [],
        "Policies": [],
    }


def checked(folder: Path, policy: Mapping[str, Any], principal: str) -> CheckResult:
    file = folder / "details.json"
    file.write_text(json.dumps(details(policy)), encoding="utf-8")
    report = iamcheck.check(
        DEPLOYMENT, offline=True, authorization_details=str(file), principal=principal, skip=SKIP[:2]
    )
    return next(check for check in report.checks if check.id == "principal.allowed")


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        # without the tag the Resource matches nothing
        (document(allow("sagemaker:*", OF_TEAM)), Status.FAIL),
        (document(allow("sagemaker:*", OF_TEAM_OR_CHURN)), Status.PASS),
        (document(allow(), deny("sagemaker:*", OF_TEAM)), Status.PASS),
        (document(allow(), {"Effect": "Deny", "Action": "*", "NotResource": OF_TEAM}), Status.FAIL),
        (
            document(allow(Condition={"StringEquals": {"aws:RequestedRegion": "${aws:PrincipalTag/home}"}})),
            Status.FAIL,
        ),
        (
            document(allow(Condition={"StringNotEquals": {"aws:RequestedRegion": "${aws:PrincipalTag/home}"}})),
            Status.PASS,
        ),
        # a key that the reference lists for actions of another service alone is in the context of none of these
        (document(allow("sagemaker:*", f"{_OF}${{s3:prefix}}*")), Status.FAIL),
    ],
)
def test_a_variable_of_a_key_that_is_absent_has_no_value(
    tmp_path: Path, policy: Mapping[str, Any], status: Status
) -> None:
    result = checked(tmp_path, policy, ANN)
    assert (result.status, result.open_keys) == (status, ())


def test_a_variable_of_a_tag_that_a_session_may_bring_is_open_and_named_as_the_policy_has_it(tmp_path: Path) -> None:
    result = checked(tmp_path, document(allow("sagemaker:*", OF_TEAM)), CI)
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principaltag/team",))
    assert result.remedy is not None
    assert "--context aws:PrincipalTag/team=VALUE or --absent aws:PrincipalTag/team" in result.remedy.text


@pytest.mark.parametrize(
    "guard",
    [
        deny("*", f"{_OF}${{aws:UserAgent}}*"),
        deny("*", Condition={"StringEquals": {"aws:RequestedRegion": "${aws:UserAgent}"}}),
        {"Effect": "Deny", "Action": "*", "NotResource": f"{_OF}${{aws:UserAgent, 'churn'}}*"},
    ],
)
def test_a_variable_in_the_boundary_is_open_where_aws_alone_decides(aws: LoopbackAws, guard: dict[str, Any]) -> None:
    # AWS's simulator takes the key for absent and says yes
    aws.deny("iam:ListUserPolicies")
    user = aws.create_user("ann", policy=document(allow()))
    report = iamcheck.check(
        DEPLOYMENT,
        session=aws.session(user),
        boundary=document(allow(), guard),
        organizations="ignore",
        skip=SKIP,
    )
    result = next(check for check in report.checks if check.id == "principal.allowed")
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:useragent",))


def test_the_keys_of_policies_are_those_of_conditions_and_variables() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "*",
        "Resource": [f"{_OF}${{aws:username}}", f"{_OF}${{AWS:userid, 'x'}}${{*}}"],
        "Condition": {"StringLike": {"aws:SourceIp": ["${aws:UserAgent}", "x"]}, "Null": {"AWS:UserName": "true"}},
    }
    spelled = {"aws:sourceip": "aws:SourceIp", "aws:username": "AWS:UserName"}
    new, old = (Policy.parse({"Version": version, "Statement": statement}) for version in ("2012-10-17", "2008-10-17"))
    assert context_keys([new]) == {**spelled, "aws:userid": "AWS:userid", "aws:useragent": "aws:UserAgent"}
    assert context_keys([old]) == spelled
