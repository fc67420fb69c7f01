"""Deployments whose execution role needs one thing more than a plain one's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iamcheck.deployment.located import WrittenRequest
from iamcheck.iam.model import Place
from iamcheck.permissions.execution_role import RoleInputs
from tests.examples import RequestValue, member_of

if TYPE_CHECKING:
    from iamcheck.deployment.located import Operation

REGION, ACCOUNT = "eu-west-1", "123456789012"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn:1.2"
DATA = "s3://models/churn/model.tar.gz"
HERE: dict[str, Any] = {"region": REGION, "account_id": ACCOUNT}


def written(operation: Operation, request: RequestValue, place: str = "request.json") -> WrittenRequest:
    return WrittenRequest(operation, member_of(request, Place(place)), Place(place))


def inputs(
    container: dict[str, RequestValue] | None = None,
    *,
    model: dict[str, RequestValue] | None = None,
    config: dict[str, RequestValue] | None = None,
    variant: dict[str, RequestValue] | None = None,
    endpoint: dict[str, RequestValue] | None = None,
    more_models: tuple[WrittenRequest, ...] = (),
    name: str = "churn",
    async_inputs: tuple[str, ...] = (),
    model_data_keys: tuple[str, ...] = (),
) -> RoleInputs:
    """Requests with these members beside the plain ones; None as a member takes a plain one away."""
    primary: dict[str, RequestValue] = {"Image": IMAGE, "ModelDataUrl": DATA, **(container or {})}
    return RoleInputs(
        endpoint_name=name,
        config=written(
            "CreateEndpointConfig",
            {
                "EndpointConfigName": "churn-v7",
                "ProductionVariants": [{"VariantName": "a", "ModelName": "churn", **(variant or {})}],
                **(config or {}),
            },
        ),
        models=(
            written("CreateModel", {"ModelName": "churn", "PrimaryContainer": primary, **(model or {})}),
            *more_models,
        ),
        endpoint=written(
            "CreateEndpoint", {"EndpointName": name, "EndpointConfigName": "churn-v7", **(endpoint or {})}
        ),
        async_inputs=async_inputs,
        model_data_keys=model_data_keys,
    )


def on_s3(*paths: str) -> list[str]:
    return [f"arn:aws:s3:::{path}" for path in paths]


KEYS = f"arn:aws:kms:{REGION}:{ACCOUNT}:key"
EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
TOPICS = f"arn:aws:sns:{REGION}:{ACCOUNT}"
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
ALARMS: dict[str, RequestValue] = {
    "DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors/5xx"}, {"AlarmName": "slow"}]}}
}
VPC: dict[str, RequestValue] = {"Subnets": ["subnet-1a", "subnet-2b"], "SecurityGroupIds": ["sg-9"]}


def pairs(actions: tuple[str, ...], arns: list[str]) -> set[tuple[str, str]]:
    return {(action, arn) for action in actions for arn in arns}


BASE = (
    pairs(("cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"), ["*"])
    | pairs(
        ("logs:CreateLogGroup", "logs:DescribeLogStreams"),
        [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/churn{end}" for end in ("", ":*")],
    )
    | pairs(
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/churn:log-stream:*"],
    )
    | pairs(PULL, [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/churn"])
    | pairs(("s3:GetObject",), on_s3("models/churn/model.tar.gz"))
)
"""What a plain deployment needs: SageMaker Developer Guide, "CreateModel API: Execution Role Permissions"."""


@dataclass(frozen=True)
class Case:
    """Requests, and what they need beyond a plain deployment's, or in place of its model data."""

    inputs: RoleInputs
    more: set[tuple[str, str]]
    less: frozenset[tuple[str, str]] = frozenset()


