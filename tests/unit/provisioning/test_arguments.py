"""What cannot be used is refused before anything is waited for or asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest

import iamcheck
from tests.unit import provisioning as p

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server import LoopbackAws

NAMES: Final[dict[str, Any]] = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
DOORS: Final[dict[str, Callable[..., object]]] = {
    "wait_in_service": lambda client, **more: iamcheck.wait_in_service(client, "churn", **more),
    "wait_for_endpoint_config": lambda client, **more: iamcheck.wait_for_endpoint_config(client, "churn-v7", **more),
    "create_endpoint": lambda client, **more: iamcheck.create_endpoint(client, **NAMES, **more),
}
OTHERS: Final[tuple[Any, ...]] = (
    None,
    1,
    "sagemaker",
    {},
    boto3.Session(),
    iamcheck.LocalIAM(account_id="123456789012"),
)
NO_TIMES: Final[tuple[Any, ...]] = (None, "5", True, 0, -1, float("nan"), float("inf"), [60])


def asleep(_: float) -> None:
    raise AssertionError("it waits")


@pytest.mark.parametrize("client", OTHERS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_client_for_sagemaker_is_refused_at_once(door: str, client: Any) -> None:  # noqa: ANN401  anything
    with pytest.raises(
        iamcheck.InvalidInputError, match=f"^client: {type(client).__name__} has no .*give boto3.client"
    ):
        DOORS[door](client, sleep=asleep)


@pytest.mark.parametrize("service", ["s3", "sagemaker-runtime"])
@pytest.mark.parametrize("door", DOORS)
def test_a_client_of_another_service_is_refused_at_once(door: str, service: Any) -> None:  # noqa: ANN401  its name
    client: Any = boto3.client(service, region_name="eu-west-1")
    with pytest.raises(iamcheck.InvalidInputError, match=r"^client: "):
        DOORS[door](client, sleep=asleep)


@pytest.mark.parametrize("value", NO_TIMES, ids=repr)
@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_time_to_wait_is_refused_at_once(door: str, value: Any, aws: LoopbackAws) -> None:  # noqa: ANN401
    client = aws.session().client("sagemaker")
    with pytest.raises(iamcheck.InvalidInputError, match=r"^timeout: .* is no time to wait"):
        DOORS[door](client, timeout=value, sleep=asleep)
    with pytest.raises(iamcheck.InvalidInputError, match=r"^poll: .* is no time to wait"):
        iamcheck.wait_in_service(client, p.ENDPOINT, poll=value, sleep=asleep)
    assert aws.actions == []


@pytest.mark.parametrize("value", [None, "3", 1.5, float("nan")], ids=repr)
def test_sightings_are_a_whole_number(value: Any, aws: LoopbackAws) -> None:  # noqa: ANN401  anything
    with pytest.raises(iamcheck.InvalidInputError, match=r"^sightings: "):
        iamcheck.wait_for_endpoint_config(aws.session().client("sagemaker"), p.CONFIG, sightings=value, sleep=asleep)
