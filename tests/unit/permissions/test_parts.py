"""Deployments that make one of the two, or replace what is there: what is asked, and what the policies grant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.deployment.located import WrittenDelete
from iamcheck.deployment.unknown import UNKNOWN, Tool
from iamcheck.errors import InvalidInputError
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Place
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.unit.permissions.states import UNKNOWN as UNKNOWN_KEY
from tests.unit.permissions.states import state

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
TAGS = [{"Key": "team", "Value": "ml"}]
FULL = Deployment.from_requests(
    {"EndpointName": "churn", "EndpointConfigName": "churn-v7", "Tags": TAGS},
    {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large"}],
        "KmsKeyId": "1234abcd-12ab",
        "ExecutionRoleArn": "arn:aws:iam::123456789012:role/sagemaker",
        "Tags": TAGS,
    },
    **HERE,
)
ALONE = LocalSimulator(Semantics.ALONE)
SCOPES = ("create", "update", "deploy", "lifecycle")


def config_alone() -> Deployment:
    assert FULL.written is not None
    written = replace(FULL.written, tool=Tool.CLOUDFORMATION, endpoint=None)
    return replace(FULL, endpoint_name=None, endpoint_request=None, written=written)


def endpoint_alone() -> Deployment:
    assert FULL.written is not None
    written = replace(FULL.written, tool=Tool.CLOUDFORMATION, config=None)
    return replace(FULL, config_request=None, written=written)


def replacing(*deletes: WrittenDelete) -> Deployment:
    assert FULL.written is not None
    return replace(FULL, written=replace(FULL.written, tool=Tool.TERRAFORM, deletes=deletes))


PLAN = Place("plan.json", path="resource_changes[0]")
OLD_ENDPOINT = WrittenDelete("DeleteEndpoint", "Churn-Old", PLAN)
SAME_ENDPOINT = WrittenDelete("DeleteEndpoint", "churn", PLAN)
OLD_CONFIG = WrittenDelete("DeleteEndpointConfig", "churn-v6", PLAN)
# a config may have the name of another endpoint
CONFUSING = WrittenDelete("DeleteEndpoint", "churn-v7", PLAN)


def pairs(deployment: Deployment, scope: str) -> set[tuple[str, str]]:
    return {(one.request.action, one.request.resource.rpartition(":")[2]) for one in required(deployment, scope)}


def test_a_config_alone_is_created_tagged_and_given_its_role_and_nothing_more() -> None:
    assert pairs(config_alone(), "create") == {
        ("sagemaker:CreateEndpointConfig", "endpoint-config/churn-v7"),
        ("sagemaker:AddTags", "endpoint-config/churn-v7"),
        ("iam:PassRole", "role/sagemaker"),
    }
    assert pairs(config_alone(), "update") == pairs(config_alone(), "create")
    for scope in ("deploy", "lifecycle"):
        assert all(not resource.startswith("endpoint/") for _, resource in pairs(config_alone(), scope))
        assert all("Invoke" not in action and "Grant" not in action for action, _ in pairs(config_alone(), scope))


def test_an_endpoint_alone_uses_a_config_that_nobody_creates() -> None:
    assert pairs(endpoint_alone(), "create") == {
        ("sagemaker:CreateEndpoint", "endpoint/churn"),
        ("sagemaker:CreateEndpoint", "endpoint-config/churn-v7"),
        ("sagemaker:AddTags", "endpoint/churn"),
    }


CASES = {
    "config alone": config_alone(),
    "endpoint alone": endpoint_alone(),
    "replaced": replacing(OLD_ENDPOINT, OLD_CONFIG),
    "replaced under its name": replacing(SAME_ENDPOINT),
    "config replaced": replacing(OLD_CONFIG),
    "endpoint of the config's name": replacing(CONFUSING),
}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("pin", [False, True], ids=["", "pinned"])
def test_the_policy_grants_exactly_that(name: str, scope: str, *, pin: bool) -> None:
    deployment = CASES[name]
    policy, needed = render_policy(deployment, scope, pin=pin).policy, required(deployment, scope)

    assert proofs.sufficient(policy, needed, ALONE).status is Status.PASS
    minimal = proofs.minimal(policy, needed, ALONE, pin=pin)
    assert minimal.status is Status.PASS, minimal.summary


@pytest.mark.parametrize("scope", SCOPES)
def test_a_replacement_deletes_the_old_resource_under_its_own_name(scope: str) -> None:
    more = pairs(replacing(OLD_ENDPOINT, OLD_CONFIG), scope) - pairs(replacing(), scope)

    assert more == {
        ("sagemaker:DeleteEndpoint", "endpoint/Churn-Old"),
        ("sagemaker:DeleteEndpoint", "endpoint/churn-old"),
        ("sagemaker:DeleteEndpointConfig", "endpoint-config/churn-v6"),
    }


def test_a_delete_says_where_it_is_written_and_nothing_of_the_old_tags() -> None:
    permissions = required(replacing(OLD_CONFIG))
    (deleted,) = (one for one in permissions if one.request.action == "sagemaker:DeleteEndpointConfig")

    assert deleted.where == PLAN
    assert deleted.reason == "the endpoint config churn-v6 is deleted"
    assert deleted.source.endswith("API_DeleteEndpointConfig.html")
    assert state(deleted.request, "aws:ResourceTag/team") == UNKNOWN_KEY


def test_what_is_deleted_anyway_is_asked_once() -> None:
    requests = [(one.request.action, one.request.resource) for one in required(replacing(SAME_ENDPOINT), "lifecycle")]

    assert len(requests) == len(set(requests))


def test_a_name_that_nobody_knows_is_left_to_the_reader() -> None:
    hidden = replacing(WrittenDelete("DeleteEndpoint", UNKNOWN, PLAN))
    assert pairs(hidden, "create") == pairs(replacing(), "create")
    assert render_policy(hidden).document == render_policy(replacing()).document


def test_the_documented_policy_needs_an_endpoint() -> None:
    with pytest.raises(InvalidInputError, match="scope docs is AWS's text for an endpoint"):
        render_policy(config_alone(), "docs")
