"""The deployments of a record of a script's calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iamcheck.deployment.located import UNKNOWN
from iamcheck.deployment.recording import is_recording, read_recording, record_text, summary_of
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place

FILE = Place("calls.json")
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def call(operation: str, service: str = "sagemaker", region: str | None = None, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    row = {"service": service, "operation": operation, "region": region, "parameters": parameters}
    return {**row, "where": "deploy.py:3"}


def config(name: str, model: str = "m") -> dict[str, Any]:
    variants = [{**VARIANT, "ModelName": model}]
    return call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants)


def endpoint(name: str, of: str) -> dict[str, Any]:
    return call("CreateEndpoint", EndpointName=name, EndpointConfigName=of)


def read(*calls: dict[str, Any]) -> Any:  # noqa: ANN401  one or several deployments
    return read_recording(record_text(calls, is_live=False), FILE)


def test_an_endpoint_comes_with_its_config_and_models() -> None:
    (found,) = read(call("CreateModel", ModelName="m"), config("c"), endpoint("e", "c"))

    assert found.label == "calls.json: e"
    assert found.config.root.get("EndpointConfigName").value == "c"
    assert [one.root.get("ModelName").value for one in found.models] == ["m"]
    assert found.created_models == found.models
    assert (found.updates, found.deletes, found.not_covered) == (False, (), ())
    assert found.endpoint.place.line is not None


def test_several_endpoints_have_each_their_own_and_the_first_what_nobody_names() -> None:
    target = call(
        "RegisterScalableTarget",
        "application-autoscaling",
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/f/variant/a",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
    )
    models = [call("CreateModel", ModelName=name) for name in ("m", "n", "other")]
    first, second = read(*models, config("c"), config("d", "n"), endpoint("e", "c"), endpoint("f", "d"), target)

    names = [[one.root.get("ModelName").value for one in found.created_models] for found in (first, second)]
    assert names == [["m", "other"], ["n"]]
    assert [len(found.resources) for found in (first, second)] == [0, 1]


def test_an_update_is_one_and_configs_alone_are_deployments() -> None:
    (update,) = read(config("c"), call("UpdateEndpoint", EndpointName="e", EndpointConfigName="c"))
    alone = read(config("c"), config("d"))

    assert update.updates
    assert update.config is not None
    assert [one.endpoint for one in alone] == [None, None]


def test_a_config_that_no_call_makes_is_there_already() -> None:
    """A record has every call, so that the endpoint config of none of them is neither asked about nor granted."""
    (made,) = read(config("c"), endpoint("e", "c"))
    (exists,) = read(config("d"), endpoint("e", "c"))
    (update,) = read(call("UpdateEndpoint", EndpointName="e", EndpointConfigName="c"))

    assert [one.config_exists for one in (made, exists, update)] == [False, True, True]
    assert (exists.config, update.config) == (None, None)


def test_members_that_only_an_update_has_are_none_of_a_create() -> None:
    update = call("UpdateEndpoint", EndpointName="e", EndpointConfigName="c", RetainAllVariantProperties=True)

    (found,) = read(update)

    assert found.endpoint.root.get("RetainAllVariantProperties") is None


def test_deletes_and_other_calls_are_listed() -> None:
    (found,) = read(
        endpoint("e", "c"),
        call("DeleteEndpoint", EndpointName="old"),
        call("PutObject", "s3", Bucket="b", Key="k"),
        call("PutObject", "s3", Bucket="b", Key="l"),
        call("DescribeEndpoint", EndpointName="e"),
    )

    assert [(one.operation, one.name) for one in found.deletes] == [("DeleteEndpoint", "old")]
    assert [one.what for one in found.not_covered] == ["s3:PutObject", "sagemaker:DescribeEndpoint"]
    assert "--scope deploy" in found.not_covered[1].why


def test_scaling_of_another_service_is_not_deleted_by_the_deployment() -> None:
    target = {"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount"}
    (found,) = read(endpoint("e", "c"), call("DeregisterScalableTarget", "application-autoscaling", **target))

    assert found.deletes == ()
    assert [one.what for one in found.not_covered] == ["application-autoscaling:DeregisterScalableTarget"]


def test_what_is_deleted_is_open_where_its_name_was_made_up() -> None:
    (found,) = read(endpoint("e", "c"), call("DeleteEndpoint", EndpointName="iamcheck-made-up-1"))

    assert [one.what for one in found.unsettled] == ["the name of what DeleteEndpoint deletes"]
    assert "--live" in found.unsettled[0].cure


def test_a_config_that_no_endpoint_uses_is_listed() -> None:
    (found,) = read(config("c"), config("d"), endpoint("e", "c"))

    assert [one.what for one in found.not_covered] == ["sagemaker:CreateEndpointConfig"]


@pytest.mark.parametrize(
    "role", ["arn:aws:iam::000000000000:role/exec", "arn:aws:iam::123456789012:role/iamcheck-made-up"]
)
def test_what_was_made_up_is_not_known(role: str) -> None:
    (found,) = read(call("CreateModel", ModelName="m", ExecutionRoleArn=role), config("c"), endpoint("e", "c"))

    member = found.created_models[0].root.get("ExecutionRoleArn")
    assert member.value is UNKNOWN
    assert "--principal" in member.causes[0].cure or "--account-id" in member.causes[0].cure


def test_the_region_is_that_of_the_calls() -> None:
    (found,) = read(call("CreateEndpoint", region="eu-west-1", EndpointName="e", EndpointConfigName="c"))
    (none,) = read(endpoint("e", "c"), call("PutObject", "s3", region="us-east-1", Bucket="b"))

    assert (found.region, none.region) == ("eu-west-1", None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (record_text([call("PutObject", "s3")], is_live=False), "no call makes or updates an endpoint"),
        ('{"iamcheck_recording": "2", "calls": []}', "a record of version"),
        ('{"iamcheck_recording": "1", "calls": [{}]}', "a call without service"),
        (record_text([call("CreateEndpoint", EndpointNam="e")], is_live=False), "no member 'EndpointNam'"),
        (
            record_text(
                [
                    call("CreateEndpoint", region="eu-west-1", EndpointName="e", EndpointConfigName="c"),
                    call("CreateEndpoint", region="us-east-1", EndpointName="f", EndpointConfigName="c"),
                ],
                is_live=False,
            ),
            "calls go to eu-west-1 and to us-east-1",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        read_recording(text, FILE)
    assert "calls.json" in str(caught.value)


def test_calls_that_are_the_same_come_once_and_a_record_is_known_by_its_header() -> None:
    wait = call("DescribeEndpoint", EndpointName="e")
    text = record_text([wait, wait, {**wait, "where": "deploy.py:9"}], is_live=False)

    assert len(json.loads(text)["calls"]) == 1
    assert is_recording(text)
    assert not is_recording('{"Resources": {}}')


def test_the_summary_counts_what_is_asked_about_and_what_is_not() -> None:
    calls = [endpoint("e", "c"), call("GetRole", "iam"), call("GetRole", "iam")]

    assert list(summary_of(calls)) == ["asked about: sagemaker:CreateEndpoint", "not covered: iam:GetRole (2)"]
