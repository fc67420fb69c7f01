"""The three states of a context key: known, known to be absent, unknown."""

from __future__ import annotations

import pytest

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import ContextValue, KeyType, Request
from iamcheck.iam.request_context import ContextFacts, call_context, principal_context, settle, typed

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
USER = "arn:aws:iam::123456789012:user/ci/deployer"
ROLE = "arn:aws:iam::123456789012:role/ci/deployer"
LONG_TERM = "AKIAEXAMPLE"
TEMPORARY = "ASIAEXAMPLE"


def state(request: Request, key: str) -> str:
    if key.lower() in {known.lower() for known in request.context}:
        return "known"
    return "absent" if key.lower() in {absent.lower() for absent in request.absent} else "unknown"


# IAM User Guide, "AWS global condition context keys" (Availability), and "Where you can use policy variables"
@pytest.mark.parametrize(
    ("key", "user_long_term", "user_temporary", "role"),
    [
        ("aws:PrincipalArn", "known", "known", "known"),
        ("aws:PrincipalAccount", "known", "known", "known"),
        ("aws:PrincipalType", "known", "known", "known"),
        ("aws:username", "known", "known", "absent"),
        ("aws:userid", "unknown", "unknown", "unknown"),
        ("aws:MultiFactorAuthPresent", "absent", "unknown", "unknown"),
        ("aws:multifactorauthage", "absent", "unknown", "unknown"),
        ("aws:TokenIssueTime", "absent", "unknown", "unknown"),
        ("aws:SourceIdentity", "absent", "unknown", "unknown"),
        ("ec2:SourceInstanceArn", "absent", "unknown", "unknown"),
        ("codebuild:projectArn", "absent", "unknown", "unknown"),
        ("lambda:SourceFunctionArn", "absent", "unknown", "unknown"),
        ("identitystore:UserId", "absent", "unknown", "unknown"),
        ("aws:PrincipalTag/team", "unknown", "unknown", "unknown"),
        ("aws:PrincipalOrgID", "unknown", "unknown", "unknown"),
        ("aws:SourceIp", "unknown", "unknown", "unknown"),
        ("saml:aud", "unknown", "unknown", "unknown"),
        ("sts:RoleSessionName", "unknown", "unknown", "unknown"),
    ],
)
def test_what_is_known_from_who_calls(key: str, user_long_term: str, user_temporary: str, role: str) -> None:
    request = Request("sagemaker:CreateEndpoint", ARN)
    answers = [
        state(settle(request, principal_context(arn, access_key_id=access_key), [key]), key)
        for arn, access_key in [(USER, LONG_TERM), (USER, TEMPORARY), (ROLE, TEMPORARY)]
    ]

    assert answers == [user_long_term, user_temporary, role]


# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html: a session may bring more tags than its role has
@pytest.mark.parametrize(
    ("key", "user", "role", "root"),
    [
        ("aws:PrincipalTag/team", "known", "known", "unknown"),
        ("aws:principaltag/TEAM", "known", "known", "unknown"),
        ("aws:PrincipalTag/cost", "absent", "unknown", "unknown"),
        ("aws:PrincipalType", "known", "known", "known"),
        ("aws:username", "known", "absent", "absent"),
    ],
)
def test_what_is_known_from_tags(key: str, user: str, role: str, root: str) -> None:
    request = Request("sagemaker:CreateEndpoint", ARN)
    tags = {"team": "ml"}
    facts = [
        principal_context(USER, tags=tags),
        principal_context(ROLE, tags=tags),
        principal_context("arn:aws:iam::123456789012:root"),
    ]
    assert [state(settle(request, one, [key]), key) for one in facts] == [user, role, root]


def test_tags_that_differ_in_case_alone_leave_both_unknown() -> None:
    facts = principal_context(USER, tags={"team": "ml", "Team": "ops"})
    settled = settle(Request("sagemaker:CreateEndpoint", ARN), facts, ["aws:PrincipalTag/team"])
    assert state(settled, "aws:PrincipalTag/team") == "unknown"


def test_a_user_without_tags_has_none() -> None:
    settled = settle(
        Request("sagemaker:CreateEndpoint", ARN), principal_context(USER, tags={}), ["aws:PrincipalTag/team"]
    )
    assert state(settled, "aws:PrincipalTag/team") == "absent"


def test_without_an_access_key_id_a_user_may_have_a_session() -> None:
    request = settle(Request("sagemaker:CreateEndpoint", ARN), principal_context(USER), ["aws:MultiFactorAuthPresent"])

    assert state(request, "aws:MultiFactorAuthPresent") == "unknown"


def test_the_values_are_those_of_the_principal() -> None:
    user = principal_context(USER).known
    role = principal_context(ROLE, user_id="AROAEXAMPLE:deploy").known

    assert user["aws:username"] == "deployer"
    assert (user["aws:PrincipalType"], role["aws:PrincipalType"]) == ("User", "AssumedRole")
    assert role["aws:PrincipalArn"] == ROLE
    assert role["aws:PrincipalAccount"] == "123456789012"
    assert role["aws:userid"] == "AROAEXAMPLE:deploy"


def test_a_principal_that_is_no_arn_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="is not an ARN"):
        principal_context("deployer")


