"""Several endpoints in one file have one policy: grouped, sorted, and no more than each of them needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli import Run, Write

HERE = ("--region", "eu-west-1", "--account-id", "123456789012")
FILE = ("--from", "t.json", "--no-stack-tags")
ROLE = "arn:aws:iam::123456789012:role/exec"


def endpoint(number: int) -> dict[str, Any]:
    """An endpoint with its config, its model and a scalable target; all models have one role."""
    name = f"churn-{number}"
    variant = {"VariantName": "a", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    resource_id = f"endpoint/{name}/variant/a"
    return {
        f"Model{number}": of_type("SageMaker::Model", ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={}),
        f"Config{number}": of_type(
            "SageMaker::EndpointConfig",
            EndpointConfigName=name,
            ProductionVariants=[{**variant, "InitialVariantWeight": 1}],
        ),
        f"Endpoint{number}": of_type("SageMaker::Endpoint", EndpointName=name, EndpointConfigName=name),
        f"Target{number}": of_type(
            "ApplicationAutoScaling::ScalableTarget",
            ResourceId=resource_id,
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            ServiceNamespace="sagemaker",
            MinCapacity=1,
            MaxCapacity=4,
        ),
    }


def of_type(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


@pytest.fixture(autouse=True)
def file(write: Write) -> None:
    resources: dict[str, Any] = {}
    for number in (3, 1, 5, 2, 4):
        resources |= endpoint(number)
    write("t.json", {"Resources": resources})


def test_five_endpoints_of_a_file_have_one_policy_that_deploys_them_all(run: Run, write: Write) -> None:
    generated = run("generate", *FILE, *HERE)
    write("policy.json", generated.document)
    done = run("check", *FILE, "--policy", "policy.json", "--scp", "FullAWSAccess", "--offline", *HERE)

    assert (generated.status, done.status) == (0, 0)
    statements = generated.document["Statement"]
    for one in statements:
        assert one["Action"] == sorted(set(one["Action"]))
        assert one["Resource"] == sorted(set(one["Resource"]))
    models = [one for one in statements if "sagemaker:CreateModel" in one["Action"]]
    assert [len(one["Resource"]) for one in models] == [5]
    assert [one["Resource"] for one in statements if "iam:PassRole" in one["Action"]] == [[ROLE]]
    assert len([one for one in statements if "application-autoscaling:RegisterScalableTarget" in one["Action"]]) == 1


def test_without_any_of_its_entries_the_policy_does_not_deploy_the_file(run: Run, write: Write) -> None:
    document = run("generate", *FILE, "--service-linked-role", "missing", *HERE).document
    (models,) = [one for one in document["Statement"] if "sagemaker:CreateModel" in one["Action"]]
    models["Resource"].remove("arn:aws:sagemaker:eu-west-1:123456789012:model/churn-4")
    write("policy.json", document)

    words = ("--policy", "policy.json", "--scp", "FullAWSAccess", "--service-linked-role", "missing")
    assert run("check", *FILE, *words, "--offline", *HERE).status == 1


def test_one_of_the_endpoints_can_be_named(run: Run) -> None:
    generated = run("generate", "churn-4", *FILE, *HERE)

    assert "endpoint/churn-4" in generated.out
    assert "endpoint/churn-3" not in generated.out


def test_a_policy_that_is_too_large_names_the_flag_that_splits_it(run: Run, write: Write) -> None:
    resources: dict[str, Any] = {}
    for number in range(30):
        resources |= endpoint(number)
    write("t.json", {"Resources": resources})
    whole, parts = run("generate", *FILE, *HERE), run("generate", *FILE, "--split", "parts", *HERE)

    assert (whole.status, parts.status) == (2, 0)
    assert "--split DIR" in whole.err


def test_the_policy_has_a_name_of_no_single_endpoint_in_other_formats(run: Run) -> None:
    done = run("generate", *FILE, "--format", "terraform", *HERE)

    assert done.status == 0
    assert "churn-3" not in done.out.split("{")[0]


@pytest.mark.parametrize("words", [(), ("--pin",)], ids=["", "pinned"])
def test_the_policy_is_the_same_whatever_the_order_of_the_file(run: Run, write: Write, words: tuple[str, ...]) -> None:
    first = run("generate", *FILE, *words, *HERE).document
    resources: dict[str, Any] = {}
    for number in (1, 2, 3, 4, 5):
        resources |= endpoint(number)
    write("t.json", {"Resources": resources})
    second = run("generate", *FILE, *words, *HERE).document

    assert without_sids(first) == without_sids(second)


def without_sids(document: dict[str, Any]) -> list[str]:
    statements = [{key: value for key, value in one.items() if key != "Sid"} for one in document["Statement"]]
    return sorted(json.dumps(one, sort_keys=True) for one in statements)
