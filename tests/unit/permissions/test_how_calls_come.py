"""Through what the calls of a deployment come, and what the requests may need that nobody has written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.located import WrittenCaller, WrittenDeployment
from iamcheck.deployment.unknown import Tool
from iamcheck.iam.model import Place
from iamcheck.permissions import possible_calls, required
from tests.unit.permissions.states import ABSENT, UNKNOWN, state

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
ENDPOINT = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
VARIANTS = [{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]
CONFIG = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": VARIANTS,
    "KmsKeyId": "1234abcd-12ab",
    "ExecutionRoleArn": ROLE,
    "Tags": [{"Key": "team", "Value": "ml"}],
}
NAMES = Deployment("churn", "churn-v7", **HERE)
FULL = Deployment.from_requests({**ENDPOINT, "Tags": [{"Key": "team", "Value": "ml"}]}, CONFIG, **HERE)
CLOUDFORMATION = ("cloudformation.amazonaws.com",)


def by(tool: Tool, caller: WrittenCaller | None = None) -> Deployment:
    assert FULL.written is not None
    return replace(FULL, written=replace(FULL.written, tool=tool, caller=caller))


def service_role(*called_via: str) -> WrittenCaller:
    return WrittenCaller("arn:aws:iam::123456789012:role/deployer", called_via, Place("t.yaml"))


def existing_config() -> Deployment:
    """Names and an endpoint config that exists: no request is written."""
    assert FULL.written is not None
    written = WrittenDeployment(Tool.SDK, "endpoint config churn-v7", config=FULL.written.config, config_exists=True)
    return replace(NAMES, written=written, config_request=FULL.config_request)


# IAM User Guide, "AWS global condition context keys": aws:ViaAWSService, aws:CalledVia; CloudFormation User Guide,
# "CloudFormation service role"
@pytest.mark.parametrize(
    ("deployment", "via_service", "called_via_first"),
    [
        (NAMES, UNKNOWN, UNKNOWN),
        (existing_config(), UNKNOWN, UNKNOWN),
        (FULL, "false", ABSENT),
        (Deployment.from_requests(ENDPOINT, **HERE), "false", ABSENT),
        (by(Tool.TERRAFORM), "false", ABSENT),
        (by(Tool.CLOUDFORMATION), "true", *CLOUDFORMATION),
        (by(Tool.CLOUDFORMATION, service_role()), "false", ABSENT),
        (by(Tool.CLOUDFORMATION, service_role(*CLOUDFORMATION)), "true", *CLOUDFORMATION),
    ],
    ids=["names", "existing-config", "requests", "request", "terraform", "stack", "service-role", "stack-by-role"],
)
def test_the_source_says_through_what_a_call_comes(
    deployment: Deployment, via_service: str, called_via_first: str
) -> None:
    for permission in required(deployment):
        if permission.request.action != "kms:CreateGrant":
            assert state(permission.request, "aws:ViaAWSService") == via_service
            assert state(permission.request, "aws:CalledViaFirst") == called_via_first
            called_via = [called_via_first] if via_service == "true" else called_via_first
            assert state(permission.request, "aws:CalledVia") == called_via


def test_a_grant_comes_through_a_service_whoever_deploys() -> None:
    for deployment in (FULL, by(Tool.TERRAFORM), by(Tool.CLOUDFORMATION), existing_config()):
        (grant,) = (one.request for one in required(deployment) if one.request.action == "kms:CreateGrant")
        assert state(grant, "aws:ViaAWSService") == "true"
        assert state(grant, "aws:CalledViaFirst") == UNKNOWN


@pytest.mark.parametrize("deployment", [NAMES, FULL, by(Tool.CLOUDFORMATION)], ids=["names", "requests", "stack"])
def test_the_calls_are_made_in_the_account_of_the_deployment(deployment: Deployment) -> None:
    for permission in required(deployment, "lifecycle"):
        assert state(permission.request, "aws:PrincipalAccount") == "123456789012"


TAG_CONFIG = ("sagemaker:AddTags", "if the endpoint config has Tags", "--config-request")
PASS_ROLE = ("iam:PassRole", "if the endpoint config has ExecutionRoleArn", "--config-request")
TAG_ENDPOINT = ("sagemaker:AddTags", "if the endpoint has Tags", "--request")
GRANT = ("kms:CreateGrant", "if the endpoint config has KmsKeyId", "--config-request")


# SageMaker Developer Guide, "Amazon SageMaker API permissions", and the Service Authorization Reference
@pytest.mark.parametrize(
    ("deployment", "scope", "expected"),
    [
        (NAMES, "create", [TAG_CONFIG, PASS_ROLE, TAG_ENDPOINT, GRANT]),
        (NAMES, "update", [TAG_CONFIG, PASS_ROLE, GRANT]),
        (Deployment.from_requests(ENDPOINT, **HERE), "create", [TAG_CONFIG, PASS_ROLE, GRANT]),
        (Deployment.from_requests(None, CONFIG, endpoint_name="churn", **HERE), "create", [TAG_ENDPOINT]),
        (existing_config(), "create", [TAG_ENDPOINT]),
        (FULL, "lifecycle", []),
    ],
    ids=["names", "update", "endpoint", "config", "existing-config", "both"],
)
def test_what_is_not_written_may_need_more(
    deployment: Deployment, scope: str, expected: list[tuple[str, str, str]]
) -> None:
    found = possible_calls(deployment, scope)

    assert [(one.action, one.condition, one.settled_by) for one in found] == expected
    assert [str(one) for one in found] == [f"{action}, {condition}" for action, condition, _ in expected]


def test_of_a_config_that_exists_and_was_not_read_only_its_key_can_matter() -> None:
    endpoint = Deployment.from_requests(ENDPOINT, **HERE)
    assert endpoint.written is not None
    unread = replace(endpoint, written=replace(endpoint.written, config_exists=True))

    (grant,) = possible_calls(unread)

    assert (grant.action, grant.settled_by) == ("kms:CreateGrant", "sagemaker:DescribeEndpointConfig")
