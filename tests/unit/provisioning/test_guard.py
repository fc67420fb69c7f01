"""`guard`: the pre-flight in front of real clients' `create_endpoint`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import ParamValidationError

import iamcheck
from tests.server import ALLOW_ALL
from tests.unit import provisioning as p

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_sagemaker import SageMakerClient

    from tests.server import Credentials, LoopbackAws

DEPLOYER = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sagemaker:Create*", "Resource": [p.ENDPOINT_ARN, p.CONFIG_ARN]}],
}
TAGS: Any = [{"Key": "team", "Value": "ml"}]
OFFLINE: dict[str, Any] = {"offline": True, "account_id": "123456789012"}


@pytest.fixture
def user(aws: LoopbackAws) -> Credentials:
    p.deploy_config(aws)
    return aws.create_user("deployer", policy=DEPLOYER)


@pytest.fixture
def session(aws: LoopbackAws, user: Credentials) -> Session:
    return aws.session(user)


def creates(aws: LoopbackAws) -> int:
    return aws.actions.count(p.CREATE)


def sagemaker(session: Session) -> SageMakerClient:
    return session.client("sagemaker")


def test_what_is_allowed_goes_through(aws: LoopbackAws, session: Session, user: Credentials) -> None:
    with iamcheck.guard(session) as guard:
        made = sagemaker(session).create_endpoint(**p.REQUEST)
    assert made["EndpointArn"] == p.ENDPOINT_ARN
    assert guard.report is not None
    assert (guard.report.verdict, guard.report.principal) == ("pass", user.arn)
    assert guard.report.deployment.endpoint_name == p.ENDPOINT
    assert "iam:SimulatePrincipalPolicy" in aws.actions[: aws.actions.index(p.CREATE)]


@pytest.mark.parametrize(
    "request_",
    [{"EndpointName": "neighbour", "EndpointConfigName": p.CONFIG}, {**p.REQUEST, "Tags": TAGS}],
    ids=["another name", "tags"],
)
def test_the_real_request_is_judged(aws: LoopbackAws, session: Session, request_: dict[str, Any]) -> None:
    with iamcheck.guard(session), pytest.raises(iamcheck.PreflightFailed) as caught:
        sagemaker(session).create_endpoint(**request_)
    assert caught.value.report.verdict == "fail"
    assert creates(aws) == 0


def test_the_client_s_region_is_judged(aws: LoopbackAws, session: Session) -> None:
    with iamcheck.guard(session), pytest.raises(iamcheck.PreflightFailed) as caught:
        session.client("sagemaker", region_name="eu-central-1").create_endpoint(**p.REQUEST)
    assert caught.value.report.deployment.region == "eu-central-1"
    assert creates(aws) == 0


def test_what_other_handlers_add_is_judged(aws: LoopbackAws, session: Session) -> None:
    def add_tags(*, params: dict[str, object], **_: object) -> None:
        params["Tags"] = TAGS

    with iamcheck.guard(session):
        client = sagemaker(session)
        client.meta.events.register("before-parameter-build.sagemaker.CreateEndpoint", add_tags)
        with pytest.raises(iamcheck.PreflightFailed):
            client.create_endpoint(**p.REQUEST)
    assert creates(aws) == 0


def test_what_nobody_knows_is_no_yes(aws: LoopbackAws, session: Session) -> None:
    aws.deny("iam:*")
    with iamcheck.guard(session), pytest.raises(iamcheck.PreflightUnknown):
        sagemaker(session).create_endpoint(**p.REQUEST)
    assert creates(aws) == 0


def test_an_account_that_nobody_tells_is_no_yes(aws: LoopbackAws, session: Session) -> None:
    aws.deny("sts:GetCallerIdentity")
    with iamcheck.guard(session), pytest.raises(iamcheck.PreflightUnknown) as caught:
        sagemaker(session).create_endpoint(**p.REQUEST)
    assert (caught.value.report.account_id, creates(aws)) == (None, 0)


def test_what_nobody_knows_goes_through_where_that_is_said(aws: LoopbackAws, session: Session) -> None:
    aws.deny("iam:*")
    with iamcheck.guard(session, unknown="allow") as guard:
        sagemaker(session).create_endpoint(**p.REQUEST)
    assert guard.report is not None
    assert (guard.report.verdict, creates(aws)) == ("unknown", 1)


def test_a_denial_does_not_go_through_where_the_unknown_does(aws: LoopbackAws, session: Session) -> None:
    with iamcheck.guard(session, unknown="allow"), pytest.raises(iamcheck.PreflightFailed):
        sagemaker(session).create_endpoint(EndpointName="neighbour", EndpointConfigName=p.CONFIG)
    assert creates(aws) == 0


def test_other_operations_are_let_alone(aws: LoopbackAws, session: Session) -> None:
    with iamcheck.guard(session) as guard:
        client = sagemaker(session)
        client.list_endpoints()
        client.describe_endpoint_config(EndpointConfigName=p.CONFIG)
        session.client("sts").get_caller_identity()
    assert guard.report is None
    assert aws.actions == ["sagemaker:ListEndpoints", p.DESCRIBE_CONFIG, "sts:GetCallerIdentity"]


def test_removed_is_removed_from_the_clients_too(aws: LoopbackAws, session: Session) -> None:
    guard = iamcheck.guard(session)
    guarded = sagemaker(session)
    guard.remove()
    guard.remove()
    for client in (guarded, sagemaker(session)):
        client.create_endpoint(EndpointName=f"neighbour{creates(aws)}", EndpointConfigName=p.CONFIG)
    assert (aws.actions, guard.report) == ([p.CREATE] * 2, None)


def test_clients_from_before_are_not_guarded(aws: LoopbackAws, session: Session) -> None:
    before = sagemaker(session)
    with iamcheck.guard(session):
        before.create_endpoint(EndpointName="neighbour", EndpointConfigName=p.CONFIG)
    assert aws.actions == [p.CREATE]


def test_one_client_is_guarded(aws: LoopbackAws, session: Session) -> None:
    client, other = sagemaker(session), sagemaker(session)
    with iamcheck.guard(client, session=session):
        with pytest.raises(iamcheck.PreflightFailed):
            client.create_endpoint(EndpointName="neighbour", EndpointConfigName=p.CONFIG)
        other.create_endpoint(EndpointName="neighbour", EndpointConfigName=p.CONFIG)
    client.create_endpoint(EndpointName="neighbour2", EndpointConfigName=p.CONFIG)
    assert creates(aws) == 2


def test_credentials_that_are_not_the_session_s_are_refused(aws: LoopbackAws, session: Session) -> None:
    other = aws.create_user("other", policy=ALLOW_ALL)
    with iamcheck.guard(session):
        client = session.client(
            "sagemaker", aws_access_key_id=other.access_key_id, aws_secret_access_key=other.secret_access_key
        )
        with pytest.raises(iamcheck.InvalidInputError, match="other credentials"):
            client.create_endpoint(**p.REQUEST)
    assert aws.calls == ()


def test_another_session_may_ask_about_a_principal(aws: LoopbackAws, session: Session, user: Credentials) -> None:
    client = sagemaker(session)
    with iamcheck.guard(client, session=aws.session(), principal=user.arn) as guard:
        client.create_endpoint(**p.REQUEST)
        with pytest.raises(iamcheck.PreflightFailed):
            client.create_endpoint(EndpointName="neighbour", EndpointConfigName=p.CONFIG)
    assert guard.report is not None
    assert guard.report.principal == user.arn
    assert creates(aws) == 1


def test_a_request_that_is_repeated_is_judged_once_a_minute(aws: LoopbackAws, session: Session) -> None:
    timing = p.Timing()
    p.scripted(aws, p.CREATE, [p.not_found()] * 5)
    with iamcheck.guard(session, clock=lambda: timing.now) as guard:
        client = sagemaker(session)
        iamcheck.create_endpoint(client, **timing.given, **p.REQUEST)
        assert aws.actions.count("sts:GetCallerIdentity") == 1
        first = guard.report
        with pytest.raises(iamcheck.PreflightFailed):
            client.create_endpoint(**p.REQUEST, Tags=TAGS)
        assert guard.report is not first
        timing.now += 61
        p.backend(aws).endpoints.clear()
        client.create_endpoint(**p.REQUEST)
    assert aws.actions.count("sts:GetCallerIdentity") == 3
    assert creates(aws) == 7


def test_a_denial_is_judged_anew(aws: LoopbackAws, session: Session) -> None:
    with iamcheck.guard(session):
        client = sagemaker(session)
        for _ in range(2):
            with pytest.raises(iamcheck.PreflightFailed):
                iamcheck.create_endpoint(client, **p.REQUEST, Tags=TAGS)
    assert aws.actions.count("sts:GetCallerIdentity") == 2
    assert creates(aws) == 0


def test_offline_over_policies(aws: LoopbackAws, session: Session) -> None:
    client = sagemaker(session)
    with iamcheck.guard(client, **OFFLINE, policies=[DEPLOYER]) as guard:
        client.create_endpoint(**p.REQUEST)
        with pytest.raises(iamcheck.PreflightFailed):
            client.create_endpoint(EndpointName="neighbour", EndpointConfigName=p.CONFIG)
    assert guard.report is not None
    assert (guard.report.offline, aws.actions) == (True, [p.CREATE])


def test_what_boto3_cannot_send_is_its_own_error(aws: LoopbackAws, session: Session) -> None:
    with iamcheck.guard(session), pytest.raises(ParamValidationError):
        sagemaker(session).create_endpoint(EndpointName="churn")  # type: ignore[call-arg]
    assert aws.calls == ()


def test_a_name_that_aws_would_refuse_is_no_yes(aws: LoopbackAws, session: Session) -> None:
    with iamcheck.guard(session), pytest.raises((iamcheck.PreflightFailed, iamcheck.PreflightUnknown)):
        sagemaker(session).create_endpoint(EndpointName="churn_1", EndpointConfigName=p.CONFIG)
    assert creates(aws) == 0


@pytest.mark.parametrize(
    ("given", "where"),
    [({"unknown": "maybe"}, "unknown"), ({"offline": True}, "account_id")],
)
def test_arguments_that_are_none(aws: LoopbackAws, session: Session, given: dict[str, Any], where: str) -> None:
    with pytest.raises(iamcheck.InvalidInputError, match=where):
        iamcheck.guard(session, **given)


def test_targets_that_are_none(aws: LoopbackAws, session: Session) -> None:
    core: Any = botocore.session.Session()
    with pytest.raises(iamcheck.InvalidInputError, match="target"):
        iamcheck.guard(core)
    with pytest.raises(iamcheck.InvalidInputError, match="session"):
        iamcheck.guard(sagemaker(session))
    with pytest.raises(TypeError, match="colour"):
        iamcheck.guard(session, colour="blue")  # type: ignore[call-arg]  # the error is the test
