"""What the requests do not tell: named with its place and cure, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError
from iamcheck.permissions.execution_role import execution_roles, needed_by_role
from iamcheck.policies.execution_role import generate_execution_role_policy, render_execution_role
from tests.unit.permissions.execution_role.cases import ACCOUNT, BASE, HERE, IMAGE, REGION, inputs, pairs, written

if TYPE_CHECKING:
    from iamcheck.permissions.execution_role import RoleInputs, RoleNeeds
    from tests.examples import RequestValue

SOURCE: dict[str, RequestValue] = {"S3Uri": "s3://models/llm/", "S3DataType": "S3Prefix"}
ASYNC: dict[str, RequestValue] = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://out/"}}}


def capturing(**members: RequestValue) -> RoleInputs:
    return inputs(config={"DataCaptureConfig": {"DestinationS3Uri": "s3://seen/", **members}})


def source(**members: RequestValue) -> RoleInputs:
    return inputs({"ModelDataUrl": None, "ModelDataSource": {"S3DataSource": {**SOURCE, **members}}})


def alarm(name: RequestValue) -> RoleInputs:
    return inputs(endpoint={"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name}]}}})


def clarify() -> RoleInputs:
    baseline: RequestValue = {"ShapBaselineConfig": {"ShapBaselineUri": "s3://base/line.csv"}}
    return inputs(config={"ExplainerConfig": {"ClarifyExplainerConfig": {"ShapConfig": baseline}}})


# inputs, where the one unsettled thing is, and a word of why
UNSETTLED: dict[str, tuple[RoleInputs, str, str]] = {
    "data later": (inputs({"ModelDataUrl": UNKNOWN}), "PrimaryContainer.ModelDataUrl", "only when"),
    "bucket later": (inputs({"ModelDataUrl": Pattern("s3://*/m")}), "PrimaryContainer.ModelDataUrl", "no S3 bucket"),
    "data by HTTPS": (
        inputs({"ModelDataUrl": "https://s3.eu-west-1.amazonaws.com/models/x"}),
        "PrimaryContainer.ModelDataUrl",
        "no S3 bucket",
    ),
    "a bucket and no object": (inputs({"ModelDataUrl": "s3://models/"}), "PrimaryContainer.ModelDataUrl", "no object"),
    "access point": (
        inputs({"ModelDataUrl": "s3://mine-ab12-s3alias/x"}),
        "PrimaryContainer.ModelDataUrl",
        "access point",
    ),
    "a wildcard in a key": (inputs({"ModelDataUrl": "s3://models/*"}), "PrimaryContainer.ModelDataUrl", "literally"),
    "a variable in a key": (
        inputs({"ModelDataUrl": "s3://models/${aws:username}"}),
        "PrimaryContainer.ModelDataUrl",
        "literally",
    ),
    "no text": (inputs({"ModelDataUrl": 7}), "PrimaryContainer.ModelDataUrl", "not text"),
    "image later": (inputs({"Image": UNKNOWN}), "PrimaryContainer.Image", "only when"),
    "repository later": (
        inputs({"Image": Pattern(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn-*")}),
        "PrimaryContainer.Image",
        "no image in ECR",
    ),
    "image elsewhere": (inputs({"Image": "docker.io/library/churn"}), "PrimaryContainer.Image", "no image in ECR"),
    "image nowhere": (
        inputs({"Image": f"{ACCOUNT}.dkr.ecr.mars-north-1.amazonaws.com/churn"}),
        "PrimaryContainer.Image",
        "mars-north-1",
    ),
    "no image": (inputs({"Image": None}), "PrimaryContainer", "no Image"),
    "registry with a login": (
        inputs(
            {
                "ImageConfig": {
                    "RepositoryAccessMode": "Vpc",
                    "RepositoryAuthConfig": {"RepositoryCredentialsProviderArn": "arn:aws:lambda:x"},
                }
            }
        ),
        "PrimaryContainer.ImageConfig.RepositoryAuthConfig",
        "Lambda",
    ),
    "mode later": (inputs({"Mode": UNKNOWN}), "PrimaryContainer.Mode", "only when"),
    "model package": (
        inputs({"Image": None, "ModelDataUrl": None, "ModelPackageName": "churn/3"}),
        "PrimaryContainer.ModelPackageName",
        "hides",
    ),
    "no container": (inputs(model={"PrimaryContainer": None}), "the request", "no container"),
    "containers later": (inputs(model={"Containers": UNKNOWN}), "Containers", "only when"),
    "kind of source later": (
        source(S3DataType=UNKNOWN),
        "PrimaryContainer.ModelDataSource.S3DataSource.S3DataType",
        "only when",
    ),
    "no kind of source": (
        source(S3DataType=None),
        "PrimaryContainer.ModelDataSource.S3DataSource",
        "S3Object or an S3Prefix",
    ),
    "unheard kind of source": (
        source(S3DataType="S3Planet"),
        "PrimaryContainer.ModelDataSource.S3DataSource",
        "S3Object or an S3Prefix",
    ),
    "model of a hub": (
        source(HubAccessConfig={"HubContentArn": "arn:aws:sagemaker:x"}),
        "PrimaryContainer.ModelDataSource.S3DataSource.HubAccessConfig",
        "hub",
    ),
    "subnet later": (
        inputs(model={"VpcConfig": {"Subnets": [UNKNOWN], "SecurityGroupIds": ["sg-1"]}}),
        "VpcConfig.Subnets[0]",
        "only when",
    ),
    "subnets later": (inputs(config={"VpcConfig": {"Subnets": UNKNOWN}}), "VpcConfig.Subnets", "only when"),
    "no subnet": (inputs(model={"VpcConfig": {"Subnets": ["*"]}}), "VpcConfig.Subnets[0]", "no id"),
    "capture later": (inputs(config={"DataCaptureConfig": UNKNOWN}), "DataCaptureConfig", "only when"),
    "perhaps capture": (capturing(EnableCapture=UNKNOWN), "DataCaptureConfig.EnableCapture", "true or false"),
    "place of capture later": (capturing(DestinationS3Uri=UNKNOWN), "DataCaptureConfig.DestinationS3Uri", "only when"),
    "key of capture later": (capturing(KmsKeyId=UNKNOWN), "DataCaptureConfig.KmsKeyId", "only when"),
    "no key of capture": (capturing(KmsKeyId="arn:aws:s3:::x"), "DataCaptureConfig.KmsKeyId", "no KMS key"),
    "inputs of asynchronous inference": (inputs(config=ASYNC), "AsyncInferenceConfig", "no request says"),
    "topic": (
        inputs(
            config={"AsyncInferenceConfig": {"OutputConfig": {"NotificationConfig": {"ErrorTopic": "failed"}}}},
            async_inputs=("s3://asked/",),
        ),
        "AsyncInferenceConfig.OutputConfig.NotificationConfig.ErrorTopic",
        "SNS topic",
    ),
    "given inputs": (inputs(async_inputs=("in/",)), "in/", "no S3 bucket"),
    "given key": (inputs(model_data_keys=("a b",)), "a b", "no KMS key"),
    "baseline of explanations": (
        clarify(),
        "ExplainerConfig.ClarifyExplainerConfig.ShapConfig.ShapBaselineConfig.ShapBaselineUri",
        "not covered",
    ),
    "alarm later": (alarm(UNKNOWN), "DeploymentConfig.AutoRollbackConfiguration.Alarms[0].AlarmName", "only when"),
    "no alarm": (alarm(None), "DeploymentConfig.AutoRollbackConfiguration.Alarms[0]", "no alarm"),
    "all alarms": (alarm("*"), "DeploymentConfig.AutoRollbackConfiguration.Alarms[0].AlarmName", "literally"),
    "another model": (
        inputs(variant={"ModelName": "other"}),
        "ProductionVariants[0].ModelName",
        "'other', whose request was not given",
    ),
    "variants later": (inputs(config={"ProductionVariants": UNKNOWN}), "ProductionVariants", "only when"),
    "name of a model later": (
        inputs(variant={"ModelName": UNKNOWN}),
        "ProductionVariants[0].ModelName",
        "whose request was not given",
    ),
    "no model": (replace(inputs(variant={"ModelName": None}), models=()), "ProductionVariants[0]", "no model"),
    "no endpoint config": (replace(inputs(), config=None), "the endpoint config", "not known"),
    "no endpoint": (replace(inputs(), endpoint=None), "the alarms of the endpoint", "not known"),
    "no name": (replace(inputs(), endpoint_name=None), "the name of the endpoint", "not known"),
}


@pytest.mark.parametrize("name", UNSETTLED)
def test_what_is_not_known_is_said_and_no_policy_is_made(name: str) -> None:
    given, what, why = UNSETTLED[name]

    needs = needed_by_role(given, **HERE)

    (one,) = needs.unsettled
    assert one.what == what
    assert why in one.why
    assert one.cure
    assert str(one.place)
    with pytest.raises(UnsettledError) as raised:
        render_execution_role(given, **HERE)
    assert raised.value.unsettled == needs.unsettled
    # and no wildcard stands for it
    wide = {one.request.resource for one in needs.permissions if one.request.resource.endswith("*")}
    assert wide <= {arn for _, arn in BASE} | {
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/*",
        "arn:aws:s3:::seen/*",
        "arn:aws:s3:::out/*",
        "arn:aws:s3:::models/llm/*",
        "arn:aws:s3:::asked/*",
    }


def test_every_unsettled_thing_is_said_at_once() -> None:
    given = inputs({"Image": UNKNOWN, "ModelDataUrl": UNKNOWN}, config={"DataCaptureConfig": UNKNOWN})

    assert [one.what for one in needed_by_role(given, **HERE).unsettled] == [
        "PrimaryContainer.Image",
        "PrimaryContainer.ModelDataUrl",
        "DataCaptureConfig",
    ]


def test_a_part_that_is_known_only_later_is_a_wildcard_where_the_source_says_which_part() -> None:
    given = inputs(
        {
            "Image": Pattern(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn:*"),
            "ModelDataUrl": Pattern("s3://models/churn/*/model.tar.gz"),
        },
        name="churn-*",
    )

    rendered, needs = render_execution_role(given, **HERE)

    on = {(one.request.action, one.request.resource) for one in needs.permissions}
    logs = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/churn-*"
    assert ("s3:GetObject", "arn:aws:s3:::models/churn/*/model.tar.gz") in on
    assert ("logs:CreateLogGroup", logs) in on
    assert pairs(("ecr:BatchGetImage",), [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/churn"]) <= on
    assert logs in str(rendered.document)


def test_models_of_unknown_name_are_taken_for_variants_that_name_one_only_later() -> None:
    later = written("CreateModel", {"ModelName": UNKNOWN, "PrimaryContainer": {"Image": IMAGE}})
    variants: dict[str, RequestValue] = {
        "ProductionVariants": [{"ModelName": UNKNOWN}, {"ModelName": Pattern("churn-*")}]
    }
    one = replace(inputs(config=variants), models=(later,))
    two = replace(
        one,
        models=(later, written("CreateModel", {"ModelName": Pattern("churn-*"), "PrimaryContainer": {"Image": IMAGE}})),
    )

    assert [unsettled.what for unsettled in needed_by_role(one, **HERE).unsettled] == [
        "ProductionVariants[1].ModelName"
    ]
    assert needed_by_role(two, **HERE).unsettled == ()


def _read(needs: RoleNeeds) -> set[str]:
    return {one.request.resource for one in needs.permissions if one.request.action == "s3:GetObject"}


ROLES = [f"arn:aws:iam::{ACCOUNT}:role/service/{name}" for name in ("first", "second")]


def test_each_role_needs_what_its_own_models_use() -> None:
    other = written(
        "CreateModel",
        {
            "ModelName": "other",
            "ExecutionRoleArn": ROLES[1],
            "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://others/x"},
        },
    )
    given = replace(
        inputs(model={"ExecutionRoleArn": ROLES[0]}, more_models=(other,)),
    )

    assert execution_roles(given.config, given.models) == tuple(ROLES)
    read = {role: _read(needed_by_role(given, **HERE, role=role)) for role in ROLES}
    assert read == {ROLES[0]: {"arn:aws:s3:::models/churn/model.tar.gz"}, ROLES[1]: {"arn:aws:s3:::others/x"}}
    rendered, needs = render_execution_role(given, **HERE, role=ROLES[1])
    assert "others/x" in str(rendered.document)
    assert "models/churn" not in str(rendered.document)
    assert {one.request.principal for one in needs.permissions} == {ROLES[1]}
    with pytest.raises(InvalidInputError, match="several execution roles"):
        needed_by_role(given, **HERE)


def test_what_is_taken_for_granted_is_said() -> None:
    unknown = written(
        "CreateModel", {"ModelName": "b", "ExecutionRoleArn": UNKNOWN, "PrimaryContainer": {"Image": IMAGE}}
    )
    given = inputs(
        model={"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        more_models=(unknown,),
        endpoint={"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "slow"}]}}},
    )

    said = " ".join(map(str, needed_by_role(given, **HERE).assumptions))

    for word in ("--model-data-key", "subnets", "metric alarms", "execution role is not known"):
        assert word in said
    keyed = inputs(model_data_keys=("1234-abcd",))
    assert needed_by_role(keyed, **HERE).assumptions == ()


def test_the_library_takes_what_boto3_takes() -> None:
    policy = generate_execution_role_policy(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [{"VariantName": "a", "ModelName": "churn"}]},
        [{"ModelName": "churn", "PrimaryContainer": {"Image": IMAGE}}],
        **HERE,
    )

    assert [one["Sid"] for one in policy["Statement"]] == ["MetricsAndRegistry", "LogGroup", "LogStreams", "PullImages"]  # type: ignore[index,union-attr,call-overload]
    with pytest.raises(InvalidInputError, match="no member"):
        generate_execution_role_policy({"EndpointNam": "churn"}, {}, [], **HERE)
