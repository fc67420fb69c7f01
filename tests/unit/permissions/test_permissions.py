"""What a deployment needs, scope by scope, and what is known of each request's context."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from iamcheck.deployment import Deployment
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.permissions import SCOPES, required

DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")

# SageMaker API reference and Service Authorization Reference: which resources each action is authorised on
CREATE = {"CreateEndpointConfig": "c", "CreateEndpoint": "ec"}
UPDATE = {"UpdateEndpoint": "ec", "CreateEndpointConfig": "c"}
DEPLOY = CREATE | {"DescribeEndpoint": "e", "DescribeEndpointConfig": "c"}
NEEDED = {
    "create": CREATE,
    "docs": CREATE,
    "update": UPDATE,
    "deploy": DEPLOY,
    "lifecycle": DEPLOY
    | UPDATE
    | {
        "UpdateEndpointWeightsAndCapacities": "e",
        "DeleteEndpoint": "e",
        "DeleteEndpointConfig": "c",
        "InvokeEndpoint": "e",
        "InvokeEndpointAsync": "e",
        "InvokeEndpointWithResponseStream": "e",
    },
}


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_needs_its_actions_on_their_resources(scope: str) -> None:
    arns = {"e": DEPLOYMENT.endpoint_arn, "c": DEPLOYMENT.endpoint_config_arn}

    requests = [permission.request for permission in required(DEPLOYMENT, scope)]

    pairs = [(request.action, request.resource) for request in requests]
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == {(f"sagemaker:{name}", arns[on]) for name, ons in NEEDED[scope].items() for on in ons}


@pytest.mark.parametrize("scope", SCOPES)
def test_every_resource_type_that_the_reference_requires_is_needed(scope: str) -> None:
    requests = [permission.request for permission in required(DEPLOYMENT, scope)]
    for action in {request.action for request in requests}:
        info = catalogue.action(action)
        assert info is not None
        types = {
            request.resource.rpartition(":")[2].partition("/")[0] for request in requests if request.action == action
        }
        assert types == {used.name for used in info.resource_types if used.required}


@pytest.mark.parametrize("scope", SCOPES)
def test_every_permission_has_its_reason_and_aws_page(scope: str) -> None:
    for permission in required(DEPLOYMENT, scope):
        assert permission.reason
        assert permission.source.startswith("https://docs.aws.amazon.com/")


def test_each_spelling_is_a_request_of_its_own() -> None:
    deployment = Deployment("Churn", "Churn-V7", region="eu-west-1", account_id="123456789012")

    permissions = required(deployment, "create")

    assert len(permissions) == 2 * len(required(DEPLOYMENT, "create"))
    assert {permission.request.resource for permission in permissions} == {
        *deployment.endpoint_arns,
        *deployment.endpoint_config_arns,
    }


def test_an_unknown_scope_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInputError, match="scope: there is no scope 'everything'"):
        required(DEPLOYMENT, "everything")


def test_what_the_call_itself_tells_is_known() -> None:
    for permission in required(DEPLOYMENT):
        assert permission.request.context == {
            "aws:PrincipalAccount": "123456789012",
            "aws:RequestedRegion": "eu-west-1",
            "aws:ResourceAccount": "123456789012",
            "aws:SecureTransport": True,
            "aws:PrincipalIsAWSService": False,
        }


def test_the_time_is_known_only_where_it_is_passed_in() -> None:
    now = datetime(2026, 9, 26, 12, 30, tzinfo=timezone.utc)

    context = required(DEPLOYMENT, now=now)[0].request.context

    assert context["aws:CurrentTime"] == now
    assert context["aws:EpochTime"] == 1790425800


# IAM User Guide, "AWS global condition context keys": Availability
@pytest.mark.parametrize("key", ["aws:PrincipalServiceName", "aws:SourceArn", "aws:SourceAccount"])
def test_keys_of_calls_by_services_are_absent(key: str) -> None:
    assert all(key in permission.request.absent for permission in required(DEPLOYMENT))


def test_a_key_of_the_config_request_is_unknown_there_and_absent_elsewhere() -> None:
    for permission in required(DEPLOYMENT, "lifecycle"):
        request = permission.request
        assert ("sagemaker:InstanceTypes" in request.absent) == (request.action != "sagemaker:CreateEndpointConfig")
        assert "sagemaker:InstanceTypes" not in request.context


# From bare names nobody knows these: the real request may have them, and a network is used on the day
@pytest.mark.parametrize(
    "key",
    ["aws:RequestTag/team", "aws:TagKeys", "aws:ResourceTag/team", "aws:SourceIp", "aws:SourceVpce", "aws:UserAgent"],
)
def test_what_only_the_real_call_will_tell_is_unknown(key: str) -> None:
    for permission in required(DEPLOYMENT):
        assert key not in permission.request.context
        assert key not in permission.request.absent
