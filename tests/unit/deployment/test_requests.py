"""Requests as files and as boto3's arguments: what is read from them, and what is refused with its place."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.api import generate_policy
from iamcheck.deployment import Deployment
from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ProductionVariant, Tag, Tags, Vpc
from iamcheck.deployment.located import UNKNOWN
from iamcheck.deployment.requests import read_requests
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT: dict[str, Any] = {
    "EndpointName": "churn",
    "EndpointConfigName": "churn-v7",
    "Tags": [{"Key": "team", "Value": "ml"}],
    "DeploymentConfig": {
        "RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1}, "WaitIntervalInSeconds": 0},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "churn-5xx"}, {"AlarmName": "churn-latency"}]},
    },
}
ENDPOINT_REQUEST = EndpointRequest(
    Tags((Tag("team", "ml"),)), alarm_names=("churn-5xx", "churn-latency"), is_rolling=True
)
CONFIG: dict[str, Any] = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": [
        {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1},
        {"VariantName": "b", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20}},
    ],
    "ShadowProductionVariants": [
        {
            "VariantName": "s",
            "AcceleratorType": "ml.eia2.medium",
            "InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1}],
        }
    ],
    "Tags": [{"Key": "cost", "Value": ""}],
    "KmsKeyId": "alias/volumes",
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/service/sagemaker",
    "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    "EnableNetworkIsolation": False,
}
HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_everything_that_permissions_depend_on_is_read() -> None:
    deployment = Deployment.from_requests(ENDPOINT, CONFIG, **HERE)

    assert (deployment.endpoint_name, deployment.endpoint_config_name) == ("churn", "churn-v7")
    assert deployment.endpoint_request == ENDPOINT_REQUEST
    assert deployment.config_request == ConfigRequest(
        variants=(
            ProductionVariant("m", "ml.m5.large", initial_instance_count=1),
            ProductionVariant(is_serverless=True, memory_mb=2048, max_concurrency=20),
            ProductionVariant(accelerator_type="ml.eia2.medium", has_instance_pools=True),
        ),
        tags=Tags((Tag("cost", ""),)),
        kms_key_id="alias/volumes",
        execution_role_arn="arn:aws:iam::123456789012:role/service/sagemaker",
        vpc=Vpc(("sg-1",), ("subnet-1", "subnet-2")),
        network_isolation=False,
    )


def test_a_request_without_tags_is_another_thing_than_no_request() -> None:
    bare = Deployment("churn", "churn-v7", **HERE)
    untagged = Deployment.from_requests({"EndpointName": "churn", "EndpointConfigName": "churn-v7"}, **HERE)

    assert (bare.endpoint_request, bare.config_request) == (None, None)
    assert (untagged.endpoint_request, untagged.config_request) == (EndpointRequest(), None)
    assert bare != untagged


def test_files_and_arguments_read_the_same(tmp_path: Path) -> None:
    files = [written(tmp_path, "e.json", json.dumps(ENDPOINT)), written(tmp_path, "c.json", json.dumps(CONFIG))]

    from_files = draft_of(read_requests(*files)).at("eu-west-1", "123456789012")

    assert from_files == Deployment.from_requests(ENDPOINT, CONFIG, **HERE)


def test_standard_input_is_one_of_them() -> None:
    read = read_requests("-", stdin=io.BytesIO(json.dumps(ENDPOINT).encode()))

    assert draft_of(read).at("eu-west-1", "123456789012") == Deployment.from_requests(ENDPOINT, **HERE)
    assert read.label == "standard input"
    with pytest.raises(InvalidInputError, match="both are standard input"):
        read_requests("-", "-", stdin=io.BytesIO(b"{}"))


def test_names_may_be_given_besides_where_they_agree() -> None:
    only_config = {"EndpointConfigName": "churn-v7"}

    made = Deployment.from_requests(None, only_config, endpoint_name="churn", endpoint_config_name="churn-v7", **HERE)

    assert (made.endpoint_name, made.endpoint_config_name, made.endpoint_request) == ("churn", "churn-v7", None)


def test_a_request_for_an_endpoint_config_alone_is_a_deployment_without_an_endpoint() -> None:
    made = Deployment.from_requests(None, CONFIG, **HERE)

    assert (made.endpoint_name, made.endpoint_arns, made.creates_endpoint, made.creates_config) == (
        None,
        (),
        False,
        True,
    )


@pytest.mark.parametrize(
    ("endpoint", "config", "names", "said"),
    [
        (
            ENDPOINT,
            CONFIG | {"EndpointConfigName": "other"},
            {},
            "'churn-v7' here and 'other' in create_endpoint_config, EndpointConfigName differ",
        ),
        (
            ENDPOINT,
            None,
            {"endpoint_name": "other"},
            "'other' is given, and create_endpoint, EndpointName says 'churn'",
        ),
        (ENDPOINT, None, {"endpoint_config_name": "x"}, "EndpointConfigName: 'x' is given"),
        ({"EndpointName": "churn"}, None, {}, "EndpointConfigName: not given"),
        ({"EndpointName": ""}, CONFIG, {}, "EndpointName: not given"),
        (ENDPOINT | {"EndpointName": "a_b"}, None, {}, "the name of the endpoint is not what AWS accepts"),
        (ENDPOINT, CONFIG, {"endpoint_name": "a_b"}, "EndpointName: 'a_b' is given"),
        (None, CONFIG, {"endpoint_name": "a_b"}, "endpoint_name: 'a_b'"),
    ],
)
def test_names_that_are_missing_or_disagree(
    endpoint: dict[str, Any] | None, config: dict[str, Any] | None, names: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Deployment.from_requests(endpoint, config, **HERE, **names)

    assert said in str(caught.value)


def variant(**members: object) -> dict[str, Any]:
    return CONFIG | {"ProductionVariants": [members]}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CONFIG | {"KmsKey": "x"}, "KmsKey: CreateEndpointConfig has no member 'KmsKey' (did you mean KmsKeyId?)"),
        (
            variant(InstnceType="ml.m5.large"),
            "ProductionVariants[0].InstnceType: ProductionVariant has no member 'InstnceType' "
            "(did you mean InstanceType?)",
        ),
        (
            CONFIG | {"Tags": [{"Key": "a", "value": "b"}]},
            "Tags[0].value: Tag has no member 'value' (did you mean Value?)",
        ),
        (CONFIG | {"Tags": {"team": "ml"}}, "Tags.team: Tag has no member 'team'"),
        ([CONFIG], "create_endpoint_config: a request is a JSON object, and this is a list"),
        (CONFIG | {"Tags": object()}, "create_endpoint_config, Tags: a value of type object is not JSON"),
    ],
)
def test_what_is_no_request_is_refused_with_its_path(config: Any, said: str) -> None:  # noqa: ANN401  bad on purpose
    with pytest.raises(InvalidInputError) as caught:
        Deployment.from_requests(ENDPOINT, config, **HERE)

    assert said in str(caught.value)
    assert str(caught.value).startswith("create_endpoint_config")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("[]", "a request is a JSON object, and this is a list"),
        ("EndpointName: churn", "line 1: not JSON"),
        ('{\n "EndpointName": "a",\n "EndpointName": "b"}', "line 3, EndpointName: duplicate key"),
        ('{\n "EndpointNme": "a"}', "line 2, EndpointNme: CreateEndpoint has no member 'EndpointNme'"),
        ('{"Tags": ' + "[" * 100, "nested more than 32 levels deep"),
    ],
)
def test_a_file_that_is_no_request_is_named_with_the_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, "create-endpoint.json", text)

    with pytest.raises(InvalidInputError) as caught:
        read_requests(path)

    assert said in str(caught.value)
    assert str(caught.value).startswith(path)


# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
@pytest.mark.parametrize(
    "key",
    [
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "mrk-1234abcd12ab34cd56ef1234567890ab",
        "arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/ExampleAlias",
        "alias/aws/sagemaker",
        "arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/ExampleAlias",
    ],
)
def test_each_form_of_a_key_is_taken(key: str) -> None:
    assert ConfigRequest(kms_key_id=key).kms_key_id == key


# what AWS would refuse is for request.valid to say; here it is only not known
@pytest.mark.parametrize(
    ("config", "unsettled"),
    [
        ({"Tags": "team"}, "whether the endpoint config has tags"),
        ({"Tags": None}, "whether the endpoint config has tags"),
        ({"Tags": {"Key": "team"}}, "whether the endpoint config has tags"),
        ({"KmsKeyId": 7}, "the volume key"),
        ({"KmsKeyId": ""}, "the volume key"),
        ({"KmsKeyId": "key/1234"}, "the volume key"),
        ({"KmsKeyId": "arn:aws:s3:::bucket"}, "the volume key"),
        ({"KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/*"}, "the volume key"),
        ({"ExecutionRoleArn": "role/sagemaker"}, "the execution role"),
        ({"ExecutionRoleArn": "arn:aws:iam::123456789012:role/*"}, "the execution role"),
    ],
)
def test_what_permissions_depend_on_and_aws_would_refuse_is_unsettled(config: dict[str, Any], unsettled: str) -> None:
    made = Deployment.from_requests(ENDPOINT, CONFIG | config, **HERE)

    (one,) = made.unsettled
    assert (one.what, one.why) == (unsettled, "is not what AWS accepts")
    assert str(one.place) == f"create_endpoint_config, {next(iter(config))}"
    with pytest.raises(UnsettledError, match=unsettled):
        generate_policy(made)


@pytest.mark.parametrize(
    ("config", "feature", "read"),
    [
        ({"Tags": [{"Key": "team"}]}, "tags", Tags((Tag("team", UNKNOWN),))),
        ({"Tags": ["team"]}, "tags", Tags((Tag(UNKNOWN, UNKNOWN),))),
        ({"EnableNetworkIsolation": "true"}, "network_isolation", UNKNOWN),
        ({"VpcConfig": {"Subnets": [1]}}, "vpc", Vpc((), UNKNOWN)),
        ({"VpcConfig": []}, "vpc", Vpc((), ())),
        ({"ProductionVariants": {}, "ShadowProductionVariants": []}, "variants", UNKNOWN),
        (
            {
                "ProductionVariants": [{"ServerlessConfig": {"MaxConcurrency": True, "MemorySizeInMB": 1.5}}],
                "ShadowProductionVariants": [{"InstanceType": {}}],
            },
            "variants",
            (
                ProductionVariant(is_serverless=True, memory_mb=UNKNOWN, max_concurrency=UNKNOWN),
                ProductionVariant(instance_type=UNKNOWN),
            ),
        ),
    ],
)
def test_what_only_the_context_depends_on_is_unknown_in_it(config: dict[str, Any], feature: str, read: object) -> None:
    made = Deployment.from_requests(ENDPOINT, CONFIG | config, **HERE)

    assert made.unsettled == ()
    assert getattr(made.config_request, feature) == read


def test_a_keyword_for_something_else_that_is_not_read_is_refused() -> None:
    unknown: dict[str, Any] = {"create_pipelines": []}

    with pytest.raises(TypeError, match="create_pipelines"):
        Deployment.from_requests(ENDPOINT, CONFIG, **unknown, **HERE)


@pytest.mark.parametrize("keyword", ["register_scalable_targets", "put_scaling_policies"])
def test_a_request_about_the_scaling_of_another_service_is_refused_with_its_place(keyword: str) -> None:
    request = {"ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount"}
    others: dict[str, Any] = {keyword: [request]}

    with pytest.raises(InvalidInputError, match=rf"{keyword}\[0\], ServiceNamespace: what 'ecs' scales"):
        Deployment.from_requests(ENDPOINT, CONFIG, **others, **HERE)
    with pytest.raises(InvalidInputError, match=rf"{keyword}\[0\]"):
        Deployment.from_requests(ENDPOINT, CONFIG, **{keyword: [None]}, **HERE)  # type: ignore[arg-type]  # what is tried
