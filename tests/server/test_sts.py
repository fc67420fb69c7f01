"""STS of the loopback, Region by Region, asked by boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from tests.server import Answer, LoopbackAws, World, trust_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mypy_boto3_sts import STSClient

OTHER_ACCOUNT = "210987654321"


def code_of(ask: object, *, text: str = "") -> tuple[str, int]:
    """The code and status of the error that a call ends in."""
    assert callable(ask)
    with pytest.raises(ClientError) as caught:
        ask()
    response = caught.value.response
    assert text in response["Error"]["Message"]
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def mint(sts: STSClient) -> str:
    """Get a session token; give the key's kind."""
    return sts.get_session_token(DurationSeconds=900)["Credentials"]["AccessKeyId"][:4]


def test_a_user_gets_a_session_token_and_is_itself_with_it(aws: LoopbackAws) -> None:
    user = aws.create_user("deployer")
    issued = aws.client("sts", credentials=user).get_session_token(DurationSeconds=900)["Credentials"]

    asked = boto3.Session(
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    ).client("sts", endpoint_url=aws.url, region_name="eu-west-1")

    assert asked.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/deployer"
    text = "Cannot call GetSessionToken with session credentials"
    assert code_of(lambda: mint(asked), text=text) == ("AccessDenied", 403)
    asked.close()


def test_a_deactivated_region_issues_nothing_yet_knows_its_callers(aws: LoopbackAws) -> None:
    aws.sts.deactivate("eu-central-1")
    sts = aws.client("sts", region_name="eu-central-1")

    text = "STS is not activated in this region for account:123456789012. Your account administrator can activate STS"
    assert code_of(lambda: mint(sts), text=text) == ("RegionDisabledException", 403)
    assert sts.get_caller_identity()["Account"] == "123456789012"
    assert mint(aws.client("sts", region_name="eu-west-1")) == "ASIA"


