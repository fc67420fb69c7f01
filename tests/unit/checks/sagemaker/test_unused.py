"""`endpoint-config.unused`: who uses an endpoint config, or is about to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.sagemaker.endpoint_config_unused import unused
from iamcheck.errors import AwsUnavailableError
from tests.server import error, json_answer
from tests.unit.checks import NO_ANSWERS, reads_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.server import LoopbackAws

PENDING = {"pending_deployment_summary": {"EndpointConfigName": "c"}}
OTHER_PENDING = {"pending_deployment_summary": {"EndpointConfigName": "d"}}


@pytest.mark.parametrize(
    ("endpoints", "status", "says"),
    [
        ([], "pass", "no live endpoint uses the endpoint config c"),
        ([("e", "d", "InService", {})], "pass", "no live endpoint"),
        *(
            ([("e", "c", state, {})], "fail", f"endpoints use the endpoint config c: e ({state})")
            for state in ("InService", "Creating", "Updating", "SystemUpdating", "OutOfService", "RollingBack")
        ),
        ([("e", "c", "Failed", {})], "pass", "no live endpoint"),
        ([("e", "c", "Deleting", {})], "pass", "no live endpoint"),
        ([("e", "d", "Updating", PENDING)], "fail", "endpoints use the endpoint config c: e (Updating)"),
        ([("e", "d", "Updating", OTHER_PENDING)], "pass", "no live endpoint"),
        ([("e", "d", "InService", {}), ("f", "c", "InService", {})], "fail", ": f (InService)"),
        ([("e", "c", "InService", {}), ("f", "c", "Creating", {})], "fail", "e (InService), f (Creating)"),
        ([("e", "d", "RollingBack", {})], "unknown", "e (RollingBack)"),
        ([("e", "d", "UpdateRollbackFailed", {})], "unknown", "e (UpdateRollbackFailed)"),
        ([("e", "C", "InService", {})], "unknown", "e (InService)"),
        ([("e", "C", "Failed", {})], "pass", "no live endpoint"),
    ],
)
def test_who_uses_it(
    aws: LoopbackAws, endpoints: Sequence[tuple[str, str, str, Mapping[str, Any]]], status: str, says: str
) -> None:
    for name, config, state, attributes in endpoints:
        aws.sagemaker.create_endpoint(name, config, endpoint_status=state, **attributes)
    found = unused("c", reads_of(aws))
    assert (found.id, found.status.value) == ("endpoint-config.unused", status)
    assert says in found.summary
    assert aws.actions.count("sagemaker:ListEndpoints") == 1
    assert aws.actions.count("sagemaker:DescribeEndpoint") == len(endpoints) == len(aws.actions) - 1
    # who answered, for each endpoint that is named
    named = [one.call for one in found.evidence if one.call is not None]
    assert bool(named) is (status != "pass")
    assert {call.operation for call in named} <= {"sagemaker:DescribeEndpoint"}
    assert {call.endpoint for call in named} <= {aws.url}


def test_an_endpoint_that_went_away_uses_nothing(aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint("e", "c")
    aws.hook(
        "sagemaker:DescribeEndpoint",
        lambda call: error(call.protocol, 400, "ValidationException", 'Could not find endpoint "arn".'),
    )
    assert unused("c", reads_of(aws)).status.value == "pass"


@pytest.mark.parametrize("operation", ["sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint"])
@pytest.mark.parametrize("kind", ["denied", *NO_ANSWERS])
def test_what_cannot_be_read(aws: LoopbackAws, operation: str, kind: str) -> None:
    aws.sagemaker.create_endpoint("e", "d")
    if kind == "denied":
        aws.deny(operation)
    else:
        aws.hook(operation, NO_ANSWERS[kind])
    with pytest.raises(AwsUnavailableError) as caught:
        unused("c", reads_of(aws))
    assert caught.value.operation == operation


@pytest.mark.parametrize("pending", ["text", {}, {"EndpointConfigName": ""}], ids=str)
def test_a_pending_deployment_that_is_no_answer(aws: LoopbackAws, pending: object) -> None:
    answer = {
        "EndpointName": "e",
        "EndpointStatus": "Updating",
        "EndpointConfigName": "d",
        "PendingDeploymentSummary": pending,
    }
    aws.sagemaker.create_endpoint("e", "d")
    aws.hook("sagemaker:DescribeEndpoint", lambda _: json_answer(answer))
    with pytest.raises(AwsUnavailableError):
        unused("c", reads_of(aws))


def test_one_that_uses_it_is_enough(aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint("e", "c")
    aws.sagemaker.create_endpoint("f", "d")
    aws.hook(
        "sagemaker:DescribeEndpoint",
        lambda call: json_answer({}) if call.parameters["EndpointName"] == "f" else None,
    )
    assert unused("c", reads_of(aws)).status.value == "fail"
