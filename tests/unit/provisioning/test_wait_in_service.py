"""`wait_in_service`: InService is read, never assumed, and a failure is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.explain.messages import FAMILIES, explain_messages
from tests.unit import provisioning as p

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_sagemaker import SageMakerClient

    from iamcheck.explain.messages import MessageFamily
    from tests.server import Answer, Call, LoopbackAws

    Steps = Sequence[Callable[[Call], Answer] | None]

PENDING: dict[str, Any] = {"PendingDeploymentSummary": {"EndpointConfigName": "churn-v8"}}
ABSENT = p.not_found("endpoint", p.ENDPOINT_ARN)
# as AWS writes them; the first is in https://repost.aws/knowledge-center and in many reports of users
REASONS = {
    "Failed to start: Please make sure all images included in the model for the production variant a exist, and that "
    "the execution role used to create the model has permissions to access them.": "ecr:BatchGetImage",
    'Could not access model data at s3://b/model.tar.gz. Please ensure that the role "r" exists': "s3:GetObject",
    'Failed to download model data for container "c" from URL: "s3://b/m"': "s3:GetObject",
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.": "again later",
    "The primary container for production variant a did not pass the ping health check. Please check CloudWatch logs "
    "for this endpoint.": "logs in CloudWatch",
    "ResourceLimitExceeded: The account-level service limit 'ml.g5.xlarge for endpoint usage' is 0": "quota",
    "Unable to assume role arn:aws:iam::123456789012:role/gone": "sagemaker.amazonaws.com",
    "One or more alarms (p99) went into ALARM": "cloudwatch:DescribeAlarms",
}


@pytest.fixture
def client(aws: LoopbackAws) -> SageMakerClient:
    p.deploy_config(aws)
    p.backend(aws).create_endpoint(p.ENDPOINT, p.CONFIG, [])
    return aws.client("sagemaker")


def failed(client: SageMakerClient, **given: object) -> iamcheck.EndpointFailedError:
    with pytest.raises(iamcheck.EndpointFailedError) as caught:
        iamcheck.wait_in_service(client, p.ENDPOINT, **p.Timing().given, **given)  # type: ignore[arg-type]
    return caught.value


def test_from_creating_to_in_service(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.DESCRIBE, [ABSENT, *[p.described("Creating", **PENDING)] * 3, p.described("SystemUpdating")])
    statuses: list[str] = []
    timing = p.Timing(dice=0.5)
    p.scripted(aws, p.DESCRIBE, [p.described("InService", "churn-v8")])
    found = iamcheck.wait_in_service(client, p.ENDPOINT, poll=10, on_status=statuses.append, **timing.given)
    assert (found["EndpointStatus"], found["EndpointArn"]) == ("InService", p.ENDPOINT_ARN)
    assert statuses == ["Creating", "SystemUpdating", "InService"]
    assert timing.slept == [7.5] * 5


@pytest.mark.parametrize(
    "lost", [p.reset, p.html, p.empty, p.refused("ThrottlingException", "Rate exceeded"), p.refused("Oops", "", 500)]
)
def test_what_says_nothing_is_asked_again(
    aws: LoopbackAws, client: SageMakerClient, lost: Callable[[Call], Answer]
) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Creating"), lost, lost])
    assert iamcheck.wait_in_service(client, p.ENDPOINT, **p.Timing().given)["EndpointStatus"] == "InService"
    assert len(aws.calls) == 4


@pytest.mark.parametrize("status", ["Failed", "OutOfService", "Deleting", "UpdateRollbackFailed"])
def test_states_that_end_it(aws: LoopbackAws, client: SageMakerClient, status: str) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Creating"), p.described(status)])
    error = failed(client)
    assert (error.status, error.endpoint_name, error.failure_reason, error.meaning) == (status, p.ENDPOINT, None, "")
    assert status in str(error)
    assert len(aws.calls) == 2


@pytest.mark.parametrize(("reason", "cure"), REASONS.items(), ids=range(len(REASONS)))
def test_a_failure_is_explained(aws: LoopbackAws, client: SageMakerClient, reason: str, cure: str) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Failed", FailureReason=reason)])
    error = failed(client)
    assert error.failure_reason == reason
    assert cure in error.cure
    assert reason[:60] in str(error)
    assert error.meaning in str(error)
    assert error.source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.id))
def test_a_reason_means_what_explain_says(aws: LoopbackAws, client: SageMakerClient, family: MessageFamily) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Failed", FailureReason=family.example)])
    error = failed(client)
    explained = explain_messages(family.example)[0]
    cure = explained.remedy.text if explained.remedy else ""
    assert (error.family, error.meaning, error.cure) == (family.id, explained.meaning, cure)


def test_a_reason_that_is_not_known_is_told_as_it_is(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Failed", FailureReason="something new")])
    error = failed(client)
    assert ('"something new"' in str(error), error.cure) == (True, "")


@pytest.mark.parametrize(
    "steps",
    [
        [p.described("Updating", **PENDING), p.described("RollingBack", **PENDING), p.described("InService")],
        [p.described("RollingBack"), p.described("InService")],
        # the rolling back itself was between two looks
        [p.described("Updating", **PENDING), p.described("InService"), p.described("InService")],
    ],
)
def test_an_update_that_was_rolled_back_has_failed(aws: LoopbackAws, client: SageMakerClient, steps: Steps) -> None:
    p.scripted(aws, p.DESCRIBE, steps)
    error = failed(client)
    assert error.status == "InService"
    assert "rolled back" in str(error)
    assert p.CONFIG in str(error)
    assert len(aws.calls) == len(steps)


def test_one_stale_read_is_no_rolling_back(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(
        aws,
        p.DESCRIBE,
        [p.described("Updating", **PENDING), p.described("InService"), p.described("InService", "churn-v8")],
    )
    found = iamcheck.wait_in_service(client, p.ENDPOINT, **p.Timing().given)
    assert found["EndpointConfigName"] == "churn-v8"


def test_in_service_with_what_was_before_is_not_the_update(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("InService"), p.described("Updating"), p.described("InService", "v8")])
    found = iamcheck.wait_in_service(client, p.ENDPOINT, endpoint_config_name="v8", **p.Timing().given)
    assert found["EndpointConfigName"] == "v8"
    with pytest.raises(iamcheck.AwsUnavailableError, match="with v9 within 60 seconds; last: its status was In"):
        iamcheck.wait_in_service(client, p.ENDPOINT, endpoint_config_name="v9", timeout=60, **p.Timing().given)


def test_back_to_the_config_that_is_wanted_is_good(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("RollingBack", "churn-v8")])
    found = iamcheck.wait_in_service(client, p.ENDPOINT, endpoint_config_name=p.CONFIG, **p.Timing().given)
    assert found["EndpointStatus"] == "InService"


def test_an_endpoint_that_vanishes(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Creating"), *[ABSENT] * 99])
    assert "deleted" in str(failed(client))


def test_one_that_was_seen_may_be_missing_once(aws: LoopbackAws, client: SageMakerClient) -> None:
    p.scripted(aws, p.DESCRIBE, [p.described("Creating"), ABSENT, p.described("Creating")])
    assert iamcheck.wait_in_service(client, p.ENDPOINT, **p.Timing().given)["EndpointStatus"] == "InService"


def test_an_endpoint_that_is_not_there_is_given_a_minute(aws: LoopbackAws) -> None:
    timing = p.Timing()
    with pytest.raises(iamcheck.AwsUnavailableError, match="Could not find endpoint"):
        iamcheck.wait_in_service(aws.client("sagemaker"), "typo", **timing.given)
    assert 50 < sum(timing.slept) < 80


def test_a_denial_ends_it_at_once(aws: LoopbackAws, client: SageMakerClient) -> None:
    aws.deny(p.DESCRIBE)
    with pytest.raises(iamcheck.AwsUnavailableError) as caught:
        iamcheck.wait_in_service(client, p.ENDPOINT, **p.Timing().given)
    assert (caught.value.code, len(aws.calls)) == ("AccessDeniedException", 1)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([p.described("Creating")] * 99, "last: its status was Creating$"),
        ([p.described("NewState")] * 99, "last: its status was NewState$"),
        ([p.html] * 99, "last: it was never seen, then: the answer cannot be understood"),
        ([p.empty] * 99, "EndpointStatus is missing"),
        ([p.described("Creating"), *[p.reset] * 99], "its status was Creating, then: "),
    ],
)
def test_when_the_time_is_up_it_says_what_was_seen_last(
    aws: LoopbackAws, client: SageMakerClient, steps: Steps, said: str
) -> None:
    p.scripted(aws, p.DESCRIBE, steps)
    timing = p.Timing()
    with pytest.raises(iamcheck.AwsUnavailableError, match=said):
        iamcheck.wait_in_service(client, p.ENDPOINT, timeout=100, **timing.given)
    assert 80 < sum(timing.slept) < 100


def test_numbers_that_are_none_are_bad_input(aws: LoopbackAws) -> None:
    with pytest.raises(iamcheck.InvalidInputError, match="poll"):
        iamcheck.wait_in_service(aws.client("sagemaker"), p.ENDPOINT, poll=0)
    with pytest.raises(iamcheck.InvalidInputError, match="timeout"):
        iamcheck.wait_in_service(aws.client("sagemaker"), p.ENDPOINT, timeout=0)
