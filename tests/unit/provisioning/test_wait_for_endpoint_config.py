"""`wait_for_endpoint_config`: one sighting is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

import iamcheck
from tests.server import json_answer
from tests.unit import provisioning as p

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sagemaker import SageMakerClient

    from tests.server import Answer, Call, LoopbackAws

READ = p.DESCRIBE_CONFIG
ABSENT = p.not_found()
LOST: dict[str, Callable[[Call], Answer]] = {
    "throttled": p.refused("ThrottlingException", "Rate exceeded"),
    "500": p.refused("InternalFailure", "oops", 500),
    "reset": p.reset,
    "html": p.html,
    "empty": p.empty,
    "of another": lambda _: json_answer({"EndpointConfigName": "other", "EndpointConfigArn": p.CONFIG_ARN}),
}


@pytest.fixture
def client(aws: LoopbackAws) -> SageMakerClient:
    p.deploy_config(aws)
    return aws.client("sagemaker")


@pytest.mark.parametrize("reads", [0, 1, 2, 7, 20])
def test_it_is_seen_three_times_in_a_row(aws: LoopbackAws, client: SageMakerClient, reads: int) -> None:
    p.scripted(aws, READ, [ABSENT] * reads)
    timing = p.Timing(dice=0.999)
    found = iamcheck.wait_for_endpoint_config(client, p.CONFIG, **timing.given)
    assert (found["EndpointConfigName"], found["ProductionVariants"][0]["InstanceType"]) == (p.CONFIG, "ml.m5.xlarge")
    assert aws.actions == [READ] * (reads + 3)
    assert len(timing.slept) == reads + 2


@pytest.mark.parametrize("sightings", [1, 2, 5])
def test_the_row_is_as_long_as_asked(aws: LoopbackAws, client: SageMakerClient, sightings: int) -> None:
    p.scripted(aws, READ, [None] * (sightings - 1) + [ABSENT])
    iamcheck.wait_for_endpoint_config(client, p.CONFIG, sightings=sightings, **p.Timing().given)
    # a read that misses it breaks the row
    assert aws.actions == [READ] * (2 * sightings)


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_what_says_nothing_breaks_the_row_and_is_asked_again(
    aws: LoopbackAws, client: SageMakerClient, lost: Callable[[Call], Answer]
) -> None:
    p.scripted(aws, READ, [None, lost, None, lost])
    iamcheck.wait_for_endpoint_config(client, p.CONFIG, sightings=2, **p.Timing().given)
    assert aws.actions == [READ] * 6


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (p.denied(READ), "AccessDeniedException"),
        (p.refused("ValidationException", "1 validation error detected"), "ValidationException"),
        (p.refused("UnrecognizedClientException", "The security token is invalid", 403), "UnrecognizedClientException"),
    ],
)
def test_a_refusal_ends_it_at_once(
    aws: LoopbackAws, client: SageMakerClient, answer: Callable[[Call], Answer], code: str
) -> None:
    p.scripted(aws, READ, [None, answer])
    timing = p.Timing()
    with pytest.raises(iamcheck.AwsUnavailableError) as caught:
        iamcheck.wait_for_endpoint_config(client, p.CONFIG, **timing.given)
    assert (caught.value.code, caught.value.operation) == (code, READ)
    assert isinstance(caught.value.__cause__, ClientError)
    assert len(aws.calls) == 2


def test_no_credentials_end_it_at_once(aws: LoopbackAws, client: SageMakerClient) -> None:
    def no_credentials(**_: object) -> None:
        raise NoCredentialsError

    client.meta.events.register("before-sign.sagemaker.DescribeEndpointConfig", no_credentials)
    with pytest.raises(iamcheck.AwsUnavailableError, match="no AWS credentials"):
        iamcheck.wait_for_endpoint_config(client, p.CONFIG, **p.Timing().given)
    assert aws.calls == ()


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([ABSENT] * 99, "last: ValidationException: Could not find endpoint configuration"),
        ([p.refused("ThrottlingException", "Rate exceeded")] * 99, "last: ThrottlingException: Rate exceeded"),
        ([p.html] * 99, "last: the answer cannot be understood"),
        ([None, ABSENT] * 99, "times in a row within 7 seconds; last: "),
        ([None] * 99, "last: it was seen "),
    ],
)
def test_when_the_time_is_up_it_says_what_was_seen_last(
    aws: LoopbackAws, client: SageMakerClient, steps: list[Callable[[Call], Answer] | None], said: str
) -> None:
    p.scripted(aws, READ, steps)
    timing = p.Timing()
    with pytest.raises(iamcheck.AwsUnavailableError, match=said) as caught:
        iamcheck.wait_for_endpoint_config(client, p.CONFIG, timeout=7, sightings=99, **timing.given)
    assert p.CONFIG in str(caught.value)
    assert 0 < sum(timing.slept) < 7


@pytest.mark.parametrize("given", [{"sightings": 0}, {"timeout": 0.0}, {"timeout": float("nan")}])
def test_numbers_that_are_none_are_bad_input(aws: LoopbackAws, given: dict[str, float]) -> None:
    with pytest.raises(iamcheck.InvalidInputError, match=next(iter(given))):
        iamcheck.wait_for_endpoint_config(aws.client("sagemaker"), p.CONFIG, **given)  # type: ignore[arg-type]
    assert aws.calls == ()