def test_what_counts_is_the_setting_of_the_account_that_is_asked_for_credentials(aws: LoopbackAws) -> None:
    trust = {"Version": "2012-10-17", "Statement": [trust_statement({"AWS": "123456789012"})]}
    aws.create_role("theirs", trust=trust, account_id=OTHER_ACCOUNT)
    aws.sts.deactivate("eu-west-1", account_id=OTHER_ACCOUNT)
    sts = aws.client("sts")

    def assume() -> object:
        return sts.assume_role(RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/theirs", RoleSessionName="probe")

    assert mint(sts) == "ASIA"
    assert code_of(assume, text=f"account:{OTHER_ACCOUNT}.") == ("RegionDisabledException", 403)


@pytest.mark.parametrize(
    ("world", "issuing", "identity"),
    [
        (World.NOT_ENABLED, ("InvalidClientTokenId", 403), ("InvalidClientTokenId", 403)),
        (World.INVALID_TOKEN, ("InvalidClientTokenId", 403), ("InvalidClientTokenId", 403)),
        (World.EXPIRED_TOKEN, ("ExpiredToken", 403), ("ExpiredToken", 403)),
        (World.THROTTLED, ("Throttling", 400), ("Throttling", 400)),
        (World.BAD_GATEWAY, ("502", 502), ("502", 502)),
        (World.ACCESS_DENIED, ("AccessDenied", 403), None),
        (World.DEACTIVATED, ("RegionDisabledException", 403), None),
    ],
)
def test_worlds(aws: LoopbackAws, world: World, issuing: tuple[str, int], identity: tuple[str, int] | None) -> None:
    aws.sts.world("us-west-2", world)
    sts = aws.client("sts", region_name="us-west-2")

    assert code_of(lambda: mint(sts)) == issuing
    if identity:
        assert code_of(sts.get_caller_identity) == identity
    else:
        assert sts.get_caller_identity()["Account"] == "123456789012"
    assert mint(aws.client("sts", region_name="us-east-1")) == "ASIA"


def test_garbage_is_no_answer_that_a_client_can_read(aws: LoopbackAws) -> None:
    aws.sts.world("*", "garbage")
    with pytest.raises(ResponseParserError):
        mint(aws.client("sts"))


def test_a_world_can_be_that_of_single_operations(aws: LoopbackAws) -> None:
    aws.sts.world("*", World.THROTTLED, operations={"GetSessionToken"})
    sts = aws.client("sts")
    assert code_of(lambda: mint(sts)) == ("Throttling", 400)
    assert sts.get_caller_identity()["Account"] == "123456789012"


def test_a_region_that_is_not_enabled_refuses_the_key_for_every_service(aws: LoopbackAws) -> None:
    aws.sts.world("af-south-1", World.NOT_ENABLED)
    account = aws.client("account", region_name="us-east-1")

    sagemaker = aws.client("sagemaker", region_name="af-south-1")
    assert code_of(lambda: sagemaker.describe_endpoint(EndpointName="churn")) == ("UnrecognizedClientException", 400)
    statuses = {entry["RegionName"]: entry["RegionOptStatus"] for entry in account.list_regions()["Regions"]}
    assert statuses["af-south-1"] == account.get_region_opt_status(RegionName="af-south-1")["RegionOptStatus"]
    assert (statuses["af-south-1"], statuses["ap-east-1"]) == ("DISABLED", "ENABLED")
    assert statuses["us-east-1"] == "ENABLED_BY_DEFAULT"
    narrowed = account.list_regions(RegionOptStatusContains=["DISABLED"])["Regions"]
    assert [entry["RegionName"] for entry in narrowed] == ["af-south-1"]
    assert code_of(lambda: account.get_region_opt_status(RegionName="mars-1")) == ("ValidationException", 400)


def test_a_session_is_refused_by_the_region_first_or_by_its_kind_first(aws: LoopbackAws) -> None:
    aws.sts.deactivate("eu-west-1")
    sts = aws.client("sts", credentials=aws.create_role("ci"))
    assert code_of(lambda: mint(sts))[0] == "RegionDisabledException"
    aws.sts.denies_first = True
    assert code_of(lambda: mint(sts))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("statement", "assumed"),
    [
        (trust_statement({"AWS": "arn:aws:iam::123456789012:role/ci"}), True),
        (trust_statement({"AWS": "arn:aws:iam::123456789012:root"}), True),
        (trust_statement({"AWS": ["arn:aws:sts::123456789012:assumed-role/ci/session", "210987654321"]}), True),
        (trust_statement({"AWS": "*"}), True),
        ({**trust_statement({}), "Principal": "*"}, True),
        (trust_statement({"AWS": "arn:aws:iam::123456789012:role/other"}), False),
        (trust_statement({"Service": "sagemaker.amazonaws.com"}), False),
        (trust_statement({"AWS": "*"}, "sts:TagSession"), False),
        ({**trust_statement({"AWS": "*"}), "Effect": "Deny"}, False),
    ],
)
def test_a_role_is_assumed_where_its_trust_policy_says_so(
    aws: LoopbackAws, statement: dict[str, object], assumed: bool
) -> None:
    aws.create_role("probe", trust={"Version": "2012-10-17", "Statement": [statement]})
    sts = aws.client("sts", credentials=aws.create_role("ci"))

    def assume() -> str:
        return sts.assume_role(
            RoleArn="arn:aws:iam::123456789012:role/probe",
            RoleSessionName="iamcheck",
            DurationSeconds=900,
            Policy=json.dumps(
                {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
            ),
        )["AssumedRoleUser"]["Arn"]

    if assumed:
        assert assume() == "arn:aws:sts::123456789012:assumed-role/probe/iamcheck"
    else:
        text = (
            "User: arn:aws:sts::123456789012:assumed-role/ci/session is not authorized to perform: sts:AssumeRole on "
            "resource: arn:aws:iam::123456789012:role/probe"
        )
        assert code_of(assume, text=text) == ("AccessDenied", 403)


def test_a_role_that_does_not_exist_is_denied_like_one_that_does_not_trust(aws: LoopbackAws) -> None:
    sts = aws.client("sts")
    arn = "arn:aws:iam::123456789012:role/nobody"
    assert code_of(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="probe")) == ("AccessDenied", 403)


