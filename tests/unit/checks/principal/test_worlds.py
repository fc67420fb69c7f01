"""`principal.allowed` in whole worlds: real principals, the simulator's own rules, real HTTP, real boto3 clients."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck import permissions
from iamcheck.aws.clients import Deadline, make_client
from iamcheck.aws.principals import caller, resolve
from iamcheck.checks.principal.decisions import by_aws, by_policies
from iamcheck.deployment import Deployment
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Decision, Policy, PolicySet
from iamcheck.results import Status
from iamcheck.simulators.aws import AwsSimulator
from iamcheck.simulators.local import LocalSimulator
from iamcheck.simulators.local_iam import LocalIAM

if TYPE_CHECKING:
    from iamcheck.results import CheckResult
    from tests.server import Credentials, LoopbackAws

NEEDED = permissions.required(Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012"))
ALLOW = {"Sid": "Deploy", "Effect": "Allow", "Action": "sagemaker:Create*", "Resource": "*"}
FULL_ACCESS = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(autouse=True)
def _local_iam(aws: LoopbackAws) -> None:
    aws.iam.simulator = LocalIAM


def document(*statements: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def deny(**condition: object) -> dict[str, object]:
    return {"Sid": "Guard", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}


def online(aws: LoopbackAws, who: Credentials) -> tuple[CheckResult, tuple[str, ...]]:
    deadline = Deadline.after(120, time.monotonic)
    session = aws.session(who)
    sts, iam = (make_client(session, service, deadline=deadline) for service in ("sts", "iam"))
    me = caller(sts, access_key_id=who.access_key_id, deadline=deadline)
    return by_aws(NEEDED, resolve(me, iam, deadline=deadline), iam=iam, deadline=deadline)


def test_a_role_that_may_passes_in_few_calls(aws: LoopbackAws) -> None:
    result, assumed = online(aws, aws.create_role("ci", policy=document(ALLOW), path="/team/"))
    assert result.status is Status.PASS
    assert [one.decided_by.policy for one in result.evidence if one.decided_by] == ["role_ci_ci-inline"] * 3
    assert aws.actions == [
        "sts:GetCallerIdentity",
        "iam:GetRole",
        "iam:GetContextKeysForPrincipalPolicy",
        *["iam:SimulatePrincipalPolicy"] * 2,
    ]
    assert any("no SCPs" in text for text in assumed)


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
    aws: LoopbackAws, name: str, condition: dict[str, object]
) -> None:
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW, deny(**condition))))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourceip",))
    assert "aws:SourceIp" in result.summary
    assert result.remedy is not None
    assert "--context aws:SourceIp=VALUE" in result.remedy.text
    # AWS itself decides with confidence, for it takes the key as absent
    confident = "allowed" if name in ("IpAddress", "Null") else "explicitDeny"
    assert {one.decision for one in result.evidence} == {confident}


MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def test_a_users_long_term_keys_are_known_to_have_no_mfa(aws: LoopbackAws) -> None:
    result, _ = online(aws, aws.create_user("ann", policy=document(ALLOW, deny(**MFA))))
    assert result.status is Status.FAIL
    assert result.evidence[0].decision == "explicitDeny"
    assert result.evidence[0].decided_by is not None
    assert result.evidence[0].decided_by.policy == "user_ann_ann-inline"


def test_whether_a_session_has_mfa_is_unknown(aws: LoopbackAws) -> None:
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW, deny(**MFA))))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:multifactorauthpresent",))


def test_a_missing_permission_fails(aws: LoopbackAws) -> None:
    forgets_the_config = {**ALLOW, "Resource": "arn:aws:sagemaker:*:*:endpoint/*"}
    result, _ = online(aws, aws.create_role("ci", policy=document(forgets_the_config)))
    assert result.status is Status.FAIL
    assert "sagemaker:CreateEndpointConfig on arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7" in (
        result.summary
    )
    assert "implicitDeny" in result.summary
    assert [one.decision for one in result.evidence].count(Decision.ALLOWED) == 1


def test_a_boundary_is_named(aws: LoopbackAws) -> None:
    boundary = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW), boundary=boundary))
    assert result.status is Status.FAIL
    assert "permissions boundary" in result.summary


def test_a_region_lock_of_the_organization_is_judged_with_the_region(aws: LoopbackAws) -> None:
    lock = deny(StringNotEquals={"aws:RequestedRegion": ["us-east-1"]})
    aws.iam.scps = [[document(FULL_ACCESS), document(lock)]]
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW)))
    assert result.status is Status.FAIL
    assert "service control policy" in result.summary
    aws.iam.scps = [[document(FULL_ACCESS), document(deny(StringNotEquals={"aws:RequestedRegion": ["eu-west-1"]}))]]
    result, assumed = online(aws, aws.create_role("cd", policy=document(ALLOW)))
    assert result.status is Status.PASS
    assert any("aws:MultiFactorAuthPresent" in text for text in assumed)


def test_an_scp_whose_keys_aws_does_not_list_is_found(aws: LoopbackAws) -> None:
    aws.iam.scps = [[document(FULL_ACCESS), document(deny(Bool={"aws:MultiFactorAuthPresent": "false"}))]]
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW)))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:multifactorauthpresent",))


def test_a_data_perimeter_is_unknown(aws: LoopbackAws) -> None:
    # the pattern of AWS's own examples: two keys that each exempt a call
    perimeter = deny(
        NotIpAddressIfExists={"aws:SourceIp": ["192.0.2.240/29"]},
        StringNotEqualsIfExists={"aws:SourceVpc": ["vpc-0123456789abcdef0"]},
    )
    aws.iam.scps = [[document(FULL_ACCESS), document(perimeter)]]
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW)))
    assert result.status is Status.UNKNOWN
    assert {"aws:sourceip", "aws:sourcevpc"} <= set(result.open_keys)


def test_a_tag_that_nobody_knows_is_unknown(aws: LoopbackAws) -> None:
    guard = deny(StringNotEquals={"aws:PrincipalTag/team": "ml"})
    result, _ = online(aws, aws.create_role("ci", policy=document(ALLOW, guard)))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:principaltag/team",))


def test_root_is_unknown(aws: LoopbackAws) -> None:
    result, _ = online(aws, aws.root())
    assert result.status is Status.UNKNOWN
    assert "root" in result.summary


# --- policies that were given


def policy(*statements: object, name: str = "deployer") -> Policy:
    return Policy.parse(document(*statements), name=name)


GIVEN = {
    "allowed": (PolicySet(identity=[policy(ALLOW)]), Status.PASS, "all 3"),
    "forgets the config": (
        PolicySet(identity=[policy({**ALLOW, "Resource": "arn:aws:sagemaker:*:*:endpoint/*"})]),
        Status.FAIL,
        "implicitDeny",
    ),
    "locked by an SCP": (
        PolicySet(
            identity=[policy(ALLOW)],
            scps=[[policy(FULL_ACCESS), policy(deny(StringNotEquals={"aws:RequestedRegion": "us-east-1"}))]],
        ),
        Status.FAIL,
        "Guard",
    ),
    "MFA": (
        PolicySet(identity=[policy(ALLOW, deny(Bool={"aws:MultiFactorAuthPresent": "false"}))]),
        Status.UNKNOWN,
        "aws:MultiFactorAuthPresent",
    ),
}


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("engine", ["local", "both"])
def test_given_policies_are_judged(aws: LoopbackAws, name: str, engine: str) -> None:
    policies, status, said = GIVEN[name]
    both = engine == "both"
    local = LocalSimulator(Semantics.SIMULATOR if both else Semantics.LIVE)
    remote = AwsSimulator(make_client(aws.session(), "iam")) if both else None
    result, _ = by_policies(NEEDED, policies, local=local, aws=remote)
    assert result.status is status
    assert said in result.summary