# Service Authorization Reference: the keys of the action and of its resource types
@pytest.mark.parametrize(
    ("action", "key", "expected"),
    [
        ("sagemaker:CreateEndpointConfig", "sagemaker:InstanceTypes", "unknown"),
        ("sagemaker:CreateEndpointConfig", "sagemaker:VolumeKmsKey", "unknown"),
        ("sagemaker:CreateEndpoint", "sagemaker:instancetypes", "absent"),
        ("sagemaker:CreateEndpoint", "sagemaker:ResourceTag/team", "unknown"),
        ("sagemaker:CreateEndpoint", "aws:RequestTag/team", "unknown"),
        ("sagemaker:DescribeEndpoint", "aws:RequestTag/team", "absent"),
        ("sagemaker:DescribeEndpoint", "aws:TagKeys", "absent"),
        ("sagemaker:DescribeEndpoint", "aws:ResourceTag/team", "unknown"),
        ("sagemaker:CreateEndpoint", "s3:prefix", "absent"),
        ("sagemaker:CreateEndpoint", "ec2:SourceInstanceArn", "unknown"),
        ("sagemaker:CreateEndpoint", "no-such-service:Key", "unknown"),
        ("sagemaker:NoSuchAction", "sagemaker:InstanceTypes", "unknown"),
        ("sagemaker:CreateEndpoint", "sagemaker:VolumeKmsKey", "absent"),
        # the reference may be older than a key
        ("sagemaker:CreateEndpoint", "sagemaker:SomethingNew", "unknown"),
        ("sagemaker:CreateEndpointConfig", "SageMaker:somethingnew", "unknown"),
        ("sagemaker:CreateEndpoint", "s3:SomethingNew", "unknown"),
    ],
)
def test_a_services_key_is_only_in_the_context_of_actions_that_list_it(action: str, key: str, expected: str) -> None:
    assert state(settle(Request(action, ARN), ContextFacts(), [key]), key) == expected


def test_what_the_request_says_itself_wins() -> None:
    request = Request(
        "sagemaker:CreateEndpoint",
        ARN,
        context={"AWS:requestedregion": "eu-north-1", "sagemaker:InstanceTypes": ["ml.m5.large"]},
        absent=["aws:SecureTransport"],
    )

    settled = settle(request, call_context("eu-west-1", "123456789012"), ["sagemaker:InstanceTypes"])

    assert settled.context["AWS:requestedregion"] == "eu-north-1"
    assert "aws:RequestedRegion" not in settled.context
    assert "aws:SecureTransport" not in settled.context
    assert state(settled, "sagemaker:InstanceTypes") == "known"
    assert state(settled, "aws:CalledVia") == "absent"


def test_names_with_a_star_never_reach_the_request() -> None:
    settled = settle(
        Request("sagemaker:CreateEndpoint", ARN), principal_context(USER, access_key_id=LONG_TERM), ["ec2:InstanceID"]
    )

    assert "ec2:InstanceID" in settled.absent
    assert not [key for key in settled.absent if "*" in key]


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("aws:MultiFactorAuthPresent", "TRUE", "flase"),
        ("aws:MultiFactorAuthAge", "300", "five"),
        ("aws:SourceIp", "2001:db8::1", "203.0.113.0/24"),
        ("aws:CurrentTime", "2026-09-01T12:00:00Z", "noon"),
        ("aws:PrincipalTag/team", "", None),
    ],
)
def test_what_is_given_must_be_of_its_key_s_type(key: str, good: str, bad: str | None) -> None:
    assert typed(key, good).values == (good,)
    if bad is not None:
        with pytest.raises(InvalidInputError, match=key):
            typed(key, bad)


def test_a_type_that_is_given_wins_over_the_reference() -> None:
    assert typed("aws:SourceIp", ContextValue(("office",), KeyType.STRING)).values == ("office",)
    with pytest.raises(InvalidInputError, match="base64"):
        typed("own:key", ContextValue(("?",), KeyType.BINARY))


@pytest.mark.parametrize("key", ["aws:SourceVpce", "AWS:sourceip", "aws:PrincipalTag/team", "sagemaker:ModelArn"])
def test_a_key_of_one_value_takes_no_list_of_several(key: str) -> None:
    texts = ["203.0.113.7", "203.0.113.8"]
    with pytest.raises(InvalidInputError, match=f"2 values for a key that has one.*{key}|{key}.*2 values for a key"):
        typed(key, texts)
    assert typed(key, texts[:1]).values == ("203.0.113.7",)


@pytest.mark.parametrize("key", ["aws:TagKeys", "sagemaker:InstanceTypes", "own:key"])
def test_a_key_of_many_values_and_one_that_nobody_knows_take_a_list(key: str) -> None:
    assert typed(key, ["a", "b"]).values == ("a", "b")


@pytest.mark.parametrize(
    ("resource", "service", "kind", "user_id"),
    [
        ("root", "iam", "Account", "123456789012"),
        ("federated-user/ann", "sts", "FederatedUser", "123456789012:ann"),
    ],
)
def test_the_table_of_principals_has_root_and_federated_users(
    resource: str, service: str, kind: str, user_id: str
) -> None:
    # IAM User Guide, "IAM policy elements: Variables and tags", table of principals
    arn = f"arn:aws:{service}::123456789012:{resource}"
    facts = principal_context(arn)
    assert facts.known == {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": "123456789012",
        "aws:PrincipalType": kind,
        "aws:userid": user_id,
    }
    assert facts.absent == ("aws:username",)