def test_federation_tokens_name_their_user(aws: LoopbackAws) -> None:
    answer = aws.client("sts").get_federation_token(Name="probe", DurationSeconds=900)
    assert answer["FederatedUser"]["Arn"] == "arn:aws:sts::123456789012:federated-user/probe"


def test_web_identity(aws: LoopbackAws, tmp_path: Path, enter: Callable[[Mapping[str, str]], None]) -> None:
    aws.create_role("ci")
    enter(aws.web_identity("arn:aws:iam::123456789012:role/ci", tmp_path / "token", region_name="eu-north-1"))

    def identity() -> str:
        sts = boto3.Session().client("sts")
        try:
            return sts.get_caller_identity()["Arn"]
        finally:
            sts.close()

    assert identity().startswith("arn:aws:sts::123456789012:assumed-role/ci/")
    assert [call.region for call in aws.calls] == ["eu-north-1", "eu-north-1"]
    assert aws.calls[0].access_key_id is None
    aws.sts.deactivate("eu-north-1")
    assert code_of(identity) == ("RegionDisabledException", 403)
    aws.sts.clear()
    (tmp_path / "token").write_text("of another provider")
    assert code_of(identity) == ("InvalidIdentityToken", 400)
    aws.create_role("closed", trust={"Version": "2012-10-17", "Statement": [trust_statement({"AWS": "*"})]})
    enter(aws.web_identity("arn:aws:iam::123456789012:role/closed", tmp_path / "token"))
    assert code_of(identity) == ("AccessDenied", 403)


def test_expired_and_revoked_credentials_are_refused_by_every_service(aws: LoopbackAws) -> None:
    role, user = aws.create_role("ci"), aws.create_user("deployer")
    aws.expire(role)
    aws.revoke(user)
    iam = aws.client("iam", credentials=role)
    assert code_of(iam.get_account_summary) == ("ExpiredToken", 403)
    assert code_of(aws.client("sts", credentials=user).get_caller_identity) == ("InvalidClientTokenId", 403)
    quotas = aws.client("service-quotas", credentials=role)
    assert code_of(quotas.list_services) == ("ExpiredTokenException", 400)
    ec2 = aws.client("ec2", credentials=user)
    assert code_of(ec2.describe_regions) == ("AuthFailure", 401)


def test_root_has_a_key_of_its_own(aws: LoopbackAws) -> None:
    sts = aws.client("sts", credentials=aws.root(account_id=OTHER_ACCOUNT))
    identity = sts.get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (f"arn:aws:iam::{OTHER_ACCOUNT}:root", OTHER_ACCOUNT)


@pytest.mark.parametrize(("partition", "region"), [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")])
def test_partitions_are_worlds_apart(aws: LoopbackAws, partition: str, region: str) -> None:
    user = aws.create_user("deployer", partition=partition)
    role = aws.create_role("ci", partition=partition)
    here = aws.client("sts", region_name=region, credentials=role)
    assert here.get_caller_identity()["Arn"] == f"arn:{partition}:sts::123456789012:assumed-role/ci/session"
    users = aws.client("iam", region_name=region, credentials=user).list_users()["Users"]
    assert [found["Arn"] for found in users] == [f"arn:{partition}:iam::123456789012:user/deployer"]
    elsewhere = aws.client("sts", region_name="eu-west-1", credentials=user)
    assert code_of(elsewhere.get_caller_identity) == ("InvalidClientTokenId", 403)


def test_a_hook_answers_in_place_of_sts(aws: LoopbackAws) -> None:
    aws.hook("sts:GetCaller*", lambda call: Answer(503) if call.region == "eu-west-1" else None)
    assert code_of(aws.client("sts").get_caller_identity) == ("503", 503)
    assert aws.client("sts", region_name="eu-west-2").get_caller_identity()["Account"] == "123456789012"
