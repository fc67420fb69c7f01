"""The policies for what a deployment makes besides are proved: they allow it, and nothing beyond it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iamcheck.checks.policy import minimal, sufficient
from iamcheck.deployment import Deployment
from iamcheck.deployment.resources import InferenceComponentRequest, ScalableTargetRequest
from iamcheck.deployment.unknown import UNKNOWN, Tool
from iamcheck.iam.engine import Semantics
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
ENDPOINT = {"EndpointName": "Churn", "EndpointConfigName": "churn-v7"}
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONFIG = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]}
ROLE = "arn:aws:iam::123456789012:role/exec"
TAGS = [{"Key": "team", "Value": "ml"}]
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
TARGET = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/Churn/variant/a", "ScalableDimension": DIMENSION}
COPIES = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/ic",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
COMPONENT = {"InferenceComponentName": "ic", "EndpointName": "Churn", "Specification": {"ModelName": "m"}}
SCALING: dict[str, Any] = {
    "register_scalable_targets": [{**TARGET, "RoleARN": ROLE, "Tags": {"team": "ml"}}, COPIES],
    "put_scaling_policies": [
        {**TARGET, "PolicyName": "p", "PolicyType": "TargetTrackingScaling"},
        {**COPIES, "PolicyName": "q", "PolicyType": "StepScaling"},
    ],
}
COMPONENTS: dict[str, Any] = {
    "create_inference_components": [
        {**COMPONENT, "Tags": TAGS},
        {**COMPONENT, "InferenceComponentName": "other", "Specification": {"ModelName": "n"}},
        {"InferenceComponentName": "adapter", "EndpointName": "Churn"},
    ],
}
OTHERS: dict[str, Any] = {
    "put_metric_alarms": [{"AlarmName": "errors", "Tags": TAGS}, {"AlarmName": "latency: p99"}],
    "create_model_package_groups": [{"ModelPackageGroupName": "group", "Tags": TAGS}],
    "create_model_packages": [
        {"ModelPackageGroupName": "group", "ModelApprovalStatus": "Approved"},
        {
            "ModelPackageName": "package",
            "CustomerMetadataProperties": {"stage": "prod"},
            "ValidationSpecification": {"ValidationRole": ROLE, "ValidationProfiles": []},
            "Tags": TAGS,
        },
    ],
}


def deployment(resources: dict[str, Any], tool: Tool) -> Deployment:
    made = Deployment.from_requests(ENDPOINT, CONFIG, **resources, **HERE)
    assert made.written is not None
    return replace(made, written=replace(made.written, tool=tool))


@pytest.mark.parametrize("resources", [SCALING, COMPONENTS, OTHERS], ids=["scaling", "components", "others"])
@pytest.mark.parametrize(
    ("tool", "scope"),
    [
        (Tool.SDK, "create"),
        (Tool.CLOUDFORMATION, "update"),
        (Tool.TERRAFORM, "deploy"),
        (Tool.CLOUDFORMATION, "lifecycle"),
        pytest.param(Tool.CLOUDFORMATION, "deploy", marks=pytest.mark.slow),
        pytest.param(Tool.TERRAFORM, "lifecycle", marks=pytest.mark.slow),
        pytest.param(Tool.SDK, "lifecycle", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("pin", [False, True], ids=["", "pinned"])
def test_the_policy_is_sufficient_and_minimal(resources: dict[str, Any], tool: Tool, scope: str, *, pin: bool) -> None:
    made = deployment(resources, tool)
    rendered, needed = render_policy(made, scope, pin=pin), required(made, scope)
    local = LocalSimulator(Semantics.ALONE)

    assert sufficient(rendered.policy, needed, local).status is Status.PASS
    found = minimal(rendered.policy, needed, local, pin=pin)
    assert (found.status, found.summary) == (
        Status.PASS,
        "every statement is needed, and nothing beyond the need is allowed",
    )


@pytest.mark.parametrize("scope", ["create", "update", "deploy", "lifecycle"])
def test_no_action_has_a_wildcard_and_pass_role_names_its_roles(scope: str) -> None:
    document = render_policy(deployment({**SCALING, **COMPONENTS}, Tool.TERRAFORM), scope).document
    statements: Any = document["Statement"]

    actions = [action for one in statements for action in one["Action"]]
    assert not [action for action in actions if "*" in action]
    assert all(one["Action"] == sorted(one["Action"]) for one in statements)
    assert all(one["Resource"] == sorted(one["Resource"]) for one in statements)
    (passing,) = [one for one in statements if "iam:PassRole" in one["Action"]]
    assert passing["Resource"] == [ROLE]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "application-autoscaling.amazonaws.com"}}


@pytest.mark.parametrize(("is_there", "granted"), [(None, True), (False, True), (True, False)])
def test_the_service_linked_role_is_granted_where_it_is_not_known_to_be_there(
    is_there: bool | None, *, granted: bool
) -> None:
    made = replace(deployment(SCALING, Tool.SDK), service_linked_role=is_there)
    statements: Any = render_policy(made, "create").document["Statement"]
    found = [one for one in statements if "iam:CreateServiceLinkedRole" in one["Action"]]

    assert bool(found) is granted
    for one in found:
        service = "sagemaker.application-autoscaling.amazonaws.com"
        assert one["Condition"] == {"StringEquals": {"iam:AWSServiceName": service}}


def test_deregistering_is_granted_for_a_scalable_target_that_aws_knows_of() -> None:
    made = replace(
        deployment({}, Tool.SDK), registered_targets=(ScalableTargetRequest("endpoint/Churn/variant/a", DIMENSION),)
    )

    for scope in ("create", "lifecycle"):
        rendered, needed = render_policy(made, scope), required(made, scope)
        local = LocalSimulator(Semantics.ALONE)
        assert sufficient(rendered.policy, needed, local).status is Status.PASS
        assert minimal(rendered.policy, needed, local).status is Status.PASS


@pytest.mark.parametrize("prefix", [None, "aws:cloudformation:"], ids=["requests", "template"])
def test_a_pinned_policy_tells_components_with_and_without_tags_apart(prefix: str | None) -> None:
    tag_sets = [[{"Key": "team", "Value": "a"}], [{"Key": "team", "Value": "b"}], []]
    components = [
        {**COMPONENT, "InferenceComponentName": f"ic{number}", "Tags": tags} for number, tags in enumerate(tag_sets)
    ]
    made = deployment({"create_inference_components": components}, Tool.SDK)
    # a stack adds tags of its own to those of its template
    requests = tuple(
        replace(one, tags=replace(one.tags, open_prefix=prefix))
        for one in made.resource_requests
        if isinstance(one, InferenceComponentRequest) and one.tags is not UNKNOWN
    )
    made = replace(made, resource_requests=requests)
    rendered, needed = render_policy(made, pin=True), required(made)
    local = LocalSimulator(Semantics.ALONE)

    assert sufficient(rendered.policy, needed, local).status is Status.PASS
    assert minimal(rendered.policy, needed, local, pin=True).status is Status.PASS
