"""`models.exist` and `alarms.exist`: present, absent, not named, not readable, no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from iamcheck.aws.reads import RegionReads
from iamcheck.checks.plan import NotKnownError
from iamcheck.checks.sagemaker import alarms, models
from iamcheck.checks.sagemaker.variants import variants_of
from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ProductionVariant
from iamcheck.deployment.located import UNKNOWN
from iamcheck.errors import AwsUnavailableError
from tests.server import json_answer, variant
from tests.unit.checks import NO_ANSWERS, reads_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.server import LoopbackAws

A, B = ProductionVariant("a"), ProductionVariant("b")
POOLED = ProductionVariant("a", has_instance_pools=True)
LATER = ProductionVariant(UNKNOWN)


@pytest.mark.parametrize(
    ("variants", "there", "status", "says"),
    [
        ([A], ("a",), "pass", "the models exist: a"),
        ([A, B], ("a", "b"), "pass", "a, b"),
        ([A, A], ("a",), "pass", "exist: a"),
        ([A, B], ("a",), "fail", "models not found: b (1 of 2)"),
        ([A, B], (), "fail", "models not found: a, b (2 of 2)"),
        ([ProductionVariant("A")], ("a",), "fail", "models not found: A (1 of 1)"),
        ([A, ProductionVariant()], ("a",), "pass", "exist: a"),
        ([POOLED], ("a",), "unknown", "instance pools"),
        ([LATER], ("a",), "unknown", "known only in part"),
        ([A, LATER], ("a",), "unknown", "known only in part"),
        ([A, LATER], (), "fail", "models not found: a (1 of 1)"),
    ],
)
def test_models(
    aws: LoopbackAws, variants: Sequence[ProductionVariant], there: Sequence[str], status: str, says: str
) -> None:
    for name in there:
        aws.sagemaker.create_model(name)
    found = models.exist(variants, reads_of(aws))
    assert (found.id, found.status.value) == ("models.exist", status)
    assert says in found.summary
    assert (found.remedy is not None) is (status == "fail")
    assert aws.actions.count("sagemaker:DescribeModel") == len({one.model_name for one in variants} - {None, UNKNOWN})


def test_variants_without_models_are_nothing_to_ask_about(aws: LoopbackAws) -> None:
    with pytest.raises(NotKnownError, match="inference component"):
        models.exist([ProductionVariant()], reads_of(aws))
    assert aws.actions == []


def test_a_model_that_is_missing_is_missing_whatever_may_not_be_read(aws: LoopbackAws) -> None:
    aws.hook(
        "sagemaker:DescribeModel",
        lambda call: json_answer({}) if call.parameters["ModelName"] == "a" else None,
    )
    assert models.exist([A, B], reads_of(aws)).status.value == "fail"


@pytest.mark.parametrize("kind", ["denied", *NO_ANSWERS])
def test_models_that_cannot_be_read(aws: LoopbackAws, kind: str) -> None:
    aws.sagemaker.create_model("a")
    if kind == "denied":
        aws.deny("sagemaker:DescribeModel")
    else:
        aws.hook("sagemaker:DescribeModel", NO_ANSWERS[kind])
    with pytest.raises(AwsUnavailableError):
        models.exist([A], reads_of(aws))


def test_variants_of_the_request_need_no_call(aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint_config("c")
    assert variants_of(ConfigRequest((A,)), "c", "new", reads_of(aws)) == (A,)
    assert aws.actions == []
    # where the endpoint config may be there, only AWS knows
    assert variants_of(ConfigRequest((A,)), "free", "any", reads_of(aws)) == (A,)
    assert aws.actions == ["sagemaker:DescribeEndpointConfig"]


def test_no_instances_are_a_number_of_instances(aws: LoopbackAws) -> None:
    none = [variant("a", "ml.m5.large", 0)]
    answer = json_answer({"EndpointConfigName": "c", "ProductionVariants": none})
    aws.hook("sagemaker:DescribeEndpointConfig", lambda _: answer)
    assert [one.initial_instance_count for one in variants_of(None, "c", "any", reads_of(aws))] == [0]


def test_variants_of_the_endpoint_config_that_is_there(aws: LoopbackAws) -> None:
    serverless = {"VariantName": "s", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048}}
    pooled = {"VariantName": "p", "InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1}]}
    aws.sagemaker.create_endpoint_config(
        "c", variant("a", "ml.m5.xlarge", 2), serverless, shadow_production_variants=[pooled]
    )
    expected = (
        ProductionVariant("m", "ml.m5.xlarge", initial_instance_count=2),
        ProductionVariant("m", is_serverless=True),
        ProductionVariant(has_instance_pools=True),
    )
    assert variants_of(None, "c", "any", reads_of(aws)) == expected
    # the request is not what the endpoint will have, where the endpoint config is there already
    for expectation in ("existing", "any"):
        assert variants_of(ConfigRequest((A,)), "c", expectation, reads_of(aws)) == expected


@pytest.mark.parametrize(
    ("request_", "wanted", "says"),
    [
        (None, "new", "is not known"),
        (None, "any", "there is no endpoint config c"),
        (None, "existing", "there is no endpoint config c"),
        (ConfigRequest(UNKNOWN), "new", "only when the deployment is made"),
        (ConfigRequest(), "new", "names no variants"),
    ],
)
def test_variants_that_nobody_knows(aws: LoopbackAws, request_: ConfigRequest | None, wanted: str, says: str) -> None:
    with pytest.raises(NotKnownError, match=says):
        variants_of(request_, "c", wanted, reads_of(aws))


@pytest.mark.parametrize(
    "variants",
    [
        [],
        None,
        [{"VariantName": "a", "InitialInstanceCount": -1}],
        [{"VariantName": "a", "InitialInstanceCount": True}],
        [{"VariantName": "a", "ModelName": 7}],
        [{"VariantName": "a", "ModelName": ""}],
        ["a"],
    ],
    ids=str,
)
def test_variants_that_are_no_answer(aws: LoopbackAws, variants: object) -> None:
    answer = json_answer({"EndpointConfigName": "c", "ProductionVariants": variants})
    aws.hook("sagemaker:DescribeEndpointConfig", lambda _: answer)
    with pytest.raises((AwsUnavailableError, NotKnownError)):
        variants_of(None, "c", "any", reads_of(aws))


def make_alarms(aws: LoopbackAws) -> None:
    for name in ("errors", "all"):
        aws.create_alarm(name)
    # moto has no PutCompositeAlarm
    cloudwatch_backends[aws.account_id][aws.region_name].alarms["all"].rule = "ALARM(errors)"


@pytest.mark.parametrize(
    ("names", "status", "says"),
    [
        (("errors",), "pass", "the alarms exist: errors"),
        (("all",), "pass", "exist: all"),
        (("errors", "all", "errors"), "pass", "errors, all"),
        (("errors", "latency"), "fail", "alarms not found: latency (1 of 2)"),
        (("latency", "Errors"), "fail", "alarms not found: latency, Errors (2 of 2)"),
        ((), "skipped", "names no alarms"),
    ],
)
def test_alarms(aws: LoopbackAws, names: tuple[str, ...], status: str, says: str) -> None:
    make_alarms(aws)
    before = len(aws.actions)
    found = alarms.exist(EndpointRequest(alarm_names=names), reads_of(aws))
    assert (found.id, found.status.value) == ("alarms.exist", status)
    assert says in found.summary
    assert aws.actions[before:] == ([] if status == "skipped" else ["cloudwatch:DescribeAlarms"])


def test_both_types_of_alarms_are_asked_for(aws: LoopbackAws) -> None:
    asked: list[object] = []
    client = aws.client("cloudwatch")
    client.meta.events.register("provide-client-params.*", lambda params, **_: asked.append(params["AlarmTypes"]))
    alarms.exist(EndpointRequest(alarm_names=("errors",)), RegionReads(lambda _: client, region="eu-west-1"))
    assert asked == [["MetricAlarm", "CompositeAlarm"]]


@pytest.mark.parametrize("request_", [None, EndpointRequest(alarm_names=UNKNOWN)])
def test_alarms_that_nobody_has_named(aws: LoopbackAws, request_: EndpointRequest | None) -> None:
    with pytest.raises(NotKnownError):
        alarms.exist(request_, reads_of(aws))
    assert aws.actions == []


@pytest.mark.parametrize("kind", ["denied", "empty object", "nothing", "html", "list"])
def test_alarms_that_cannot_be_read(aws: LoopbackAws, kind: str) -> None:
    if kind == "denied":
        aws.deny("cloudwatch:DescribeAlarms")
    else:
        aws.hook("cloudwatch:DescribeAlarms", NO_ANSWERS[kind])
    with pytest.raises(AwsUnavailableError) as caught:
        alarms.exist(EndpointRequest(alarm_names=("errors",)), reads_of(aws))
    assert caught.value.operation == "cloudwatch:DescribeAlarms"
