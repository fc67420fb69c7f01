"""What a deployment needs for what it makes besides: inference components, scaling, alarms, model packages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.resources import (
    AlarmRequest,
    InferenceComponentRequest,
    ModelPackageRequest,
    ScalableTargetRequest,
)
from iamcheck.deployment.unknown import UNKNOWN as LATER
from iamcheck.deployment.unknown import Tool
from iamcheck.permissions import required
from tests.unit.permissions.states import ABSENT, UNKNOWN, state

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
ENDPOINT = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
CONFIG = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": [{"VariantName": "a", "InstanceType": "ml.g5.xlarge"}],
}
ROLE = "arn:aws:iam::123456789012:role/exec"
TAGS = [{"Key": "team", "Value": "ml"}]
SAGEMAKER = "arn:aws:sagemaker:eu-west-1:123456789012"
TARGET_ARN = "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/*"
ALARM_ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm"
SCALING_ROLE = (
    "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)

COMPONENT = {"InferenceComponentName": "ic", "EndpointName": "churn", "Specification": {"ModelName": "m"}}
VARIANT_TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/a",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
COMPONENT_TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/ic",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
POLICY = {**VARIANT_TARGET, "PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
FAMILIES: dict[str, dict[str, Any]] = {
    "component": {"create_inference_components": [COMPONENT]},
    "variant target": {"register_scalable_targets": [VARIANT_TARGET]},
    "component target": {"register_scalable_targets": [COMPONENT_TARGET]},
    "policy": {"put_scaling_policies": [POLICY]},
    "step policy": {"put_scaling_policies": [{**POLICY, "PolicyType": "StepScaling"}]},
    "alarm": {"put_metric_alarms": [{"AlarmName": "errors"}]},
    "group": {"create_model_package_groups": [{"ModelPackageGroupName": "group"}]},
    "package": {"create_model_packages": [{"ModelPackageName": "package"}]},
    "version": {"create_model_packages": [{"ModelPackageGroupName": "group"}]},
}


def deployment(tool: Tool = Tool.SDK, **resources: list[dict[str, Any]]) -> Deployment:
    keywords: dict[str, Any] = {**resources, **HERE}
    made = Deployment.from_requests(ENDPOINT, CONFIG, **keywords)
    assert made.written is not None
    assert not made.unsettled
    return replace(made, written=replace(made.written, tool=tool))


def besides(made: Deployment, scope: str = "create") -> set[tuple[str, str]]:
    """The calls that the endpoint and its config alone do not need."""
    assert made.written is not None
    alone = {(need.request.action, need.request.resource) for need in required(deployment(made.written.tool), scope)}
    return {(need.request.action, need.request.resource) for need in required(made, scope)} - alone


SCALED_VARIANT = {
    ("application-autoscaling:RegisterScalableTarget", TARGET_ARN),
    ("iam:CreateServiceLinkedRole", SCALING_ROLE),
    ("sagemaker:DescribeEndpoint", f"{SAGEMAKER}:endpoint/churn"),
    ("sagemaker:DescribeEndpointConfig", f"{SAGEMAKER}:endpoint-config/churn-v7"),
    ("sagemaker:UpdateEndpointWeightsAndCapacities", f"{SAGEMAKER}:endpoint/churn"),
}
TRACKED = f"{ALARM_ARN}:TargetTracking-endpoint/churn/variant/a-*"


@pytest.mark.parametrize(
    ("family", "calls"),
    [
        (
            "component",
            {
                ("sagemaker:CreateInferenceComponent", f"{SAGEMAKER}:inference-component/ic"),
                ("sagemaker:CreateInferenceComponent", f"{SAGEMAKER}:endpoint/churn"),
            },
        ),
        ("variant target", SCALED_VARIANT),
        (
            "component target",
            {
                ("application-autoscaling:RegisterScalableTarget", TARGET_ARN),
                ("iam:CreateServiceLinkedRole", SCALING_ROLE),
                ("sagemaker:DescribeInferenceComponent", f"{SAGEMAKER}:inference-component/ic"),
                ("sagemaker:UpdateInferenceComponentRuntimeConfig", f"{SAGEMAKER}:inference-component/ic"),
            },
        ),
        (
            "policy",
            {
                ("application-autoscaling:PutScalingPolicy", TARGET_ARN),
                ("cloudwatch:PutMetricAlarm", TRACKED),
                ("cloudwatch:DescribeAlarms", TRACKED),
                ("cloudwatch:DeleteAlarms", TRACKED),
            },
        ),
        ("step policy", {("application-autoscaling:PutScalingPolicy", TARGET_ARN)}),
        ("alarm", {("cloudwatch:PutMetricAlarm", f"{ALARM_ARN}:errors")}),
        ("group", {("sagemaker:CreateModelPackageGroup", f"{SAGEMAKER}:model-package-group/group")}),
        ("package", {("sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package/package")}),
        ("version", {("sagemaker:CreateModelPackage", f"{SAGEMAKER}:model-package/group/*")}),
    ],
)
@pytest.mark.parametrize("scope", ["create", "update"])
def test_what_is_made_besides_needs_its_calls(family: str, calls: set[tuple[str, str]], scope: str) -> None:
    assert besides(deployment(**FAMILIES[family]), scope) == calls


@pytest.mark.parametrize(
    ("family", "tool", "actions"),
    [
        ("component", Tool.CLOUDFORMATION, {"sagemaker:DescribeInferenceComponent", "sagemaker:ListTags"}),
        ("component", Tool.SDK, set()),
        (
            "variant target",
            Tool.TERRAFORM,
            {"application-autoscaling:DescribeScalableTargets", "application-autoscaling:ListTagsForResource"},
        ),
        ("variant target", Tool.SDK, set()),
        ("step policy", Tool.TERRAFORM, {"application-autoscaling:DescribeScalingPolicies"}),
        ("alarm", Tool.TERRAFORM, {"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"}),
        ("group", Tool.TERRAFORM, {"sagemaker:DescribeModelPackageGroup", "sagemaker:ListTags"}),
    ],
)
def test_scope_deploy_has_what_the_tool_reads_back(family: str, tool: Tool, actions: set[str]) -> None:
    made = deployment(tool, **FAMILIES[family])
    created = {action for action, _ in besides(made)}

    # two of the reads are needed for another resource of the deployment as well
    assert {action for action, _ in besides(made, "deploy")} - created == actions


@pytest.mark.parametrize(
    ("family", "actions"),
    [
        (
            "component",
            {
                "sagemaker:UpdateInferenceComponent",
                "sagemaker:UpdateInferenceComponentRuntimeConfig",
                "sagemaker:DeleteInferenceComponent",
                "sagemaker:InvokeEndpoint",
                "sagemaker:InvokeEndpointWithResponseStream",
            },
        ),
        (
            "variant target",
            {
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:DescribeScalableTargets",
            },
        ),
        ("step policy", {"application-autoscaling:DeleteScalingPolicy"}),
        ("alarm", {"cloudwatch:DeleteAlarms"}),
        ("group", {"sagemaker:DeleteModelPackageGroup"}),
        ("package", {"sagemaker:DeleteModelPackage"}),
    ],
)
def test_scope_lifecycle_has_the_updates_and_deletes_of_each(family: str, actions: set[str]) -> None:
    made = deployment(**FAMILIES[family])
    created = {action for action, _ in besides(made)}

    assert {action for action, _ in besides(made, "lifecycle")} - created == actions


def test_tags_and_roles_of_what_is_made_are_asked_about_with_the_call_that_brings_them() -> None:
    made = deployment(
        create_inference_components=[{**COMPONENT, "Tags": TAGS}],
        register_scalable_targets=[{**VARIANT_TARGET, "RoleARN": ROLE, "Tags": {"team": "ml"}}],
        put_metric_alarms=[{"AlarmName": "errors", "Tags": TAGS}],
        create_model_packages=[
            {
                "ModelPackageGroupName": "group",
                "Tags": TAGS,
                "ValidationSpecification": {"ValidationRole": ROLE, "ValidationProfiles": []},
            }
        ],
    )
    asked = {(need.request.action, need.request.resource): need.request for need in required(made)}
    passed = [need.request for need in required(made) if need.request.action == "iam:PassRole"]

    component = asked["sagemaker:AddTags", f"{SAGEMAKER}:inference-component/ic"]
    assert state(component, "sagemaker:TaggingAction") == "CreateInferenceComponent"
    assert ("sagemaker:AddTags", f"{SAGEMAKER}:model-package/group/*") in asked
    assert ("cloudwatch:TagResource", f"{ALARM_ARN}:errors") in asked
    assert ("application-autoscaling:TagResource", TARGET_ARN) in asked
    register = asked["application-autoscaling:RegisterScalableTarget", TARGET_ARN]
    assert state(register, "aws:RequestTag/team") == "ml"
    assert state(register, "aws:TagKeys") == ["team"]
    assert {(one.resource, state(one, "iam:PassedToService")) for one in passed} == {
        (ROLE, "application-autoscaling.amazonaws.com"),
        (ROLE, "sagemaker.amazonaws.com"),
    }


@pytest.mark.parametrize(
    ("resources", "action", "key", "expected"),
    [
        ("component", "sagemaker:CreateInferenceComponent", "sagemaker:ModelArn", f"{SAGEMAKER}:model/m"),
        ("variant target", "application-autoscaling:RegisterScalableTarget", "aws:TagKeys", ABSENT),
        (
            "variant target",
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:service-namespace",
            "sagemaker",
        ),
        (
            "policy",
            "application-autoscaling:PutScalingPolicy",
            "application-autoscaling:scalable-dimension",
            "sagemaker:variant:DesiredInstanceCount",
        ),
        (
            "variant target",
            "iam:CreateServiceLinkedRole",
            "iam:AWSServiceName",
            "sagemaker.application-autoscaling.amazonaws.com",
        ),
        ("variant target", "iam:CreateServiceLinkedRole", "aws:RequestedRegion", UNKNOWN),
        ("variant target", "sagemaker:UpdateEndpointWeightsAndCapacities", "aws:ViaAWSService", UNKNOWN),
        ("alarm", "cloudwatch:PutMetricAlarm", "cloudwatch:AlarmActions", ABSENT),
        ("package", "sagemaker:CreateModelPackage", "sagemaker:ModelApprovalStatus", ABSENT),
        ("package", "sagemaker:CreateModelPackage", "sagemaker:CustomerMetadataProperties/team", ABSENT),
    ],
)
def test_the_context_is_what_the_request_says(resources: str, action: str, key: str, expected: object) -> None:
    (request, *_) = [
        need.request for need in required(deployment(**FAMILIES[resources])) if need.request.action == action
    ]

    assert state(request, key) == expected


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ({"Specification": {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}}, ABSENT),
        ({"Specification": {"ModelName": "Capital"}}, UNKNOWN),
        ({"Specifications": [{"ModelName": "m"}, {"ModelName": "m"}]}, f"{SAGEMAKER}:model/m"),
        ({"Specifications": [{"ModelName": "m"}, {"ModelName": "n"}]}, UNKNOWN),
    ],
)
def test_the_model_of_an_inference_component_is_known_where_all_its_specifications_agree(
    component: dict[str, Any], expected: object
) -> None:
    made = deployment(
        create_inference_components=[{"InferenceComponentName": "ic", "EndpointName": "churn", **component}]
    )
    (request, _) = [
        need.request for need in required(made) if need.request.action == "sagemaker:CreateInferenceComponent"
    ]

    assert state(request, "sagemaker:ModelArn") == expected


@pytest.mark.parametrize(
    ("is_there", "settled_by"), [(None, "--service-linked-role present"), (False, ""), (True, None)]
)
def test_the_service_linked_role_is_needed_where_it_is_not_known_to_be_there(
    is_there: bool | None, settled_by: str | None
) -> None:
    made = replace(deployment(**FAMILIES["variant target"]), service_linked_role=is_there)
    found = [need.settled_by for need in required(made) if need.request.action == "iam:CreateServiceLinkedRole"]

    assert found == ([] if settled_by is None else [settled_by])


def test_a_scalable_target_that_aws_knows_of_is_deregistered_before_its_endpoint_is_deleted() -> None:
    there = ScalableTargetRequest("endpoint/churn/variant/a", "sagemaker:variant:DesiredInstanceCount")
    made = replace(deployment(), registered_targets=(there,))

    assert besides(made) == set()
    assert besides(made, "lifecycle") == {
        ("application-autoscaling:DeregisterScalableTarget", TARGET_ARN),
        ("application-autoscaling:DescribeScalableTargets", "*"),
    }


def test_the_endpoint_config_of_an_endpoint_that_is_not_the_deployments_may_be_any() -> None:
    other = {**VARIANT_TARGET, "ResourceId": "endpoint/other/variant/a"}

    assert ("sagemaker:DescribeEndpointConfig", f"{SAGEMAKER}:endpoint-config/*") in besides(
        deployment(register_scalable_targets=[other])
    )


@pytest.mark.parametrize(
    ("resources", "what"),
    [
        ({"create_inference_components": [{"EndpointName": "churn"}]}, "the name of the inference component"),
        (
            {"create_inference_components": [{**COMPONENT, "InferenceComponentName": "a*"}]},
            "the name of the inference component",
        ),
        ({"create_inference_components": [{**COMPONENT, "EndpointName": "a/*"}]}, "the endpoint of"),
        ({"register_scalable_targets": [{**VARIANT_TARGET, "ResourceId": "endpoint/*/variant/a"}]}, "ResourceId"),
        ({"register_scalable_targets": [{**VARIANT_TARGET, "ResourceId": "table/x"}]}, "ResourceId"),
        ({"register_scalable_targets": [{**VARIANT_TARGET, "ScalableDimension": "ecs"}]}, "the dimension of"),
        ({"register_scalable_targets": [{**VARIANT_TARGET, "RoleARN": "role"}]}, "the role of"),
        ({"put_metric_alarms": [{"AlarmName": "all*"}]}, "the name of the alarm"),
        ({"put_metric_alarms": [{"AlarmName": "${aws:username}"}]}, "the name of the alarm"),
        ({"create_model_package_groups": [{"ModelPackageGroupName": "*"}]}, "the name of the model package group"),
        ({"create_model_packages": [{}]}, "the name of the model package"),
    ],
)
def test_what_would_widen_the_policy_or_name_nothing_is_not_taken(resources: dict[str, Any], what: str) -> None:
    made = Deployment.from_requests(ENDPOINT, CONFIG, **resources, **HERE)

    (unsettled,) = made.unsettled
    assert what in unsettled.what


def test_an_inference_component_on_an_endpoint_that_is_known_later_is_asked_about_by_itself_alone() -> None:
    made = deployment(**FAMILIES["component"])
    (component,) = made.resource_requests
    assert isinstance(component, InferenceComponentRequest)
    later = replace(made, resource_requests=(replace(component, endpoint_name=LATER),))
    asked = [need.request for need in required(later) if need.request.action == "sagemaker:CreateInferenceComponent"]

    assert [request.resource for request in asked] == [f"{SAGEMAKER}:inference-component/ic"]


def test_what_is_known_later_stays_open() -> None:
    made = deployment(**FAMILIES["alarm"], **FAMILIES["package"])
    alarm, package = made.resource_requests
    assert isinstance(alarm, AlarmRequest)
    assert isinstance(package, ModelPackageRequest)
    later = replace(alarm, actions=LATER), replace(package, approval_status=LATER)
    asked = {need.request.action: need.request for need in required(replace(made, resource_requests=later))}

    assert state(asked["cloudwatch:PutMetricAlarm"], "cloudwatch:AlarmActions") == UNKNOWN
    assert state(asked["sagemaker:CreateModelPackage"], "sagemaker:ModelApprovalStatus") == UNKNOWN
