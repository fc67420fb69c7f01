"""A file or request that makes models beside the endpoint is asked about, and granted, as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import allow, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Done, Run, Write

HERE = ("--region", "eu-west-1", "--account-id", "123456789012")
OFFLINE = ("--offline", *HERE)
ROLE = "arn:aws:iam::123456789012:role/exec"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1"
MODEL_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model/churn-model"
FOR_MODEL = [("sagemaker:CreateModel", MODEL_ARN), ("iam:PassRole", ROLE)]
CREATES = policy(allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]))

ENDPOINT = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
VARIANT = {"VariantName": "a", "ModelName": "churn-model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONFIG = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]}
MODEL: dict[str, Any] = {
    "ModelName": "churn-model",
    "ExecutionRoleArn": ROLE,
    "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/m.tar.gz"},
}
TEMPLATE: dict[str, Any] = {
    "Model": {"Type": "AWS::SageMaker::Model", "Properties": MODEL},
    "Config": {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Properties": {
            **CONFIG,
            "ProductionVariants": [
                {**VARIANT, "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]}, "InitialVariantWeight": 1}
            ],
        },
    },
    "Endpoint": {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {"EndpointName": "churn", "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
    },
}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "i.h"}}
EXECUTION_ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "exec"}}


def resource(kind: str, label: str, after: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": f"{kind}.{label}",
        "mode": "managed",
        "type": kind,
        "name": label,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {}, "after_sensitive": {}},
    }


PROVIDER = "registry.terraform.io/hashicorp/aws"


def configured(kind: str, label: str) -> dict[str, Any]:
    row = {"address": f"{kind}.{label}", "mode": "managed", "type": kind, "name": label, "schema_version": 0}
    return {**row, "provider_config_key": "aws", "expressions": {}}


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "resource_changes": [
        resource(
            "aws_sagemaker_endpoint_configuration",
            "c",
            {
                "name": "churn-v7",
                "production_variants": [
                    {
                        "variant_name": "a",
                        "model_name": "churn-model",
                        "instance_type": "ml.m5.large",
                        "initial_instance_count": 1,
                    }
                ],
                "tags_all": {},
            },
        ),
        resource("aws_sagemaker_endpoint", "e", {"name": "churn", "endpoint_config_name": "churn-v7", "tags_all": {}}),
        resource(
            "aws_sagemaker_model",
            "m",
            {
                "name": "churn-model",
                "execution_role_arn": ROLE,
                "primary_container": [{"image": IMAGE}],
                "tags_all": {},
            },
        ),
    ],
    "configuration": {
        "provider_config": {
            "aws": {
                "name": "aws",
                "full_name": PROVIDER,
                "expressions": {"region": {"constant_value": "eu-west-1"}},
            }
        },
        "root_module": {
            "resources": [
                configured("aws_sagemaker_endpoint_configuration", "c"),
                configured("aws_sagemaker_endpoint", "e"),
                configured("aws_sagemaker_model", "m"),
            ]
        },
    },
}

TEMPLATE_WORDS = ("--from", "t.json", "--no-stack-tags")
PLAN_WORDS = ("--from", "plan.json")
REQUEST_WORDS = ("--request", "e.json", "--config-request", "c.json", "--model-request", "m.json")
SOURCES = {"template": TEMPLATE_WORDS, "plan": PLAN_WORDS, "requests": REQUEST_WORDS}


@pytest.fixture(autouse=True)
def files(write: Write) -> None:
    for name, document in (
        ("t.json", {"Resources": TEMPLATE}),
        ("plan.json", PLAN),
        ("e.json", ENDPOINT),
        ("c.json", CONFIG),
        ("m.json", MODEL),
        ("creates.json", CREATES),
    ):
        write(name, document)


def asked(done: Done) -> list[tuple[str, str]]:
    return [(one["action"], one["resource"]) for one in done.report["permissions"]]


@pytest.mark.parametrize("words", SOURCES.values(), ids=SOURCES)
def test_whoever_may_not_make_the_model_may_not_deploy_the_file(run: Run, words: tuple[str, ...]) -> None:
    done = run("check", *words, "--policy", "creates.json", "--scp", "FullAWSAccess", *OFFLINE, "--output", "json")

    assert done.status == 1
    assert done.statuses["principal.allowed"] == "fail"
    assert set(FOR_MODEL) <= set(asked(done))
    assert not [one for one in done.report["not_covered"] if "odel" in one["what"]]


@pytest.mark.parametrize("words", SOURCES.values(), ids=SOURCES)
def test_the_policy_that_is_generated_for_a_file_deploys_it(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run("generate", *words, *HERE)
    (tmp_path / "p.json").write_text(done.out)
    statements = json.loads(done.out)["Statement"]

    checked = run("check", *words, "--policy", "p.json", "--scp", "FullAWSAccess", *OFFLINE, "--output", "json")
    assert checked.statuses["principal.allowed"] == "pass"
    assert checked.statuses["policy.minimal"] == "pass"
    (passing,) = [one for one in statements if one["Action"] == ["iam:PassRole"]]
    assert passing["Resource"] == [ROLE]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    (creating,) = [one for one in statements if "sagemaker:CreateModel" in one["Action"]]
    assert creating["Resource"] == [MODEL_ARN]


def test_names_with_a_model_request_ask_about_the_model_too(run: Run) -> None:
    done = run("check", "churn", "churn-v7", "--model-request", "m.json", *OFFLINE, "--output", "json")

    assert set(FOR_MODEL) <= set(asked(done))


@pytest.mark.parametrize("words", SOURCES.values(), ids=SOURCES)
def test_only_endpoint_leaves_the_model_out_and_lists_it(run: Run, words: tuple[str, ...]) -> None:
    done = run("check", *words, "--only", "endpoint", *OFFLINE, "--output", "json")

    assert {action for action, _ in asked(done)} == {"sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"}
    assert "sagemaker:CreateModel" in [one["what"] for one in done.report["not_covered"]]


@pytest.mark.parametrize("words", SOURCES.values(), ids=SOURCES)
def test_a_serverless_variant_hosts_no_isolated_model_wherever_it_is_written(
    run: Run, write: Write, words: tuple[str, ...]
) -> None:
    serverless = {
        "VariantName": "a",
        "ModelName": "churn-model",
        "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
    }
    isolated = {**MODEL, "EnableNetworkIsolation": True}
    plan = json.loads(json.dumps(PLAN))
    plan["resource_changes"][0]["change"]["after"]["production_variants"] = [
        {
            "variant_name": "a",
            "model_name": "churn-model",
            "serverless_config": [{"memory_size_in_mb": 2048, "max_concurrency": 5}],
        }
    ]
    plan["resource_changes"][2]["change"]["after"]["enable_network_isolation"] = True
    config = {**CONFIG, "ProductionVariants": [serverless]}
    template = {
        **TEMPLATE,
        "Model": {"Type": "AWS::SageMaker::Model", "Properties": isolated},
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
    }
    for name, document in (
        ("t.json", {"Resources": template}),
        ("plan.json", plan),
        ("c.json", config),
        ("m.json", isolated),
    ):
        write(name, document)

    done = run("check", *words, *OFFLINE, "--output", "json")

    assert done.statuses["request.valid"] == "fail"
    assert "EnableNetworkIsolation" in done.out


@pytest.mark.parametrize(("strict", "status"), [((), "pass"), (("--strict",), "unknown")])
def test_what_a_template_makes_besides_is_listed(run: Run, write: Write, strict: tuple[str, ...], status: str) -> None:
    write("t.json", {"Resources": {**TEMPLATE, "Fn": FUNCTION, "Role": EXECUTION_ROLE}})
    done = run("check", *TEMPLATE_WORDS, *strict, *OFFLINE, "--output", "json")

    assert [one["what"] for one in done.report["not_covered"]] == ["AWS::Lambda::Function", "AWS::IAM::Role"]
    assert all("t.json, line" in one["where"] for one in done.report["not_covered"])
    assert done.statuses["deployment.covered"] == status


def test_a_model_request_beside_a_template_comes_by_no_service(run: Run, write: Write) -> None:
    write("n.json", {**MODEL, "ModelName": "another"})
    done = run("check", *TEMPLATE_WORDS, "--model-request", "n.json", "--scope", "deploy", *OFFLINE, "--output", "json")

    via = {
        (one["action"], one["resource"].rpartition("/")[2]): one["context"].get("aws:CalledVia")
        for one in done.report["permissions"]
    }
    assert via["sagemaker:CreateModel", "churn-model"] == ["cloudformation.amazonaws.com"]
    assert via["sagemaker:CreateModel", "another"] is None
    assert ("sagemaker:DescribeModel", "churn-model") in via
    assert ("sagemaker:DescribeModel", "another") not in via
    assert done.statuses["policy.minimal"] == "pass"


def test_a_replaced_model_is_deleted_under_its_old_name(run: Run, write: Write) -> None:
    plan = json.loads(json.dumps(PLAN))
    plan["resource_changes"][2]["change"] |= {"actions": ["delete", "create"], "before": {"name": "churn-old"}}
    write("plan.json", plan)
    done = run("check", *PLAN_WORDS, *OFFLINE, "--output", "json")

    assert ("sagemaker:DeleteModel", MODEL_ARN.replace("churn-model", "churn-old")) in asked(done)
    assert done.statuses["policy.sufficient"] == "pass"
    assert done.statuses["policy.minimal"] == "pass"


COMPONENT = {
    "Type": "AWS::SageMaker::InferenceComponent",
    "Properties": {
        "InferenceComponentName": "churn-ic",
        "EndpointName": {"Fn::GetAtt": ["Endpoint", "EndpointName"]},
        "Specification": {"ModelName": "churn-model"},
    },
}
SCALED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/a",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TARGET = {
    "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
    "Properties": {**SCALED, "MinCapacity": 1, "MaxCapacity": 4},
}
WHOLE = {"Resources": {**TEMPLATE, "Component": COMPONENT, "Target": TARGET}}
ALL_WORDS = {
    "template": ("--from", "whole.json", "--no-stack-tags"),
    "requests": (
        *REQUEST_WORDS,
        *("--request-for", "CreateInferenceComponent=ic.json"),
        *("--request-for", "RegisterScalableTarget=target.json"),
    ),
}
INFERENCE_COMPONENT = {
    "InferenceComponentName": "churn-ic",
    "EndpointName": "churn",
    "Specification": {"ModelName": "churn-model"},
}


@pytest.fixture
def besides(write: Write) -> None:
    write("whole.json", WHOLE)
    write("ic.json", INFERENCE_COMPONENT)
    write("target.json", {**SCALED, "MinCapacity": 1, "MaxCapacity": 4})


@pytest.mark.usefixtures("besides")
@pytest.mark.parametrize("words", ALL_WORDS.values(), ids=ALL_WORDS)
def test_inference_components_and_scaling_are_asked_about_and_granted(
    run: Run, write: Write, words: tuple[str, ...]
) -> None:
    generated = run("generate", *words, *HERE)
    write("generated.json", json.loads(generated.out))
    policies = ("--policy", "generated.json", "--scp", "FullAWSAccess")
    done = run("check", *words, *policies, *OFFLINE, "--output", "json")
    creates = run("check", *words, "--policy", "creates.json", "--scp", "FullAWSAccess", *OFFLINE)

    assert done.status == 0, done.err
    assert {
        ("sagemaker:CreateInferenceComponent", "arn:aws:sagemaker:eu-west-1:123456789012:inference-component/churn-ic"),
        (
            "application-autoscaling:RegisterScalableTarget",
            "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/*",
        ),
    } <= set(asked(done))
    assert creates.status == 1


@pytest.mark.usefixtures("besides")
def test_only_the_endpoint_leaves_what_is_made_besides_out(run: Run) -> None:
    words = (*ALL_WORDS["requests"], "--only", "endpoint", *OFFLINE, "--output", "json")
    done = run("check", *words, "--policy", "creates.json", "--scp", "FullAWSAccess")

    assert done.status == 0
    assert {action for action, _ in asked(done)} == {"sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"}
    assert {one["what"] for one in done.report["not_covered"]} == {
        "sagemaker:CreateModel",
        "sagemaker:CreateInferenceComponent",
        "application-autoscaling:RegisterScalableTarget",
    }


@pytest.mark.usefixtures("besides")
@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("RegisterScalableTargets=target.json", "one of CreateInferenceComponent, CreateModel"),
        ("CreateEndpoint=e.json", "--request"),
        ("RegisterScalableTarget", "OPERATION=FILE"),
        ("RegisterScalableTarget=ic.json", "has no member 'InferenceComponentName'"),
    ],
)
def test_a_request_for_something_that_is_not_read_is_refused(run: Run, word: str, says: str) -> None:
    done = run("generate", "churn", "churn-v7", "--request-for", word, *HERE)

    assert done.status == 2
    assert says in done.err


@pytest.mark.usefixtures("besides")
@pytest.mark.parametrize(("scope", "says"), [("deploy", True), ("create", False)])
def test_what_a_handler_of_cloudformation_reads_and_nobody_knows_is_said(run: Run, scope: str, *, says: bool) -> None:
    done = run("check", *ALL_WORDS["template"], "--scope", scope, *OFFLINE, "--output", "json")
    found = [text for text in done.report["assumptions"] if "what its handlers read is not known" in text]

    assert bool(found) is says
    assert all("AWS::ApplicationAutoScaling::ScalableTarget" in text for text in found)
