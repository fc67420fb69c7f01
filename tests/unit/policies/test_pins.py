"""`--pin`: the policy narrowed to one deployment, proved sufficient, and minimal in its conditions too."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.deployment.features import ModelRequest, Tags, Vpc
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy
from iamcheck.permissions import required
from iamcheck.policies.pins import unpinned
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

ACCOUNT = "123456789012"
HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": ACCOUNT}
ALONE = LocalSimulator(Semantics.ALONE)
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd"
TAGS = [{"Key": "team", "Value": "ml"}, {"Key": "cost", "Value": "7"}]


def variant(**members: object) -> dict[str, Any]:
    return {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, **members}


def made(endpoint: dict[str, Any] | None = None, config: dict[str, Any] | None = None) -> Deployment:
    return Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7", **(endpoint or {})},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant()], **(config or {})},
        **HERE,
    )


SERVERLESS = {"VariantName": "a", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
# the deployment, and the keys that its CreateEndpointConfig is pinned by
DEPLOYMENTS: dict[str, tuple[Deployment, set[str]]] = {
    "plain": (made(), {"sagemaker:InstanceTypes", "sagemaker:ModelArn"}),
    "tags": (
        made({"Tags": TAGS}, {"Tags": TAGS[:1]}),
        {"aws:RequestTag/team", "aws:TagKeys", "sagemaker:InstanceTypes", "sagemaker:ModelArn"},
    ),
    "two types, two models": (
        made(None, {"ProductionVariants": [variant(), variant(ModelName="n", InstanceType="ml.c5.large")]}),
        {"sagemaker:InstanceTypes"},
    ),
    "serverless": (
        made(None, {"ProductionVariants": [SERVERLESS]}),
        {"sagemaker:ModelArn", "sagemaker:ServerlessMaxConcurrency", "sagemaker:ServerlessMemorySize"},
    ),
    "network and key": (
        made(
            None,
            {
                "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
                "KmsKeyId": KEY,
                "EnableNetworkIsolation": True,
                "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/sagemaker",
            },
        ),
        {
            "sagemaker:InstanceTypes",
            "sagemaker:ModelArn",
            "sagemaker:NetworkIsolation",
            "sagemaker:VolumeKmsKeyArn",
            "sagemaker:VpcSecurityGroupIds",
            "sagemaker:VpcSubnets",
        },
    ),
    "accelerator": (
        made(None, {"ProductionVariants": [variant(AcceleratorType="ml.eia2.medium")]}),
        {"sagemaker:AcceleratorTypes", "sagemaker:InstanceTypes", "sagemaker:ModelArn"},
    ),
    "a model with capitals, a key by alias": (
        made(None, {"ProductionVariants": [variant(ModelName="Model")], "KmsKeyId": "alias/volumes"}),
        {"sagemaker:InstanceTypes"},
    ),
}


def conditions(statement: Any) -> set[str]:  # noqa: ANN401  any JSON
    return {key for keys in statement.get("Condition", {}).values() for key in keys}


@pytest.mark.parametrize("scope", ["create", "update", "deploy", "lifecycle"])
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pinned_policy_is_sufficient_and_minimal(name: str, scope: str) -> None:
    deployment, keys = DEPLOYMENTS[name]
    rendered, permissions = render_policy(deployment, scope, pin=True), required(deployment, scope)
    statements: Any = rendered.document["Statement"]

    create = [one for one in statements if "sagemaker:CreateEndpointConfig" in one["Action"]]
    assert [conditions(one) for one in create] == [keys]
    assert proofs.sufficient(rendered.policy, permissions, ALONE).status is Status.PASS
    found = proofs.minimal(rendered.policy, permissions, ALONE, pin=True)
    assert found.status is Status.PASS, found.summary


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_each_condition_that_is_dropped_lets_something_more_through(name: str) -> None:
    deployment, _ = DEPLOYMENTS[name]
    permissions = required(deployment)
    document: Any = render_policy(deployment, pin=True).document
    dropped = 0
    for at, statement in enumerate(document["Statement"]):
        for operator, keys in statement.get("Condition", {}).items():
            for key in keys:
                wider = copy.deepcopy(document)
                del wider["Statement"][at]["Condition"][operator][key]
                found = proofs.minimal(Policy.parse(wider, name="wider"), permissions, ALONE, pin=True)
                assert found.status is Status.FAIL, (operator, key)
                dropped += 1
    assert dropped


def test_a_condition_that_narrows_nothing_is_named() -> None:
    deployment, _ = DEPLOYMENTS["plain"]
    document: Any = render_policy(deployment, pin=True).document
    document["Statement"][1]["Condition"]["StringLike"] = {"sagemaker:ModelArn": "arn:*"}

    found = proofs.minimal(Policy.parse(document, name="p"), required(deployment), ALONE, pin=True)

    assert found.status is Status.FAIL
    assert "condition StringLike on sagemaker:ModelArn in statement CreateEndpointConfig" in found.summary


def test_a_policy_that_is_not_pinned_lets_other_values_through() -> None:
    deployment, _ = DEPLOYMENTS["plain"]
    document: Any = render_policy(deployment, pin=True).document
    document["Statement"][1]["Condition"]["ForAllValues:StringEquals"]["sagemaker:InstanceTypes"].append(
        "iamcheck-other"
    )

    found = proofs.minimal(Policy.parse(document, name="p"), required(deployment), ALONE, pin=True)

    assert found.status is Status.FAIL
    assert "with another sagemaker:InstanceTypes" in found.summary


def test_only_what_the_service_reference_lists_is_pinned() -> None:
    for deployment, _ in DEPLOYMENTS.values():
        statements: Any = render_policy(deployment, "lifecycle", pin=True).document["Statement"]
        for statement in statements:
            for action, key in ((action, key) for action in statement["Action"] for key in conditions(statement)):
                if action.startswith("sagemaker:"):
                    assert catalogue.lists_condition_key(action, key), (action, key)


def test_what_is_not_pinned_is_said() -> None:
    said = "; ".join(unpinned(DEPLOYMENTS["a model with capitals, a key by alias"][0], "lifecycle"))
    for word in ("DescribeEndpoint", "models: ", "the volume key: ", "instance counts"):
        assert word in said
    pools = {"VariantName": "a", "ModelName": "m", "InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1}]}
    assert "instance types: " in "; ".join(unpinned(made(None, {"ProductionVariants": [pools]}), "create"))
    assert "models: " not in "; ".join(unpinned(DEPLOYMENTS["plain"][0], "create"))
    only_endpoint = Deployment.from_requests({"EndpointName": "churn", "EndpointConfigName": "churn-v7"}, **HERE)
    assert "CreateEndpointConfig: its request is not known" in unpinned(only_endpoint, "create")
    only_config = Deployment.from_requests(None, {"EndpointConfigName": "churn-v7"}, endpoint_name="churn", **HERE)
    assert "CreateEndpoint: its request is not known" in unpinned(only_config, "create")


@pytest.mark.parametrize("scope", ["create", "update", "deploy", "lifecycle"])
@pytest.mark.parametrize("known", ["the endpoint", "the endpoint config"])
def test_what_has_no_request_is_granted_without_conditions(known: str, scope: str) -> None:
    endpoint = {"EndpointName": "churn", "EndpointConfigName": "churn-v7", "Tags": TAGS}
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant()], "Tags": TAGS}
    given = (endpoint, None) if known == "the endpoint" else (None, config)
    deployment = Deployment.from_requests(*given, endpoint_name="churn", endpoint_config_name="churn-v7", **HERE)
    rendered, permissions = render_policy(deployment, scope, pin=True), required(deployment, scope)

    statements: Any = rendered.document["Statement"]
    narrowed = {one["Sid"] for one in statements if conditions(one) - {"sagemaker:TaggingAction"}}
    made = (
        {"TagEndpoint", "CreateEndpoint"} if known == "the endpoint" else {"TagEndpointConfig", "CreateEndpointConfig"}
    )
    assert narrowed == made & {one["Sid"] for one in statements}
    assert proofs.sufficient(rendered.policy, permissions, ALONE).status is Status.PASS
    assert proofs.minimal(rendered.policy, permissions, ALONE, pin=True).status is Status.PASS
    unsaid = "CreateEndpointConfig" if known == "the endpoint" else "CreateEndpoint"
    if scope != "update" or known == "the endpoint":
        assert f"{unsaid}: its request is not known" in unpinned(deployment, scope)


@pytest.mark.parametrize(("prefix", "besides"), [("", "of the stack"), ("aws:cloudformation:", "aws:cloudformation:")])
def test_tags_that_a_stack_may_add_are_not_pinned_away(prefix: str, besides: str) -> None:
    closed, _ = DEPLOYMENTS["tags"]
    assert closed.endpoint_request is not None
    assert closed.config_request is not None
    tags = closed.endpoint_request.tags
    assert isinstance(tags, Tags)
    opened = replace(
        closed,
        endpoint_request=replace(closed.endpoint_request, tags=replace(tags, open_prefix=prefix)),
        config_request=replace(closed.config_request, tags=replace(tags, open_prefix=prefix)),
    )
    rendered, permissions = render_policy(opened, pin=True), required(opened)

    statements: Any = rendered.document["Statement"]
    keys = {key for one in statements for key in conditions(one)}
    assert {"aws:RequestTag/team", "aws:RequestTag/cost"} < keys
    assert "aws:TagKeys" not in keys
    assert proofs.sufficient(rendered.policy, permissions, ALONE).status is Status.PASS
    found = proofs.minimal(rendered.policy, permissions, ALONE, pin=True)
    assert found.status is Status.PASS, found.summary
    said = unpinned(opened, "create")
    assert [text for text in said if besides in text]
    assert len([text for text in said if "may come besides" in text]) == 2


def test_what_is_not_made_is_not_called_unpinned() -> None:
    endpoint = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    deployment = Deployment.from_requests(endpoint, **HERE)
    assert deployment.written is not None
    existing = replace(deployment, written=replace(deployment.written, config_exists=True))

    assert not [text for text in unpinned(existing, "create") if "CreateEndpointConfig" in text]


def test_there_must_be_something_to_pin_to() -> None:
    with pytest.raises(InvalidInputError, match="--pin: only the names are known"):
        render_policy(Deployment("churn", "churn-v7", **HERE), pin=True)
    for tags, said in (
        ([{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}], "case of their keys"),
        ([{"Key": "team", "Value": "${aws:username}"}], "policy variable"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            render_policy(made({"Tags": tags}), pin=True)
    with pytest.raises(InvalidInputError, match="--pin: scope docs"):
        render_policy(made(), "docs", pin=True)


def test_what_is_not_pinned_of_a_model_is_said() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/sagemaker"
    known = ModelRequest("plain", execution_role_arn=role)
    open_ = ModelRequest("open", execution_role_arn=role, vpc=Vpc(UNKNOWN, ("subnet-1",)), network_isolation=UNKNOWN)

    said = unpinned(replace(made(), model_requests=(known, open_)), "create")

    later = "known only when the deployment is made"
    assert [text for text in said if "model" in text and later in text] == [
        f"security groups of the model open: {later}",
        f"network isolation of the model open: {later}",
    ]
    assert "containers, images and model data of the models: there is no condition key for them" in said


def with_component(**members: object) -> Deployment:
    component = {"InferenceComponentName": "ic", "EndpointName": "churn", **members}
    return Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant()]},
        create_inference_components=[component],
        **HERE,
    )


def test_a_tag_of_an_inference_component_that_looks_like_a_policy_variable_is_refused() -> None:
    made_with_tag = with_component(Tags=[{"Key": "team", "Value": "${aws:username}"}])

    with pytest.raises(InvalidInputError, match="the inference component ic looks like a policy variable"):
        render_policy(made_with_tag, pin=True)


@pytest.mark.parametrize(("model", "says"), [("m", False), ("Capital", True)])
def test_what_an_inference_component_is_not_pinned_to_is_named(model: str, *, says: bool) -> None:
    texts = unpinned(with_component(Specification={"ModelName": model}), "create")

    assert any("the model of the inference component ic" in text for text in texts) is says
    assert not any(text.startswith("CreateInferenceComponent") for text in texts)
