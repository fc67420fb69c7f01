"""The two checks of names: what there is, what is free, what may not be read, and what is no answer at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.checks.sagemaker import endpoint_config, endpoint_name
from iamcheck.errors import AwsUnavailableError
from tests.server import Answer, json_answer
from tests.unit.checks import NO_ANSWERS, reads_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.results import CheckResult
    from tests.server import Call, LoopbackAws


def config(aws: LoopbackAws, wanted: str) -> CheckResult:
    return endpoint_config.ready("churn-v7", wanted, reads_of(aws))


def name(aws: LoopbackAws, wanted: str) -> CheckResult:
    return endpoint_name.ready("churn", wanted, reads_of(aws))


CONFIGS = [
    ("new", None, "pass", "the name churn-v7 is free"),
    ("new", "churn-v7", "fail", "exists already"),
    ("new", "churn-v8", "pass", "is free"),
    ("new", "CHURN-V7", "pass", "is free"),
    ("existing", None, "fail", "there is no endpoint config churn-v7"),
    ("existing", "churn-v7", "pass", "exists"),
    ("existing", "Churn-v7", "fail", "there is no"),
    ("any", None, "pass", "is free"),
    ("any", "churn-v7", "pass", "the endpoint config churn-v7 exists"),
]


@pytest.mark.parametrize(("wanted", "there", "status", "says"), CONFIGS)
def test_endpoint_configs(aws: LoopbackAws, wanted: str, there: str | None, status: str, says: str) -> None:
    if there is not None:
        aws.sagemaker.create_endpoint_config(there)
    found = config(aws, wanted)
    assert (found.id, found.status.value) == ("endpoint-config.ready", status)
    assert says in found.summary
    assert (found.remedy is None) is (status == "pass")
    assert found.evidence
    assert [one.call.endpoint for one in found.evidence if one.call is not None] == (
        [aws.url] if "exists" in says else []
    )
    assert aws.actions == ["sagemaker:DescribeEndpointConfig"]


KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("wanted", "asked", "status"),
    [
        ("any", None, "unknown"),
        ("existing", None, "unknown"),
        ("existing", KEY[:-1], "unknown"),
        ("existing", KEY, "pass"),
        ("any", KEY, "pass"),
        ("new", KEY, "fail"),
    ],
)
def test_a_volume_key_that_nobody_asked_about_is_unknown(
    aws: LoopbackAws, wanted: str, asked: str | None, status: str
) -> None:
    aws.sagemaker.create_endpoint_config("churn-v7", kms_key_id=KEY)
    found = endpoint_config.ready("churn-v7", wanted, reads_of(aws), known_key=asked)
    assert found.status.value == status
    assert ("kms:CreateGrant" in found.summary) is (status == "unknown")


@pytest.mark.parametrize("wanted", ["new", "existing", "any"])
def test_an_endpoint_config_that_aws_spells_otherwise_is_unknown(aws: LoopbackAws, wanted: str) -> None:
    aws.hook("sagemaker:DescribeEndpointConfig", lambda _: json_answer({"EndpointConfigName": "Churn-V7"}))
    found = config(aws, wanted)
    assert found.status.value == "unknown"
    assert "Churn-V7" in found.summary


NAMES = [
    ("new", (), "pass", "the name churn is free"),
    ("new", (("churn", "InService"),), "fail", "in state InService"),
    ("new", (("churn", "Deleting"),), "fail", "in state Deleting"),
    ("new", (("churn", "Failed"),), "fail", "in state Failed"),
    ("new", (("Churn", "InService"),), "fail", "names are unique without regard to case"),
    ("new", (("CHURN", "Deleting"),), "fail", "endpoint CHURN exists already, in state Deleting"),
    ("new", (("churn-2", "InService"), ("a-churn", "InService")), "pass", "is free"),
    ("existing", (), "fail", "there is no endpoint churn"),
    ("existing", (("churn", "InService"),), "pass", "is InService"),
    *(
        (
            "existing",
            (("churn", state),),
            "fail",
            f"in state {state}, and only an endpoint that is InService can be updated",
        )
        for state in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting", "Failed", "OutOfService")
    ),
    ("existing", (("churn", "Sideways"),), None, "Sideways"),
    ("existing", (("Churn", "InService"),), "fail", "there is no endpoint churn"),
]


@pytest.mark.parametrize(("wanted", "there", "status", "says"), NAMES)
def test_endpoint_names(
    aws: LoopbackAws, wanted: str, there: tuple[tuple[str, str], ...], status: str | None, says: str
) -> None:
    for one, state in there:
        aws.sagemaker.create_endpoint(one, endpoint_status=state)
    if status is None:
        with pytest.raises(AwsUnavailableError, match=says):
            name(aws, wanted)
        return
    found = name(aws, wanted)
    assert (found.id, found.status.value) == ("endpoint-name.ready", status)
    assert says in found.summary
    assert (found.remedy is None) is (status == "pass")
    assert found.evidence
    asked = {"sagemaker:DescribeEndpoint", *(["sagemaker:ListEndpoints"] if wanted == "new" else [])}
    assert set(aws.actions) == asked
    assert len(aws.actions) == len(asked)


@pytest.mark.parametrize(("state", "says"), [("Deleting", "wait"), ("Failed", "delete it"), ("InService", "update")])
def test_what_to_do_about_a_name_that_is_taken(aws: LoopbackAws, state: str, says: str) -> None:
    aws.sagemaker.create_endpoint("churn", endpoint_status=state)
    remedy = name(aws, "new").remedy
    assert remedy is not None
    assert says in remedy.text


def test_a_name_on_a_later_page_is_found(aws: LoopbackAws) -> None:
    for number in range(120):
        aws.sagemaker.create_endpoint(f"other-{number}")
    aws.sagemaker.create_endpoint("CHURN")
    assert name(aws, "new").status.value == "fail"
    assert aws.actions.count("sagemaker:ListEndpoints") == 2


def test_a_name_that_is_taken_is_taken_whatever_else_may_not_be_read(aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint("churn")
    aws.deny("sagemaker:ListEndpoints")
    assert name(aws, "new").status.value == "fail"


@pytest.mark.parametrize(
    ("check", "wanted", "operation"),
    [
        (config, "new", "sagemaker:DescribeEndpointConfig"),
        (config, "existing", "sagemaker:DescribeEndpointConfig"),
        (config, "any", "sagemaker:DescribeEndpointConfig"),
        (name, "new", "sagemaker:DescribeEndpoint"),
        (name, "new", "sagemaker:ListEndpoints"),
        (name, "existing", "sagemaker:DescribeEndpoint"),
    ],
)
def test_what_may_not_be_read_is_not_known(
    aws: LoopbackAws, check: Callable[[LoopbackAws, str], CheckResult], wanted: str, operation: str
) -> None:
    aws.deny(operation)
    with pytest.raises(AwsUnavailableError) as caught:
        check(aws, wanted)
    assert (caught.value.operation, caught.value.code) == (operation, "AccessDeniedException")


@pytest.mark.parametrize("kind", NO_ANSWERS)
@pytest.mark.parametrize(
    ("check", "wanted", "operation"),
    [
        (config, "new", "sagemaker:DescribeEndpointConfig"),
        (config, "any", "sagemaker:DescribeEndpointConfig"),
        (name, "new", "sagemaker:DescribeEndpoint"),
        (name, "new", "sagemaker:ListEndpoints"),
        (name, "existing", "sagemaker:DescribeEndpoint"),
    ],
)
def test_what_is_no_answer_is_not_known(
    aws: LoopbackAws, kind: str, check: Callable[[LoopbackAws, str], CheckResult], wanted: str, operation: str
) -> None:
    aws.hook(operation, NO_ANSWERS[kind])
    with pytest.raises(AwsUnavailableError) as caught:
        check(aws, wanted)
    assert caught.value.operation == operation


def test_an_empty_page_with_a_token_is_not_the_last(aws: LoopbackAws) -> None:
    def pages(call: Call) -> Answer:
        pages = {"": ([], "2"), "2": ([], "3"), "3": ([{"EndpointName": "CHURN", "EndpointStatus": "Failed"}], None)}
        entries, token = pages[str(call.parameters.get("NextToken", ""))]
        return json_answer({"Endpoints": entries, "NextToken": token})

    aws.hook("sagemaker:ListEndpoints", pages)
    assert name(aws, "new").status.value == "fail"
