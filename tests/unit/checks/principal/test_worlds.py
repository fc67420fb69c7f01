"""`principal.allowed` by AWS's simulator alone: real principals, its own rules, real HTTP, real boto3 clients."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

import iamcheck
from iamcheck.iam.model import Decision
from iamcheck.results import Status
from iamcheck.simulators.local_iam import LocalIAM
from tests.documents import document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.results import CheckResult
    from tests.server import Credentials, LoopbackAws

    Online = Callable[[Credentials], CheckResult]

DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")
ALLOW = {"Sid": "Deploy", "Effect": "Allow", "Action": "sagemaker:Create*", "Resource": "*"}


@pytest.fixture(autouse=True)
def _local_iam(aws: LoopbackAws) -> None:
    aws.iam.simulator = LocalIAM


def deny(**condition: object) -> dict[str, object]:
    return {"Sid": "Guard", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}


@pytest.fixture
def online(aws: LoopbackAws, enter: Callable[[Mapping[str, str]], None]) -> Online:
    """What AWS's simulator alone gives for the user or role that calls."""

    def check(who: Credentials) -> CheckResult:
        enter(aws.environment(who, AWS_MAX_ATTEMPTS="1"))
        checks = iamcheck.check(DEPLOYMENT, engine="aws", skip=SKIP).checks
        return next(one for one in checks if one.id == "principal.allowed")

    return check


def test_a_role_that_may_passes_in_few_calls(aws: LoopbackAws, online: Online) -> None:
    result = online(aws.create_role("ci", policy=document(ALLOW), path="/team/"))
    assert result.status is Status.PASS
    assert [one.decided_by.policy for one in result.evidence if one.decided_by] == ["role_ci_ci-inline"] * 3
    assert Counter(aws.actions) == {
        "sts:GetCallerIdentity": 1,
        "sagemaker:DescribeEndpointConfig": 1,
        "iam:GetRole": 1,
        "iam:GetContextKeysForPrincipalPolicy": 1,
        "iam:SimulatePrincipalPolicy": 2,
    }


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("IpAddress", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        ("NotIpAddress", {"NotIpAddress": {"aws:SourceIp": "192.0.2.240/29"}}),
        ("NotIpAddressIfExists", {"NotIpAddressIfExists": {"aws:SourceIp": ["192.0.2.240/29"]}}),
        ("Null", {"Null": {"aws:SourceIp": "false"}}),
    ],
)
def test_a_deny_that_looks_at_the_address_is_unknown_and_names_the_key(
    aws: LoopbackAws, online: Online, name: str, condition: dict[str, object]
) -> None:
    result = online(aws.create_role("ci", policy=document(ALLOW, deny(**condition))))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourceip",))
    assert "aws:SourceIp" in result.summary
    assert result.remedy is not None
    assert "--context aws:SourceIp=VALUE" in result.remedy.text
    # AWS itself decides with confidence, for it takes the key as absent
    confident = "allowed" if name in ("IpAddress", "Null") else "explicitDeny"
    assert {one.decision for one in result.evidence if one.action} == {confident}


MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def test_a_users_long_term_keys_are_known_to_have_no_mfa(aws: LoopbackAws, online: Online) -> None:
    result = online(aws.create_user("ann", policy=document(ALLOW, deny(**MFA))))
    assert result.status is Status.FAIL
    assert result.evidence[0].decision == "explicitDeny"
    assert result.evidence[0].decided_by is not None
    assert result.evidence[0].decided_by.policy == "user_ann_ann-inline"


def test_whether_a_session_has_mfa_is_unknown(aws: LoopbackAws, online: Online) -> None:
    result = online(aws.create_role("ci", policy=document(ALLOW, deny(**MFA))))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:multifactorauthpresent",))


def test_a_missing_permission_fails(aws: LoopbackAws, online: Online) -> None:
    forgets_the_config = {**ALLOW, "Resource": "arn:aws:sagemaker:*:*:endpoint/*"}
    result = online(aws.create_role("ci", policy=document(forgets_the_config)))
    assert result.status is Status.FAIL
    assert "sagemaker:CreateEndpointConfig on arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7" in (
        result.summary
    )
    assert "implicitDeny" in result.summary
    assert [one.decision for one in result.evidence].count(Decision.ALLOWED) == 1


def test_a_boundary_is_named(aws: LoopbackAws, online: Online) -> None:
    boundary = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    result = online(aws.create_role("ci", policy=document(ALLOW), boundary=boundary))
    assert result.status is Status.FAIL
    assert "permissions boundary" in result.summary


def test_a_tag_that_nobody_knows_is_unknown(aws: LoopbackAws, online: Online) -> None:
    guard = deny(StringNotEquals={"aws:PrincipalTag/team": "ml"})
    result = online(aws.create_role("ci", policy=document(ALLOW, guard)))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principaltag/team",))


def test_root_is_unknown(aws: LoopbackAws, online: Online) -> None:
    result = online(aws.root())
    assert result.status is Status.UNKNOWN
    assert "root" in result.summary
