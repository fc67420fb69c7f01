"""Answers that are made up for calls that a recorded script makes have the shape that AWS documents."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from iamcheck.aws.recording.made_up import MARK, NO_ACCOUNT, answer

SESSION = botocore.session.Session()
SERVICES = ("sagemaker", "iam", "sts", "application-autoscaling", "cloudwatch", "s3", "kms", "ecr", "sagemaker-runtime")


def hide_policies(value: Any) -> None:  # noqa: ANN401  any value of JSON
    """Put texts in place of IAM's policies, which botocore gives as mappings though their shape is a text."""
    for name in (
        [name for name in value if isinstance(value[name], dict) and "Statement" in value[name]]
        if isinstance(value, dict)
        else []
    ):
        value[name] = "policy"
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        hide_policies(item)


def made(service: str, operation: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  any parameter
    model = SESSION.get_service_model(service).operation_model(operation)
    return answer(model, parameters, {}, "eu-west-1", "123456789012")


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_has_the_shape_of_its_operation(service: str) -> None:
    model = SESSION.get_service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        found = answer(operation, {}, {}, "eu-west-1", NO_ACCOUNT)
        assert found.pop("ResponseMetadata")["HTTPStatusCode"] == 200
        if operation.output_shape is not None and not operation.has_event_stream_output:
            hide_policies(found)
            report = ParamValidator().validate(found, operation.output_shape)
            # bounds of a text that is made up matter to nobody
            errors = [line for line in report.generate_report().splitlines() if "for parameter" not in line]
            assert errors == [], name


@pytest.mark.parametrize("service", SERVICES)
def test_no_answer_makes_a_paginator_ask_again(service: str) -> None:
    loader = SESSION.get_component("data_loader")
    try:
        paginators = loader.load_service_model(service, "paginators-1")["pagination"]
    except botocore.exceptions.UnknownServiceError:
        pytest.skip("it has no paginators")
    for operation, config in paginators.items():
        tokens = config["output_token"]
        found = made(service, operation)
        for token in tokens if isinstance(tokens, list) else [tokens]:
            assert not found.get(token.split(" ")[0].split(".")[0].split("[")[0]), operation
        assert found.get(config.get("more_results", ""), False) is False


def test_states_are_those_in_which_waiting_ends() -> None:
    assert made("sagemaker", "DescribeEndpoint", EndpointName="churn")["EndpointStatus"] == "InService"
    component = made("sagemaker", "DescribeInferenceComponent", InferenceComponentName="churn")
    assert component["InferenceComponentStatus"] == "InService"
    assert made("sagemaker", "DescribeTrainingJob", TrainingJobName="t")["TrainingJobStatus"] == "Completed"


def test_what_is_made_up_is_marked_and_what_the_script_said_is_not() -> None:
    model = made("sagemaker", "CreateModel", ModelName="churn")
    assert model["ModelArn"] == "arn:aws:sagemaker:eu-west-1:123456789012:model/churn"
    role = made("iam", "GetRole", RoleName="exec")["Role"]
    assert (role["Arn"], role["RoleName"]) == ("arn:aws:iam::123456789012:role/exec", "exec")
    assert MARK in role["RoleId"]
    assert MARK in made("sts", "GetCallerIdentity")["Arn"]
    assert made("sts", "GetCallerIdentity")["Account"] == "123456789012"