_DATA = frozenset(pairs(("s3:GetObject",), on_s3("models/churn/model.tar.gz")))
_IMAGE = frozenset(pairs(PULL, [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/churn"]))


def _source(uri: str, kind: str, **more: RequestValue) -> dict[str, RequestValue]:
    return {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": "None", **more}}


def _another(container: dict[str, RequestValue], **more: RequestValue) -> WrittenRequest:
    return written("CreateModel", {"ModelName": "other", "PrimaryContainer": {"Image": IMAGE, **container}, **more})


CASES: dict[str, Case] = {
    "plain": Case(inputs(), set()),
    "image of another account": Case(
        inputs({"Image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference@sha256:12ab"}),
        pairs(PULL, ["arn:aws:ecr:us-east-1:210987654321:repository/pytorch-inference"]),
        _IMAGE,
    ),
    "image of AWS": Case(
        inputs({"Image": "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-gpu-py312"}),
        pairs(PULL, ["arn:aws:ecr:us-east-1:763104351884:repository/pytorch-inference"]),
        _IMAGE,
    ),
    "image with a path": Case(
        inputs({"Image": f"{ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com/ml/team/churn"}),
        pairs(PULL, [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/ml/team/churn"]),
        _IMAGE,
    ),
    "dual-stack image": Case(
        inputs({"Image": f"{ACCOUNT}.dkr-ecr.us-east-1.on.aws/churn:2"}),
        pairs(PULL, [f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/churn"]),
        _IMAGE,
    ),
    "image of a registry in the VPC": Case(
        inputs({"Image": "registry.example.com/churn:1", "ImageConfig": {"RepositoryAccessMode": "Vpc"}}),
        set(),
        _IMAGE,
    ),
    "no model data": Case(inputs({"ModelDataUrl": None}), set(), _DATA),
    "data source, object": Case(
        inputs({"ModelDataUrl": None, "ModelDataSource": _source("s3://models/a/b.bin", "S3Object")}),
        pairs(("s3:GetObject",), on_s3("models/a/b.bin")),
        _DATA,
    ),
    "data source, prefix": Case(
        inputs({"ModelDataUrl": None, "ModelDataSource": _source("s3://models/llm/", "S3Prefix")}),
        pairs(("s3:GetObject",), on_s3("models/llm/*")) | pairs(("s3:ListBucket",), on_s3("models")),
        _DATA,
    ),
    "manifest": Case(
        inputs(
            {
                "ModelDataUrl": None,
                "ModelDataSource": _source("s3://models/llm/", "S3Prefix", ManifestS3Uri="s3://lists/m.json"),
            }
        ),
        pairs(("s3:GetObject",), on_s3("models/llm/*", "lists/m.json")) | pairs(("s3:ListBucket",), on_s3("models")),
        _DATA,
    ),
    "additional sources": Case(
        inputs(
            {
                "AdditionalModelDataSources": [
                    {"ChannelName": "draft", **_source("s3://drafts/d/", "S3Prefix")},
                    {"ChannelName": "tables", **_source("s3://models/tables/", "S3Prefix")},
                    {"ChannelName": "more", **_source("s3://models/more/x.bin", "S3Object")},
                ]
            }
        ),
        pairs(("s3:GetObject",), on_s3("drafts/d/*", "models/tables/*", "models/more/x.bin"))
        | pairs(("s3:ListBucket",), on_s3("drafts", "models")),
    ),
    "folder of models": Case(
        inputs({"ModelDataUrl": "s3://models/all", "Mode": "MultiModel"}),
        pairs(("s3:GetObject",), on_s3("models/all/*")) | pairs(("s3:ListBucket",), on_s3("models")),
        _DATA,
    ),
    "bucket of models": Case(
        inputs({"ModelDataUrl": "s3://models", "Mode": "MultiModel"}),
        pairs(("s3:GetObject",), on_s3("models/*")) | pairs(("s3:ListBucket",), on_s3("models")),
        _DATA,
    ),
    "pipeline of containers": Case(
        inputs(
            model={
                "PrimaryContainer": None,
                "Containers": [
                    {"Image": IMAGE, "ModelDataUrl": DATA},
                    {"Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/before", "ModelDataUrl": "s3://b4-models/x"},
                ],
            }
        ),
        pairs(PULL, [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/before"])
        | pairs(("s3:GetObject",), on_s3("b4-models/x")),
    ),
    "two models, one below the other": Case(
        inputs(
            variant={"InstancePools": [{"InstanceType": "ml.m5.large", "ModelNameOverride": "other"}]},
            more_models=(_another({"ModelDataUrl": "s3://models/churn/", "Mode": "MultiModel"}),),
        ),
        pairs(("s3:GetObject",), on_s3("models/churn/*")) | pairs(("s3:ListBucket",), on_s3("models")),
    ),
    "key of model data": Case(
        inputs(model_data_keys=("1234-abcd", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-7")),
        pairs(("kms:Decrypt",), [f"{KEYS}/1234-abcd", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-7"]),
    ),
    "alias and key of model data": Case(
        inputs(model_data_keys=("alias/models", "1234-abcd")),
        pairs(("kms:Decrypt",), [f"{KEYS}/*", f"{KEYS}/1234-abcd"]),
    ),
    "data capture": Case(
        inputs(config={"DataCaptureConfig": {"DestinationS3Uri": "s3://seen/churn", "InitialSamplingPercentage": 5}}),
        pairs(("s3:PutObject",), on_s3("seen/churn/*")),
    ),
    "data capture with a key": Case(
        inputs(
            config={
                "DataCaptureConfig": {"EnableCapture": True, "DestinationS3Uri": "s3://seen/", "KmsKeyId": "alias/x"}
            }
        ),
        pairs(("s3:PutObject",), on_s3("seen/*")) | pairs(("kms:Encrypt", "kms:GenerateDataKey"), [f"{KEYS}/*"]),
    ),
    "data capture that is off": Case(
        inputs(config={"DataCaptureConfig": {"EnableCapture": False, "DestinationS3Uri": "s3://seen/"}}), set()
    ),
    "asynchronous": Case(
        inputs(
            config={
                "AsyncInferenceConfig": {
                    "OutputConfig": {
                        "S3OutputPath": "s3://results/ok/",
                        "S3FailurePath": "s3://results/failed",
                        "KmsKeyId": "77-aa",
                        "NotificationConfig": {"SuccessTopic": f"{TOPICS}:done", "ErrorTopic": f"{TOPICS}:failed"},
                    }
                }
            },
            async_inputs=("s3://questions/churn/",),
        ),
        pairs(("s3:PutObject",), on_s3("results/ok/*", "results/failed/*"))
        | pairs(("s3:GetObject",), on_s3("questions/churn/*"))
        | pairs(("kms:Encrypt", "kms:GenerateDataKey"), [f"{KEYS}/77-aa"])
        | pairs(("sns:Publish",), [f"{TOPICS}:done", f"{TOPICS}:failed"]),
    ),
    "core dumps": Case(
        inputs(
            variant={"CoreDumpConfig": {"DestinationS3Uri": "s3://dumps/a", "KmsKeyId": "alias/x"}},
            config={
                "ShadowProductionVariants": [
                    {
                        "VariantName": "s",
                        "ModelName": "churn",
                        "CoreDumpConfig": {"DestinationS3Uri": "s3://dumps/b", "KmsKeyId": "alias/y"},
                    }
                ]
            },
        ),
        pairs(("s3:PutObject",), on_s3("dumps/a/*", "dumps/b/*"))
        | pairs(("kms:Encrypt", "kms:GenerateDataKey"), [f"{KEYS}/*"]),
    ),
    "network of the model": Case(
        inputs(model={"VpcConfig": VPC}),
        pairs(
            (
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ),
            [f"{EC2}:network-interface/*"],
        )
        | pairs(
            ("ec2:CreateNetworkInterface",),
            [f"{EC2}:subnet/subnet-1a", f"{EC2}:subnet/subnet-2b", f"{EC2}:security-group/sg-9"],
        )
        | pairs(
            (
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ),
            ["*"],
        ),
    ),
    "alarms": Case(
        inputs(endpoint=ALARMS),
        pairs(
            ("cloudwatch:DescribeAlarms",),
            [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}" for name in ("errors/5xx", "slow")],
        ),
    ),
}
"""Sources: the permissions' own. Of CreateModel, `ModelDataUrl` and the like are what the API reference calls them."""
