"""Which inference components, scaling, alarms and model packages a template makes, and with which endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from iamcheck.deployment.parts import only_part
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.resources import (
    AlarmRequest,
    InferenceComponentRequest,
    ModelPackageGroupRequest,
    ModelPackageRequest,
    ScalableTargetRequest,
    ScalingPolicyRequest,
)
from iamcheck.deployment.sources import read_sources

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment import UnplacedDeployment
    from iamcheck.deployment.located import WrittenDeployment

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
COPIES = "sagemaker:inference-component:DesiredCopyCount"


class Template(Protocol):
    """The fixture `template`."""

    def __call__(
        self, resources: dict[str, Any], parameters: dict[str, str] | None = None
    ) -> tuple[WrittenDeployment, ...]: ...


def of_type(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def attribute(logical: str, name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical, name]}


CONFIG = of_type(
    "AWS::SageMaker::EndpointConfig",
    EndpointConfigName="churn-v7",
    ProductionVariants=[{"VariantName": "a", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}],
)
ENDPOINT = of_type("AWS::SageMaker::Endpoint", EndpointName="churn", EndpointConfigName="churn-v7")
OTHER = of_type("AWS::SageMaker::Endpoint", EndpointName="other", EndpointConfigName="churn-v7")
OPEN_ENDPOINT = of_type("AWS::SageMaker::Endpoint", EndpointConfigName="churn-v7")
COMPONENT = of_type(
    "AWS::SageMaker::InferenceComponent",
    InferenceComponentName="ic",
    EndpointName=attribute("Endpoint", "EndpointName"),
    VariantName="a",
    RuntimeConfig={"CopyCount": 1},
    Specification={"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
)
TARGET = of_type(
    "AWS::ApplicationAutoScaling::ScalableTarget",
    MinCapacity=1,
    MaxCapacity=4,
    ResourceId={"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/a"},
    ScalableDimension=INSTANCES,
    ServiceNamespace="sagemaker",
)
POLICY = of_type(
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    PolicyName="p",
    PolicyType="TargetTrackingScaling",
    ScalingTargetId={"Ref": "Target"},
    TargetTrackingScalingPolicyConfiguration={"TargetValue": 70},
)
ALARM = of_type("AWS::CloudWatch::Alarm", AlarmName="errors", Namespace="AWS/SageMaker", Threshold=1)
GROUP = of_type("AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName="Group")
PACKAGE = of_type(
    "AWS::SageMaker::ModelPackage", ModelPackageGroupName={"Ref": "Group"}, ModelApprovalStatus="Approved"
)
ROLLBACK = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]}}


def changed(resource: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


@pytest.fixture
def template(tmp_path: Path) -> Template:
    def read(resources: dict[str, Any], parameters: dict[str, str] | None = None) -> tuple[WrittenDeployment, ...]:
        file = tmp_path / "t.json"
        conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
        whole = {"Parameters": {"Stage": {"Type": "String"}}, "Conditions": conditions, "Resources": resources}
        file.write_text(json.dumps(whole))
        return read_sources(
            str(file), parameters=parameters, stack_tags={}, region="eu-west-1", account_id="123456789012"
        )

    return read


def made(draft: UnplacedDeployment) -> list[tuple[str, object]]:
    return [(one.kind, one.name) for one in draft.resource_requests]


def test_a_template_makes_each_of_them_with_what_permissions_depend_on(template: Template) -> None:
    (written,) = template(
        {
            "Config": CONFIG,
            "Endpoint": changed(ENDPOINT, DeploymentConfig=ROLLBACK),
            "Component": COMPONENT,
            "Target": TARGET,
            "Policy": POLICY,
            "Alarm": ALARM,
            "Group": GROUP,
            "Package": PACKAGE,
        }
    )
    draft = draft_of(written)

    assert not draft.unsettled
    assert not written.not_covered
    component, target, policy, alarm, group, package = draft.resource_requests
    assert isinstance(component, InferenceComponentRequest)
    assert (component.name, component.endpoint_name, component.model_name) == ("ic", "churn", "m")
    assert isinstance(target, ScalableTargetRequest)
    assert (target.name, target.dimension, target.role_arn) == ("endpoint/churn/variant/a", INSTANCES, None)
    assert isinstance(policy, ScalingPolicyRequest)
    assert (policy.name, policy.dimension, policy.tracks_target) == ("endpoint/churn/variant/a", INSTANCES, True)
    assert isinstance(alarm, AlarmRequest)
    assert (alarm.name, alarm.actions) == ("errors", ())
    assert isinstance(group, ModelPackageGroupRequest)
    assert group.name == "Group"
    assert isinstance(package, ModelPackageRequest)
    assert (package.name, package.approval_status) == ("Group/*", "Approved")


@pytest.mark.parametrize(
    "resource_id",
    [
        "endpoint/churn/variant/a",
        {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/a"},
        {"Fn::Join": ["/", ["endpoint", attribute("Endpoint", "EndpointName"), "variant", "a"]]},
        {"Fn::Sub": ["endpoint/${name}/variant/a", {"name": attribute("Endpoint", "EndpointName")}]},
    ],
    ids=["text", "sub", "join", "sub with variables"],
)
def test_a_scalable_target_belongs_to_the_endpoint_that_it_names(template: Template, resource_id: object) -> None:
    target = changed(TARGET, ResourceId=resource_id)
    drafts = map(draft_of, template({"Config": CONFIG, "Endpoint": ENDPOINT, "Other": OTHER, "Target": target}))

    assert {one.endpoint_name: made(one) for one in drafts} == {
        "churn": [("scalable target", "endpoint/churn/variant/a")],
        "other": [],
    }


def test_what_scales_an_inference_component_belongs_to_the_endpoint_of_the_component(template: Template) -> None:
    target = of_type(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        ResourceId={"Fn::Sub": "inference-component/${Component.InferenceComponentName}"},
        ScalableDimension=COPIES,
        ServiceNamespace="sagemaker",
    )
    resources = {"Config": CONFIG, "Endpoint": ENDPOINT, "Other": OTHER, "Component": COMPONENT, "Target": target}

    assert {one.endpoint_name: made(one) for one in map(draft_of, template(resources))} == {
        "churn": [("inference component", "ic"), ("scalable target", "inference-component/ic")],
        "other": [],
    }


def test_what_names_no_endpoint_of_the_template_is_made_with_each(template: Template) -> None:
    target = changed(TARGET, ResourceId="endpoint/third/variant/a")
    resources = {"Config": CONFIG, "Endpoint": ENDPOINT, "Other": OTHER, "Target": target, "Group": GROUP}

    for draft in map(draft_of, template(resources)):
        assert made(draft) == [("scalable target", "endpoint/third/variant/a"), ("model package group", "Group")]


@pytest.mark.parametrize("given", ["churn", "churn-*"])
def test_the_name_of_an_endpoint_that_is_given_besides_is_that_of_what_refers_to_it(
    template: Template, given: str
) -> None:
    resources = {"Config": CONFIG, "Endpoint": OPEN_ENDPOINT, "Component": COMPONENT, "Target": TARGET}
    (written,) = template({**resources, "Policy": POLICY})
    draft = (
        draft_of(written, name_patterns={"EndpointName": given})
        if given.endswith("*")
        else draft_of(written, endpoint_name=given)
    )

    assert not draft.unsettled
    component, target, policy = draft.resource_requests
    assert isinstance(component, InferenceComponentRequest)
    assert component.endpoint_name == given
    assert target.name == policy.name == f"endpoint/{given}/variant/a"


def test_an_open_name_of_the_endpoint_leaves_what_refers_to_it_open(template: Template) -> None:
    resources = {"Config": CONFIG, "Endpoint": OPEN_ENDPOINT, "Component": COMPONENT, "Target": TARGET}
    (written,) = template(resources)
    whats = ", ".join(one.what for one in draft_of(written).unsettled)

    assert "the name of the endpoint" in whats
    assert "the endpoint of the inference component ic" in whats
    assert "ResourceId" in whats


def test_a_made_up_name_of_a_component_is_a_pattern_where_the_user_gives_one(template: Template) -> None:
    nameless = {
        **COMPONENT,
        "Properties": {key: one for key, one in COMPONENT["Properties"].items() if key != "InferenceComponentName"},
    }
    (written,) = template({"Config": CONFIG, "Endpoint": ENDPOINT, "Component": nameless})

    (unsettled,) = draft_of(written).unsettled
    assert unsettled.what == "the name of the inference component"
    assert "--set Component.InferenceComponentName" in unsettled.cure
    settled = draft_of(written, name_patterns={"InferenceComponentName": "stack-*"})
    assert made(settled) == [("inference component", "stack-*")]


def test_what_is_only_perhaps_made_is_unsettled(template: Template) -> None:
    resources = {"Config": CONFIG, "Endpoint": ENDPOINT, "Group": {**GROUP, "Condition": "IsProd"}}
    (written,) = template(resources)
    (unsettled,) = draft_of(written).unsettled

    assert "whether Resources.Group is made" in unsettled.what
    assert [made(draft_of(one)) for one in template(resources, {"Stage": "prod"})] == [
        [("model package group", "Group")]
    ]
    assert [made(draft_of(one)) for one in template(resources, {"Stage": "test"})] == [[]]


@pytest.mark.parametrize(
    ("resource", "what"),
    [
        (ALARM, "AWS::CloudWatch::Alarm"),
        (
            changed(TARGET, ResourceId="table/t", ServiceNamespace="dynamodb"),
            "AWS::ApplicationAutoScaling::ScalableTarget",
        ),
        (
            changed(TARGET, ScheduledActions=[{"ScheduledActionName": "s"}]),
            "AWS::ApplicationAutoScaling::ScalableTarget ScheduledActions",
        ),
        (
            changed(GROUP, ModelPackageGroupPolicy={"Statement": []}),
            "AWS::SageMaker::ModelPackageGroup ModelPackageGroupPolicy",
        ),
    ],
    ids=["an alarm of nobody", "another service", "scheduled actions", "a policy of a group"],
)
def test_what_no_row_covers_is_named(template: Template, resource: dict[str, Any], what: str) -> None:
    (written,) = template({"Config": CONFIG, "Endpoint": ENDPOINT, "It": resource})

    assert [one.what for one in written.not_covered] == [what]


def test_only_the_endpoint_leaves_the_rest_out_and_names_it(template: Template) -> None:
    (written,) = template({"Config": CONFIG, "Endpoint": ENDPOINT, "Component": COMPONENT, "Target": TARGET})
    left = only_part(written)

    assert not left.resources
    assert [one.what for one in left.not_covered] == [
        "sagemaker:CreateInferenceComponent",
        "application-autoscaling:RegisterScalableTarget",
    ]


def test_only_the_endpoint_does_not_depend_on_whether_something_else_is_made(template: Template) -> None:
    resources = {"Config": CONFIG, "Endpoint": ENDPOINT, "Group": {**GROUP, "Condition": "IsProd"}}
    (written,) = template(resources)

    assert draft_of(written).unsettled
    assert not draft_of(only_part(written)).unsettled


def test_what_scales_a_component_whose_name_is_open_scales_the_name_that_is_given(template: Template) -> None:
    nameless = {
        **COMPONENT,
        "Properties": {key: one for key, one in COMPONENT["Properties"].items() if key != "InferenceComponentName"},
    }
    target = of_type(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        ResourceId={"Fn::Sub": "inference-component/${Component.InferenceComponentName}"},
        ScalableDimension=COPIES,
        ServiceNamespace="sagemaker",
    )
    (written,) = template({"Config": CONFIG, "Endpoint": ENDPOINT, "Component": nameless, "Target": target})

    draft = draft_of(written, name_patterns={"InferenceComponentName": "stack-*"})
    assert not draft.unsettled
    assert made(draft) == [("inference component", "stack-*"), ("scalable target", "inference-component/stack-*")]


@pytest.mark.parametrize("name", ["prod-churn", "prod-*"])
def test_a_name_that_is_known_in_part_is_known_where_it_is_referred_to(template: Template, name: str) -> None:
    endpoint = of_type(
        "AWS::SageMaker::Endpoint",
        EndpointName={"Fn::Sub": "${Stage}-churn"},
        EndpointConfigName="churn-v7",
    )
    (written,) = template({"Config": CONFIG, "Endpoint": endpoint, "Component": COMPONENT, "Target": TARGET})
    draft = (
        draft_of(written, name_patterns={"EndpointName": name})
        if name.endswith("*")
        else draft_of(written, endpoint_name=name)
    )

    assert not draft.unsettled
    assert made(draft)[1] == ("scalable target", f"endpoint/{name}/variant/a")
