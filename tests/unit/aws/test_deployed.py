"""Endpoint configs and models that exist, over real HTTP: what is read is the request that created them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.aws.clients import Deadline
from iamcheck.aws.deployed import existing_config, model_names, read_config, read_models, with_existing
from iamcheck.aws.reads import RegionReads
from iamcheck.deployment.located import UNKNOWN
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.catalogue import request_members
from iamcheck.iam.model import Place
from tests.profiles import examples
from tests.server import Answer
from tests.written import members, plain, plain_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sagemaker import SageMakerClient

    from iamcheck.deployment.located import WrittenRequest
    from tests.server import Call, LoopbackAws

Json: TypeAlias = "dict[str, Any]"

CONFIGS: dict[str, Json] = {
    "instances": {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [
            {
                "VariantName": "main",
                "ModelName": "churn",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": 0.5,
                "VolumeSizeInGB": 16,
                "RoutingConfig": {"RoutingStrategy": "RANDOM"},
                "CoreDumpConfig": {"DestinationS3Uri": "s3://dumps/churn"},
                "EnableSSMAccess": False,
            },
            {"VariantName": "b", "ModelName": "churn-b", "InstanceType": "ml.c5.large", "InitialInstanceCount": 1},
        ],
        "KmsKeyId": "alias/volumes",
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 10,
            "DestinationS3Uri": "s3://capture/churn",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
        },
        "Tags": [{"Key": "team", "Value": "ml"}, {"Key": "note", "Value": ""}],
    },
    "serverless": {
        "EndpointConfigName": "churn-serverless",
        "ProductionVariants": [
            {
                "VariantName": "main",
                "ModelName": "churn",
                "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 5},
            }
        ],
    },
    "async": {
        "EndpointConfigName": "churn-async",
        "ProductionVariants": [
            {"VariantName": "main", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
        "AsyncInferenceConfig": {
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4},
            "OutputConfig": {
                "S3OutputPath": "s3://results/",
                "S3FailurePath": "s3://failures/",
                "KmsKeyId": "alias/results",
                "NotificationConfig": {
                    "ErrorTopic": "arn:aws:sns:eu-west-1:123456789012:errors",
                    "IncludeInferenceResponseIn": ["ERROR_NOTIFICATION_TOPIC"],
                },
            },
        },
    },
}
# what moto does not keep, as AWS would answer it
DESCRIBED: Json = {
    "EndpointConfigName": "shadowed",
    "EndpointConfigArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/shadowed",
    "CreationTime": 1700000000.5,
    "ProductionVariants": [{"VariantName": "a", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}],
    "ShadowProductionVariants": [{"VariantName": "s", "ModelName": "m", "InstanceType": "ml.g5.xlarge"}],
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/sagemaker",
    "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    "EnableNetworkIsolation": True,
}
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
MODELS: list[Json] = [
    {
        "ModelName": "churn",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:7",
            "ModelDataUrl": "s3://models/churn.tar.gz",
            "Environment": {"LOG_LEVEL": "info"},
        },
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    },
    {
        "ModelName": "pipeline",
        "ExecutionRoleArn": ROLE,
        "Containers": [
            {"Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/one:1", "ContainerHostname": "one"},
            {
                "Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/two:1",
                "ImageConfig": {"RepositoryAccessMode": "Platform"},
                "ModelDataSource": {
                    "S3DataSource": {"S3Uri": "s3://m/", "S3DataType": "S3Prefix", "CompressionType": "None"}
                },
            },
        ],
    },
]


def soon() -> Deadline:
    return Deadline.after(30, time.monotonic)


def reads_of(client: object) -> RegionReads:
    return RegionReads(lambda _: client, region="eu-west-1", deadline=soon())


def existing(client: object, name: str) -> WrittenRequest:
    """The endpoint config, of which everything can be read."""
    found = existing_config(reads_of(client), name)
    assert found is not None
    assert found.unread == ()
    return found.request


def create(aws: LoopbackAws, config: Json) -> SageMakerClient:
    client = aws.client("sagemaker")
    for variant in config["ProductionVariants"]:
        client.create_model(ModelName=variant["ModelName"], ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    client.create_endpoint_config(**config)
    return client


def answers(body: object) -> Callable[[Call], Answer]:
    return lambda _: Answer(200, json.dumps(body).encode())


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_the_request_that_created_it(aws: LoopbackAws, name: str) -> None:
    client = create(aws, CONFIGS[name])

    found = existing(client, CONFIGS[name]["EndpointConfigName"])

    assert found.operation == "CreateEndpointConfig"
    assert plain_request(found) == CONFIGS[name]
    assert found.place == Place(label=f"endpoint config {CONFIGS[name]['EndpointConfigName']} in eu-west-1")
    assert all(member.place == found.place._replace(path=member.path) for member in members(found.root))


def test_members_that_only_the_answer_has_are_dropped(aws: LoopbackAws) -> None:
    aws.hook("sagemaker:DescribeEndpointConfig", answers(DESCRIBED))
    aws.hook("sagemaker:ListTags", answers({"Tags": []}))

    found = existing(aws.client("sagemaker"), "Shadowed")

    wanted = {name: value for name, value in DESCRIBED.items() if name not in ("EndpointConfigArn", "CreationTime")}
    assert plain_request(found) == wanted


def test_a_config_that_is_not_there_is_none(aws: LoopbackAws) -> None:
    reads = reads_of(aws.client("sagemaker"))
    assert existing_config(reads, "absent") is None
    assert read_config(reads, "absent") is None


def test_tags_that_may_not_be_listed_are_unknown(aws: LoopbackAws) -> None:
    client = create(aws, CONFIGS["instances"])
    aws.deny("sagemaker:ListTags")

    found = existing_config(reads_of(client), "churn-v7")

    assert found
    assert (tags := found.request.root.get("Tags")) is not None
    assert tags.value is UNKNOWN
    assert plain_request(found.request) == {**CONFIGS["instances"], "Tags": "?"}
    assert [(error.operation, error.code) for error in found.unread] == [
        ("sagemaker:ListTags", "AccessDeniedException")
    ]


def test_every_member_of_a_config_that_may_not_be_read_is_unknown(aws: LoopbackAws) -> None:
    client = create(aws, CONFIGS["instances"])
    aws.deny("sagemaker:DescribeEndpointConfig")

    found = existing_config(reads_of(client), "churn-v7")

    assert found
    members_of_the_api = set(request_members()["CreateEndpointConfig"]) - {"EndpointConfigName"}
    assert plain_request(found.request) == {"EndpointConfigName": "churn-v7", **dict.fromkeys(members_of_the_api, "?")}
    assert [error.operation for error in found.unread] == ["sagemaker:DescribeEndpointConfig"]


def test_tags_are_read_only_where_they_matter(aws: LoopbackAws) -> None:
    found = read_config(reads_of(create(aws, CONFIGS["instances"])), "churn-v7")

    assert plain_request(found) == {**CONFIGS["instances"], "Tags": "?"}
    assert "sagemaker:ListTags" not in aws.actions


def test_a_deployment_is_completed_with_every_model_that_its_config_names(aws: LoopbackAws) -> None:
    """An instance pool may name a model of its own, and that model needs the execution role too."""
    client = aws.client("sagemaker")
    for name in ("written", "served", "overriding"):
        client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    pools = [{"InstanceType": "ml.m5.large", "Priority": 1, "ModelNameOverride": "overriding"}]
    variants = [{"VariantName": "a", "ModelName": "served", "InstancePools": pools}]
    variants.append({"VariantName": "b", "ModelName": "written"})
    aws.hook(
        "sagemaker:DescribeEndpointConfig",
        answers({**_without("ShadowProductionVariants"), "ProductionVariants": variants}),
    )
    reads = reads_of(client)
    written = read_models(reads, ["written"])

    config, models = with_existing(reads, "shadowed", None, written)

    assert model_names(config) == ("served", "overriding", "written")
    assert [plain(model.root)["ModelName"] for model in models] == ["written", "served", "overriding"]  # type: ignore[index,call-overload]


def test_tags_come_in_pages_and_without_those_of_aws(aws: LoopbackAws) -> None:
    aws.hook("sagemaker:DescribeEndpointConfig", answers(DESCRIBED))

    def page(call: Call) -> Answer:
        token = call.parameters.get("NextToken")
        if token is None:
            tags = [{"Key": "aws:cloudformation:stack-name", "Value": "s"}, {"Key": "a", "Value": "1"}]
            return answers({"Tags": tags, "NextToken": "two"})(call)
        return answers({"Tags": [{"Key": "b", "Value": "2"}]})(call)

    aws.hook("sagemaker:ListTags", page)
    found = existing(aws.client("sagemaker"), "shadowed")
    assert (tags := found.root.get("Tags")) is not None
    assert plain(tags) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"Tags": None},
        {"Tags": "x"},
        {"Tags": [{"Value": "v"}]},
        {"Tags": [{"Key": "k"}]},
        {"Tags": [], "NextToken": "again"},
    ],
)
def test_odd_pages_of_tags_are_unknown_tags(aws: LoopbackAws, body: object) -> None:
    aws.hook("sagemaker:DescribeEndpointConfig", answers(DESCRIBED))
    aws.hook("sagemaker:ListTags", answers(body))
    found = existing_config(reads_of(aws.client("sagemaker")), "shadowed")
    assert found
    assert plain(found.request.root)["Tags"] == "?"  # type: ignore[index,call-overload]
    assert "cannot be understood" in found.unread[0].reason


def _without(member: str) -> Json:
    return {name: value for name, value in DESCRIBED.items() if name != member}


@pytest.mark.parametrize(
    "body",
    [
        {},
        _without("EndpointConfigName"),
        _without("EndpointConfigArn"),
        _without("ProductionVariants"),
        {**DESCRIBED, "EndpointConfigName": "another"},
        {**DESCRIBED, "ProductionVariants": []},
        {**DESCRIBED, "ProductionVariants": [None]},
        {**DESCRIBED, "ProductionVariants": [{}]},
        {**DESCRIBED, "VpcConfig": {"Subnets": [""], "SecurityGroupIds": [None]}},
    ],
)
def test_odd_answers_about_a_config_are_not_understood(aws: LoopbackAws, body: object) -> None:
    aws.hook("sagemaker:DescribeEndpointConfig", answers(body))
    aws.hook("sagemaker:ListTags", answers({"Tags": []}))
    found = existing_config(reads_of(aws.client("sagemaker")), "shadowed")
    assert found
    assert plain(found.request.root)["KmsKeyId"] == "?"  # type: ignore[index,call-overload]
    assert "cannot be understood" in found.unread[0].reason


class _Stub:
    """A client that answers what botocore's own parser would not let through."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def describe_endpoint_config(self, **_: object) -> object:
        return self.answer

    def list_tags(self, **_: object) -> object:
        return {"Tags": []}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"NewFeature": {"a": 1}}, "does not know its member 'NewFeature'"),
        ({"VpcConfig": {"NewSetting": 1}}, r"does not know its member VpcConfig\.'NewSetting'"),
        ({"KmsKeyId": float("nan")}, "KmsKeyId is not what the API has there"),
        ({"KmsKeyId": b"x"}, "KmsKeyId is not what the API has there"),
        ({"VpcConfig": "x"}, "VpcConfig is not what the API has there"),
        ({"VpcConfig": {3: 1}}, "does not know its member VpcConfig"),
    ],
)
def test_what_this_version_does_not_know_is_not_passed_over(change: Json, reason: str) -> None:
    with pytest.raises(AwsUnavailableError, match=reason):
        read_config(reads_of(_Stub({**DESCRIBED, **change})), "shadowed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@examples(200)
@given(name=st.sampled_from(sorted(DESCRIBED)), value=JSON)
def test_anything_in_an_answer_is_read_or_not_understood(name: str, value: object) -> None:
    try:
        found = read_config(reads_of(_Stub({**DESCRIBED, name: value})), "shadowed")
    except AwsUnavailableError:
        return
    assert found
    assert {"EndpointConfigName", "ProductionVariants"} <= set(plain(found.root))  # type: ignore[arg-type]


def test_refusals_are_not_taken_for_absence(aws: LoopbackAws) -> None:
    aws.deny("sagemaker:Describe*")
    with pytest.raises(AwsUnavailableError, match="AccessDenied"):
        read_config(reads_of(aws.client("sagemaker")), "churn")
    with pytest.raises(AwsUnavailableError, match="AccessDenied"):
        read_models(reads_of(aws.client("sagemaker")), ["churn"])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", "1 validation error detected: name is too long"),
        ("ServiceException", "Could not find endpoint configuration: a cache is empty"),
    ],
)
def test_another_error_is_not_taken_for_absence(aws: LoopbackAws, code: str, message: str) -> None:
    error = {"__type": code, "message": message}
    aws.hook("sagemaker:DescribeEndpointConfig", lambda _: Answer(400, json.dumps(error).encode()))
    with pytest.raises(AwsUnavailableError, match=message):
        read_config(reads_of(aws.client("sagemaker")), "churn")


