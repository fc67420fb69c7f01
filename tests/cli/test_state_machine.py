"""A Step Functions state machine as the source of a deployment: its role is the principal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, allow, policy

if TYPE_CHECKING:
    from tests.cli import Run, Write

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
OFFLINE = ("--offline", *HERE)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def task(api: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::sagemaker:{api}", "Parameters": parameters, "End": True}


DEFINITION = {
    "StartAt": "Config",
    "States": {
        "Config": task("createEndpointConfig", {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]}),
        "Endpoint": task("createEndpoint", {"EndpointName.$": "$.name", "EndpointConfigName": "churn-v7"}),
    },
}
CREATES = policy(allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]))


def test_what_comes_from_the_input_is_given_by_option(run: Run, write: Write) -> None:
    source = ("--from", write("machine.asl.json", DEFINITION), *HERE)

    unknown = run("generate", *source)
    by_set = run("generate", *source, "--set", "Endpoint.EndpointName=churn")
    by_name = run("generate", "churn", *source)
    family = run("generate", *source, "--name-pattern", "churn-*")

    assert (unknown.status, unknown.out) == (3, "")
    assert "$.name gives it when the state machine runs" in unknown.err
    assert (by_set.status, by_set.out) == (0, by_name.out)
    assert f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn-*" in family.out


def test_whose_policies_they_are_must_be_known(run: Run, write: Write) -> None:
    words = ("churn", "--from", write("m.json", DEFINITION), *OFFLINE, "--policy", write("p.json", CREATES))

    nobody = run("check", *words, "--output", "json")
    given = run("check", *words, "--principal", ROLE, "--output", "json")

    assert (nobody.status, nobody.statuses["principal.allowed"]) == (3, "unknown")
    assert "--principal" in nobody.check("principal.allowed")["remedy"]["text"]
    assert (given.status, given.statuses["principal.allowed"]) == (0, "pass")


@pytest.mark.parametrize(("actions", "status"), [("sagemaker:CreateEndpoint*", 0), ("sagemaker:CreateEndpoint", 1)])
def test_the_role_of_a_machine_that_is_described_is_the_principal(
    run: Run, write: Write, actions: str, status: int
) -> None:
    described = {
        "stateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:deploy",
        "name": "deploy",
        "definition": json.dumps(DEFINITION),
        "roleArn": ROLE,
    }
    deployer = write("p.json", policy(allow(actions)))
    source = ("churn", "--from", write("m.json", described), "--offline", "--region", "eu-west-1")

    done = run("check", *source, "--policy", deployer, "--output", "json")

    assert done.status == status
    assert done.report["principal"] == ROLE


def test_an_endpoint_config_that_no_task_makes_is_not_granted(run: Run, write: Write) -> None:
    states = {"Endpoint": task("updateEndpoint", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})}
    source = write("m.json", {"StartAt": "Endpoint", "States": states})

    generated = run("generate", "--from", source, *HERE)

    (statement,) = generated.document["Statement"]
    assert statement["Action"] == ["sagemaker:UpdateEndpoint"]


def test_a_state_machine_has_no_stack(run: Run, write: Write) -> None:
    source = ("--from", write("m.json", DEFINITION), *HERE)

    for words, said in (
        (("--parameter", "A=b"), "a state machine has no stack"),
        (("--no-stack-tags",), "a state machine has no stack"),
        (("--set", "Endpoint.Nothing=b"), "no task leaves 'Endpoint.Nothing' open"),
    ):
        done = run("generate", *source, *words)
        assert (done.status, done.out) == (2, "")
        assert said in done.err
