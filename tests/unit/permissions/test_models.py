"""What a model that a deployment makes needs: CreateModel, its tags, its role, and what the tool reads and deletes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.unknown import UNKNOWN as LATER
from iamcheck.deployment.unknown import Tool
from iamcheck.permissions import required
from tests.unit.permissions.states import ABSENT, UNKNOWN, state

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
ENDPOINT = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
CONFIG = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": [
        {"VariantName": "a", "ModelName": "churn-model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    ],
}
ROLE = "arn:aws:iam::123456789012:role/exec"
MODEL = {"ModelName": "churn-model", "ExecutionRoleArn": ROLE}
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model/churn-model"
VPC = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1", "sg-2"]}


def deployment(*models: dict[str, Any], tool: Tool = Tool.SDK) -> Deployment:
    made = Deployment.from_requests(ENDPOINT, CONFIG, create_models=models, **HERE)
    assert made.written is not None
    return replace(made, written=replace(made.written, tool=tool))


def about_models(made: Deployment, scope: str = "create") -> set[tuple[str, str]]:
    """The calls that only models need."""
    calls = {(need.request.action, need.request.resource) for need in required(made, scope)}
    return calls - {
        (need.request.action, need.request.resource) for need in required(deployment(tool=tool_of(made)), scope)
    }


def tool_of(made: Deployment) -> Tool:
    assert made.written is not None
    return made.written.tool


@pytest.mark.parametrize(
    ("scope", "tool", "actions"),
    [
        ("create", Tool.SDK, {"CreateModel"}),
        ("update", Tool.CLOUDFORMATION, {"CreateModel"}),
        ("deploy", Tool.SDK, {"CreateModel"}),
        ("deploy", Tool.CLOUDFORMATION, {"CreateModel", "DescribeModel", "ListTags"}),
        ("lifecycle", Tool.SDK, {"CreateModel", "DeleteModel"}),
        ("lifecycle", Tool.TERRAFORM, {"CreateModel", "DescribeModel", "ListTags", "DeleteModel"}),
        ("docs", Tool.SDK, set()),
    ],
)
def test_each_scope_has_the_calls_for_a_model_that_its_tool_makes(scope: str, tool: Tool, actions: set[str]) -> None:
    calls = about_models(deployment({"ModelName": "churn-model"}, tool=tool), scope)

    assert calls == {(f"sagemaker:{action}", ARN) for action in actions}


def test_the_role_is_passed_and_the_tags_are_put_on_where_the_model_has_them() -> None:
    tagged = deployment({**MODEL, "Tags": [{"Key": "team", "Value": "ml"}]})

    assert about_models(tagged) == {("sagemaker:CreateModel", ARN), ("sagemaker:AddTags", ARN), ("iam:PassRole", ROLE)}
    requests = {need.request.action: need.request for need in required(tagged)}
    assert state(requests["sagemaker:AddTags"], "sagemaker:TaggingAction") == "CreateModel"
    assert state(requests["iam:PassRole"], "iam:PassedToService") == "sagemaker.amazonaws.com"
    assert state(requests["sagemaker:CreateModel"], "aws:RequestTag/team") == "ml"
    assert state(requests["sagemaker:CreateModel"], "aws:ResourceTag/team") == "ml"
    assert state(requests["sagemaker:CreateModel"], "aws:TagKeys") == ["team"]
    assert state(requests["sagemaker:CreateModel"], "aws:RequestTag/owner") == ABSENT


def test_a_role_that_several_requests_name_is_passed_once() -> None:
    made = Deployment.from_requests(
        ENDPOINT, {**CONFIG, "ExecutionRoleArn": ROLE}, create_models=[MODEL, {**MODEL, "ModelName": "other"}], **HERE
    )

    assert [need.request.resource for need in required(made) if need.request.action == "iam:PassRole"] == [ROLE]


@pytest.mark.parametrize(
    ("members", "key", "expected"),
    [
        ({"VpcConfig": VPC}, "sagemaker:VpcSubnets", ["subnet-1"]),
        ({"VpcConfig": VPC}, "sagemaker:VpcSecurityGroupIds", ["sg-1", "sg-2"]),
        ({}, "sagemaker:VpcSubnets", ABSENT),
        ({}, "sagemaker:VpcSecurityGroupIds", ABSENT),
        ({"EnableNetworkIsolation": True}, "sagemaker:NetworkIsolation", "true"),
        ({"EnableNetworkIsolation": False}, "sagemaker:NetworkIsolation", "false"),
        ({}, "sagemaker:NetworkIsolation", ABSENT),
        ({}, "sagemaker:DirectGatedModelAccess", UNKNOWN),
        ({}, "aws:TagKeys", ABSENT),
        ({}, "sagemaker:InstanceTypes", ABSENT),
    ],
)
def test_the_context_of_create_model_is_what_its_request_says(
    members: dict[str, Any], key: str, expected: object
) -> None:
    (request,) = [
        need.request
        for need in required(deployment({**MODEL, **members}))
        if need.request.action == "sagemaker:CreateModel"
    ]

    assert state(request, key) == expected


def test_what_is_known_later_is_unknown_in_the_context() -> None:
    made = deployment({**MODEL, "VpcConfig": VPC, "EnableNetworkIsolation": True})
    (model,) = made.model_requests
    assert model.vpc is not None
    later = replace(model, vpc=replace(model.vpc, subnets=LATER), network_isolation=LATER)
    (request,) = [
        need.request
        for need in required(replace(made, model_requests=(later,)))
        if need.request.action == "sagemaker:CreateModel"
    ]

    assert state(request, "sagemaker:VpcSubnets") == UNKNOWN
    assert state(request, "sagemaker:NetworkIsolation") == UNKNOWN
    assert state(request, "sagemaker:VpcSecurityGroupIds") == ["sg-1", "sg-2"]


def test_a_name_with_capitals_is_asked_about_under_both_spellings() -> None:
    models = {arn for _, arn in about_models(deployment({"ModelName": "Churn"}))}

    assert {arn.rpartition("/")[2] for arn in models} == {"Churn", "churn"}


def test_a_model_that_a_variant_only_names_is_not_asked_about() -> None:
    assert about_models(deployment()) == set()
    assert not [need for need in required(deployment()) if ":model/" in need.request.resource]