def test_models_are_the_requests_that_created_them(aws: LoopbackAws) -> None:
    client = aws.client("sagemaker")
    for model in MODELS:
        client.create_model(**model)

    found = read_models(reads_of(client), ["pipeline", "absent", "churn", "pipeline"])

    # AWS says of every model whether it is isolated, and the tags are not asked for
    filled_in = {"EnableNetworkIsolation": False, "Tags": "?"}
    assert [plain_request(one) for one in found] == [{**MODELS[1], **filled_in}, {**MODELS[0], **filled_in}]
    assert [str(one.place) for one in found] == ["model pipeline in eu-west-1", "model churn in eu-west-1"]
    assert {one.operation for one in found} == {"CreateModel"}
    asked = [call.parameters["ModelName"] for call in aws.calls if call.action == "sagemaker:DescribeModel"]
    assert sorted(str(name) for name in asked) == ["absent", "churn", "pipeline"]


def test_no_models_are_no_calls(aws: LoopbackAws) -> None:
    client = aws.client("sagemaker")
    assert read_models(reads_of(client), []) == ()
    assert not aws.calls


@pytest.mark.parametrize(
    "body", [{}, {"ModelName": "churn"}, {"ModelName": "other", "PrimaryContainer": {"Image": "i"}}]
)
def test_odd_answers_about_a_model_are_not_understood(aws: LoopbackAws, body: object) -> None:
    aws.hook("sagemaker:DescribeModel", answers(body))
    with pytest.raises(AwsUnavailableError, match="cannot be understood"):
        read_models(reads_of(aws.client("sagemaker")), ["churn"])
