"""`create_endpoint`: repeats what AWS did not do yet, and nothing that it may have done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ParamValidationError

import iamcheck
from tests.server import Answer
from tests.unit import provisioning as p

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sagemaker import SageMakerClient

    from tests.server import Call, LoopbackAws

RETRIES = ({"mode": "legacy"}, {"mode": "standard"}, {"mode": "adaptive"}, {"mode": "standard", "max_attempts": 1})
LOST: dict[str, Callable[[Call], Answer]] = {
    "reset": p.reset,
    "truncated": p.truncated,
    "cut JSON": p.cut_json,
    "html": p.html,
    "empty": p.empty,
    "500": p.refused("InternalFailure", "oops", 500),
    "503 of a proxy": lambda _: Answer(503, b"<html>Unavailable</html>", {"Content-Type": "text/html"}),
    "request timeout": p.refused("RequestTimeout", "too slow"),
}


@pytest.fixture
def client(aws: LoopbackAws) -> SageMakerClient:
    """A client with retries, as scripts have them."""
    p.deploy_config(aws)
    return aws.client("sagemaker", config=Config(retries={"total_max_attempts": 5, "mode": "standard"}))


def endpoints(aws: LoopbackAws) -> list[str]:
    return list(p.backend(aws).endpoints)


@pytest.mark.parametrize("reads", range(21))
def test_a_config_that_is_seen_after_some_reads(aws: LoopbackAws, client: SageMakerClient, reads: int) -> None:
    p.scripted(aws, p.CREATE, [p.not_found()] * reads)
    timing = p.Timing(dice=0.999)
    made = iamcheck.create_endpoint(client, **timing.given, **p.REQUEST)
    assert made["EndpointArn"] == p.ENDPOINT_ARN
    assert aws.actions == [p.CREATE] * (reads + 1)
    assert endpoints(aws) == [p.ENDPOINT]
    assert len(timing.slept) == reads


def test_the_pauses_grow_and_keep_to_their_bound(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.CREATE, [p.not_found()] * 5)
    timing = p.Timing(dice=0.5)
    iamcheck.create_endpoint(client, **timing.given, **p.REQUEST)
    assert timing.slept == [0.25, 0.5, 1.0, 1.5, 1.5]


def test_a_config_that_never_shows_up_ends_with_aws_s_own_words(aws: LoopbackAws, client: SageMakerClient) -> None:
    timing = p.Timing()
    with pytest.raises(ClientError, match="Could not find endpoint configuration") as caught:
        iamcheck.create_endpoint(client, EndpointName="churn", EndpointConfigName="typo", timeout=10, **timing.given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert set(aws.actions) == {p.CREATE}
    assert 5 < sum(timing.slept) <= 10


@pytest.mark.parametrize(
    "answer",
    [
        p.denied(p.CREATE),
        p.refused("ResourceLimitExceeded", "The account-level service limit is 0 Instances"),
        p.refused("ValidationException", "1 validation error detected"),
        p.refused("ValidationException", f'Cannot create already existing endpoint "{p.ENDPOINT_ARN}".'),
        p.refused("ExpiredTokenException", "The security token included in the request is expired", 403),
        lambda _: Answer(403, b"<html>Blocked</html>", {"Content-Type": "text/html"}),
    ],
    ids=["denial", "limit", "validation", "taken", "expired", "proxy"],
)
def test_a_refusal_is_one_call(aws: LoopbackAws, client: SageMakerClient, answer: Callable[[Call], Answer]) -> None:
    p.scripted(aws, p.CREATE, [answer])
    timing = p.Timing()
    with pytest.raises(ClientError):
        iamcheck.create_endpoint(client, **timing.given, **p.REQUEST)
    assert (aws.actions, timing.slept, endpoints(aws)) == ([p.CREATE], [], [])


def test_a_denial_by_the_server_is_one_call(aws: LoopbackAws, client: SageMakerClient) -> None:
    aws.deny(p.CREATE)
    with pytest.raises(ClientError, match="not authorized"):
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert aws.actions == [p.CREATE]


def test_throttling_is_asked_again(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.CREATE, [p.refused("ThrottlingException", "Rate exceeded")] * 3)
    timing = p.Timing()
    iamcheck.create_endpoint(client, **timing.given, **p.REQUEST)
    assert (aws.actions, len(timing.slept)) == ([p.CREATE] * 4, 3)


def test_throttling_to_the_end_is_aws_s_own_error(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.CREATE, [p.refused("ThrottlingException", "Rate exceeded", 429)] * 50)
    with pytest.raises(ClientError, match="Rate exceeded"):
        iamcheck.create_endpoint(client, timeout=5, **p.Timing().given, **p.REQUEST)


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_what_was_done_and_not_answered_is_found(
    aws: LoopbackAws, client: SageMakerClient, lost: Callable[[Call], Answer]
) -> None:
    p.scripted(aws, p.CREATE, [p.done_then(lost, aws)])
    timing = p.Timing()
    made = iamcheck.create_endpoint(client, **timing.given, **p.REQUEST)
    assert (made["EndpointArn"], made["ResponseMetadata"]["HTTPStatusCode"]) == (p.ENDPOINT_ARN, 200)
    assert aws.actions == [p.CREATE, p.DESCRIBE]
    assert endpoints(aws) == [p.ENDPOINT]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_what_was_not_done_is_repeated_after_a_look(
    aws: LoopbackAws, client: SageMakerClient, lost: Callable[[Call], Answer]
) -> None:
    p.scripted(aws, p.CREATE, [lost])
    made = iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert made["EndpointArn"] == p.ENDPOINT_ARN
    assert aws.actions == [p.CREATE, p.DESCRIBE, p.CREATE]
    assert endpoints(aws) == [p.ENDPOINT]


@pytest.mark.parametrize("retries", RETRIES, ids=lambda retries: "-".join(map(str, retries.values())))
def test_the_client_s_own_retries_rest(aws: LoopbackAws, retries: dict[str, object]) -> None:
    p.deploy_config(aws)
    client = aws.client("sagemaker", config=Config(retries=retries))  # type: ignore[arg-type]
    p.scripted(aws, p.CREATE, [p.reset])
    iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert aws.actions == [p.CREATE, p.DESCRIBE, p.CREATE]


def test_the_client_s_own_retries_work_again_afterwards(aws: LoopbackAws) -> None:
    p.deploy_config(aws)
    client = aws.client("sagemaker")
    before = client.meta.events.emit("before-send.sagemaker.CreateEndpoint", request=None)

    def at_once(*, attempts: int, **_: object) -> int | None:
        return 0 if attempts == 1 else None

    client.meta.events.register("needs-retry.sagemaker.CreateEndpoint", at_once)  # type: ignore[arg-type]  # it may answer
    p.scripted(aws, p.CREATE, [p.reset, None, p.reset])
    iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert aws.actions == [p.CREATE, p.DESCRIBE, p.CREATE]
    client.create_endpoint(EndpointName="other", EndpointConfigName=p.CONFIG)
    assert aws.actions[3:] == [p.CREATE, p.CREATE]
    assert client.meta.events.emit("before-send.sagemaker.CreateEndpoint", request=None) == before


def test_done_and_not_seen_at_once_is_still_one_endpoint(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.CREATE, [p.done_then(p.reset, aws)])
    p.scripted(aws, p.DESCRIBE, [p.not_found("endpoint", p.ENDPOINT_ARN)] * 2)
    made = iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert made["EndpointArn"] == p.ENDPOINT_ARN
    # refused for its name, looked for, not seen, refused again, seen
    assert aws.actions == [p.CREATE, p.DESCRIBE] * 3
    assert endpoints(aws) == [p.ENDPOINT]


def older(aws: LoopbackAws, config: str, *, hours: int) -> None:
    p.deploy_config(aws, config) if config != p.CONFIG else None
    made = p.backend(aws).create_endpoint(p.ENDPOINT, config, [])
    made.creation_time -= timedelta(hours=hours)


@pytest.mark.parametrize(
    ("config", "hours", "said"),
    [(p.CONFIG, 1, "before the call"), ("other", 0, "endpoint config other"), ("other", 1, "endpoint config other")],
)
def test_another_s_endpoint_is_not_taken_for_ours(
    aws: LoopbackAws, client: SageMakerClient, config: str, hours: int, said: str
) -> None:
    older(aws, config, hours=hours)
    p.scripted(aws, p.CREATE, [p.reset])
    with pytest.raises(iamcheck.InvalidInputError, match=said):
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert aws.actions == [p.CREATE, p.DESCRIBE]


@pytest.mark.parametrize("date", ["yesterday", "Tue, 24 Nov 2026 02:30:41 -0000", ""])
def test_an_endpoint_of_unknown_age_is_nobody_s(aws: LoopbackAws, client: SageMakerClient, date: str) -> None:
    def answered_at(*, parsed: dict[str, Any], **_: object) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = date

    p.scripted(aws, p.CREATE, [p.done_then(p.reset, aws)])
    client.meta.events.register("after-call.sagemaker.DescribeEndpoint", answered_at)
    with pytest.raises(iamcheck.AwsUnavailableError, match="when it was created cannot be read"):
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)


def test_who_may_not_look_is_told_that_nobody_knows(aws: LoopbackAws, client: SageMakerClient) -> None:
    aws.deny(p.DESCRIBE)
    p.scripted(aws, p.CREATE, [p.done_then(p.reset, aws)])
    with pytest.raises(iamcheck.AwsUnavailableError, match="nobody can tell") as caught:
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert (caught.value.operation, caught.value.code) == (p.CREATE, "AccessDeniedException")
    assert aws.actions == [p.CREATE, p.DESCRIBE]


def test_a_look_that_is_throttled_is_had_again(aws: LoopbackAws, client: SageMakerClient) -> None:
    once = aws.client("sagemaker")
    p.scripted(aws, p.CREATE, [p.done_then(p.reset, aws)])
    p.scripted(aws, p.DESCRIBE, [p.refused("ThrottlingException", "Rate exceeded"), p.reset])
    iamcheck.create_endpoint(once, **p.Timing().given, **p.REQUEST)
    assert aws.actions == [p.CREATE, *[p.DESCRIBE] * 3]


def test_never_an_answer_is_never_a_yes(aws: LoopbackAws) -> None:
    p.deploy_config(aws)
    p.scripted(aws, p.CREATE, [p.reset] * 50)
    timing = p.Timing()
    with pytest.raises(iamcheck.AwsUnavailableError, match="nobody can tell whether"):
        iamcheck.create_endpoint(aws.client("sagemaker"), timeout=20, **timing.given, **p.REQUEST)
    assert sum(timing.slept) <= 20
    assert aws.actions[:4] == [p.CREATE, p.DESCRIBE] * 2


def test_a_denial_after_a_lost_answer_ends_it(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.CREATE, [p.reset, p.denied(p.CREATE)])
    with pytest.raises(ClientError, match="not authorized"):
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert aws.actions == [p.CREATE, p.DESCRIBE, p.CREATE]


def test_what_is_never_sent_is_boto3_s_own_error(aws: LoopbackAws, client: SageMakerClient) -> None:
    with pytest.raises(ParamValidationError):
        iamcheck.create_endpoint(client, **p.Timing().given, EndpointName="churn")

    def no_credentials(**_: object) -> None:
        raise NoCredentialsError

    client.meta.events.register("before-sign.sagemaker.CreateEndpoint", no_credentials)
    with pytest.raises(NoCredentialsError):
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)

    def lost_on_the_way_to_credentials(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://169.254.169.254")

    client.meta.events.register_first("before-sign.sagemaker.CreateEndpoint", lost_on_the_way_to_credentials)
    with pytest.raises(EndpointConnectionError):
        iamcheck.create_endpoint(client, **p.Timing().given, **p.REQUEST)
    assert aws.calls == ()


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_bad_input(aws: LoopbackAws, client: SageMakerClient, timeout: float) -> None:
    with pytest.raises(iamcheck.InvalidInputError, match="timeout"):
        iamcheck.create_endpoint(client, timeout=timeout, **p.REQUEST)
    assert aws.calls == ()
