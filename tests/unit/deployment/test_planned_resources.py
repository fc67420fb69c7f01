"""Which scaling, alarms and model package groups a Terraform plan makes and deletes, and with which endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from iamcheck.checks.policy import minimal, sufficient
from iamcheck.deployment import Deployment
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.resources import AlarmRequest, ScalableTargetRequest, ScalingPolicyRequest
from iamcheck.deployment.sources import read_sources
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.engine import Semantics
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment.located import WrittenDeployment

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVIDER = "registry.terraform.io/hashicorp/aws"
CHANGES = {"create": ["create"], "update": ["update"], "delete": ["delete"], "replace": ["delete", "create"]}


class Plan(Protocol):
    """The fixture `plan`."""

    def __call__(self, *resources: dict[str, Any]) -> tuple[WrittenDeployment, ...]: ...


def planned(
    kind: str,
    label: str,
    after: dict[str, Any],
    action: str = "create",
    unknown: dict[str, Any] | None = None,
    expressions: dict[str, Any] | None = None,
) -> dict[str, Any]:
    change = {
        "actions": CHANGES[action],
        "before": None if action == "create" else after,
        "after": None if action == "delete" else after,
        "after_unknown": unknown or {},
        "after_sensitive": {},
    }
    row = {"address": f"{kind}.{label}", "mode": "managed", "type": kind, "name": label}
    return {**row, "change": change, "expressions": expressions or {}}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    def read(*resources: dict[str, Any]) -> tuple[WrittenDeployment, ...]:
        row = ("address", "mode", "type", "name")
        provider = {"name": "aws", "full_name": PROVIDER, "expressions": {"region": {"constant_value": "eu-west-1"}}}
        whole = {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "resource_changes": [
                {**{key: one[key] for key in (*row, "change")}, "provider_name": PROVIDER} for one in resources
            ],
            "configuration": {
                "provider_config": {"aws": provider},
                "root_module": {
                    "resources": [
                        {**{key: one[key] for key in (*row, "expressions")}, "provider_config_key": "aws"}
                        for one in resources
                    ]
                },
            },
        }
        file = tmp_path / "plan.json"
        file.write_text(json.dumps(whole))
        return read_sources(str(file))

    return read


VARIANT = {"variant_name": "a", "instance_type": "ml.m5.large", "initial_instance_count": 1, "model_name": "m"}
CONFIG = planned(
    "aws_sagemaker_endpoint_configuration", "c", {"name": "churn-v7", "production_variants": [VARIANT], "tags_all": {}}
)
AFTER_ENDPOINT: dict[str, Any] = {"name": "churn", "endpoint_config_name": "churn-v7", "tags_all": {}}
ENDPOINT = planned("aws_sagemaker_endpoint", "e", AFTER_ENDPOINT)
TARGET = {
    "resource_id": "endpoint/churn/variant/a",
    "scalable_dimension": INSTANCES,
    "service_namespace": "sagemaker",
    "min_capacity": 1,
    "max_capacity": 4,
    "tags_all": {"team": "ml"},
}
POLICY = {
    "name": "p",
    "policy_type": "TargetTrackingScaling",
    "resource_id": "endpoint/churn/variant/a",
    "scalable_dimension": INSTANCES,
    "service_namespace": "sagemaker",
    "target_tracking_scaling_policy_configuration": [{"target_value": 70}],
}


def without_id(after: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in after.items() if key != "resource_id"}


def test_a_plan_makes_each_of_them_with_what_permissions_depend_on(plan: Plan) -> None:
    rollback = {"auto_rollback_configuration": [{"alarms": [{"alarm_name": "errors"}]}]}
    alarm = {"alarm_name": "errors", "alarm_actions": ["arn:aws:sns:eu-west-1:123456789012:t"], "tags_all": {}}
    (written,) = plan(
        CONFIG,
        planned("aws_sagemaker_endpoint", "e", {**AFTER_ENDPOINT, "deployment_config": [rollback]}),
        planned("aws_appautoscaling_target", "t", TARGET, unknown={"role_arn": True, "arn": True}),
        planned("aws_appautoscaling_policy", "p", POLICY),
        planned("aws_cloudwatch_metric_alarm", "a", alarm),
        planned("aws_cloudwatch_metric_alarm", "other", {**alarm, "alarm_name": "other"}),
        planned("aws_sagemaker_model_package_group", "g", {"model_package_group_name": "group", "tags_all": {}}),
    )
    draft = draft_of(written)

    assert not draft.unsettled
    assert [one.what for one in written.not_covered] == ["Terraform's state", "aws_cloudwatch_metric_alarm"]
    target, policy, made_alarm, group = draft.resource_requests
    assert isinstance(target, ScalableTargetRequest)
    assert (target.name, target.dimension, target.role_arn) == ("endpoint/churn/variant/a", INSTANCES, None)
    assert target.tags is not UNKNOWN
    assert [(tag.key, tag.value) for tag in target.tags.known] == [("team", "ml")]
    assert isinstance(policy, ScalingPolicyRequest)
    assert policy.tracks_target is True
    assert isinstance(made_alarm, AlarmRequest)
    assert made_alarm.actions == ("arn:aws:sns:eu-west-1:123456789012:t",)
    assert group.name == "group"


def test_an_alarm_whose_name_the_rollback_leaves_open_is_taken_to_be_of_the_endpoint(plan: Plan) -> None:
    rollback: dict[str, Any] = {"auto_rollback_configuration": [{"alarms": [{}]}]}
    unknown = {"deployment_config": [{"auto_rollback_configuration": [{"alarms": [{"alarm_name": True}]}]}]}
    (written,) = plan(
        CONFIG,
        planned("aws_sagemaker_endpoint", "e", {**AFTER_ENDPOINT, "deployment_config": [rollback]}, unknown=unknown),
        planned("aws_cloudwatch_metric_alarm", "a", {"alarm_name": "errors", "tags_all": {}}),
    )

    assert [one.operation for one in written.resources] == ["PutMetricAlarm"]


@pytest.mark.parametrize(
    ("endpoint", "unknown", "expected"),
    [
        ({"name_prefix": "churn-"}, {"name": True}, "endpoint/churn-*/variant/*"),
        ({}, {"name": True, "name_prefix": True}, "endpoint/terraform-*/variant/*"),
    ],
    ids=["prefix", "made up"],
)
def test_a_resource_id_that_is_made_of_the_name_of_an_endpoint_is_a_pattern_of_it(
    plan: Plan, endpoint: dict[str, Any], unknown: dict[str, Any], expected: str
) -> None:
    after = {"endpoint_config_name": "churn-v7", "tags_all": {}, **endpoint}
    prefix = {"name_prefix": {"constant_value": "churn-"}} if endpoint else {}
    of_endpoint = {"references": ["aws_sagemaker_endpoint.e.name", "aws_sagemaker_endpoint.e"]}
    of_target = {"references": ["aws_appautoscaling_target.t.resource_id", "aws_appautoscaling_target.t"]}
    is_open = {"resource_id": True}
    (written,) = plan(
        CONFIG,
        planned("aws_sagemaker_endpoint", "e", after, unknown=unknown, expressions=prefix),
        planned("aws_appautoscaling_target", "t", without_id(TARGET), "create", is_open, {"resource_id": of_endpoint}),
        planned("aws_appautoscaling_policy", "p", without_id(POLICY), "create", is_open, {"resource_id": of_target}),
    )
    draft = draft_of(written)

    assert not draft.unsettled
    assert [one.name for one in draft.resource_requests] == [expected, expected]


def test_a_resource_id_that_may_be_anything_is_unsettled_and_can_be_set(plan: Plan) -> None:
    of_random = {"resource_id": {"references": ["random_id.r.hex", "random_id.r"]}}
    later = planned("aws_appautoscaling_target", "t", without_id(TARGET), "create", {"resource_id": True}, of_random)
    (written,) = plan(CONFIG, ENDPOINT, later)
    (unsettled,) = draft_of(written).unsettled

    assert "ResourceId" in unsettled.what
    assert "--set aws_appautoscaling_target.t.resource_id=VALUE" in unsettled.cure


@pytest.mark.parametrize(
    ("action", "operations", "deletes"),
    [
        ("create", ["RegisterScalableTarget", "PutScalingPolicy"], []),
        ("update", ["RegisterScalableTarget", "PutScalingPolicy"], []),
        ("delete", [], ["DeregisterScalableTarget", "DeleteScalingPolicy"]),
        (
            "replace",
            ["RegisterScalableTarget", "PutScalingPolicy"],
            ["DeregisterScalableTarget", "DeleteScalingPolicy"],
        ),
    ],
)
def test_what_a_plan_does_with_scaling_is_the_calls_for_it(
    plan: Plan, action: str, operations: list[str], deletes: list[str]
) -> None:
    (written,) = plan(
        CONFIG,
        ENDPOINT,
        planned("aws_appautoscaling_target", "t", TARGET, action),
        planned("aws_appautoscaling_policy", "p", POLICY, action),
    )

    assert [one.operation for one in written.resources] == operations
    assert [(one.operation, one.name, one.dimension) for one in written.deletes] == [
        (delete, "endpoint/churn/variant/a", INSTANCES) for delete in deletes
    ]
    assert [one.what for one in written.not_covered] == ["Terraform's state"]


def test_a_model_of_another_region_is_not_made_with_the_endpoint(plan: Plan) -> None:
    made = {"execution_role_arn": "arn:aws:iam::123456789012:role/exec", "tags_all": {}}
    here = planned("aws_sagemaker_model", "here", {**made, "name": "spare"})
    there = planned(
        "aws_sagemaker_model",
        "there",
        {**made, "name": "far", "region": "us-east-1"},
        expressions={"region": {"constant_value": "us-east-1"}},
    )
    (found,) = plan(CONFIG, ENDPOINT, here, there)
    names = [model.root.get("ModelName") for model in found.created_models]
    assert [name.value for name in names if name is not None] == ["spare"]


def test_an_update_sends_no_tags(plan: Plan) -> None:
    (written,) = plan(CONFIG, ENDPOINT, planned("aws_appautoscaling_target", "t", TARGET, "update"))
    (target,) = draft_of(written).resource_requests

    assert target.tags is not UNKNOWN
    assert target.tags.known == ()


def test_scaling_of_another_service_is_named_as_not_covered(plan: Plan) -> None:
    table = {**TARGET, "service_namespace": "dynamodb", "resource_id": "table/t"}
    (written,) = plan(CONFIG, ENDPOINT, planned("aws_appautoscaling_target", "t", table))

    assert not written.resources
    assert "aws_appautoscaling_target" in [one.what for one in written.not_covered]


def test_an_endpoint_that_is_replaced_is_deregistered_before(plan: Plan) -> None:
    (written,) = plan(
        CONFIG,
        planned("aws_sagemaker_endpoint", "e", AFTER_ENDPOINT, "replace"),
        planned("aws_appautoscaling_target", "t", TARGET, "update"),
    )
    made = draft_of(written).at("eu-west-1", "123456789012")
    assert isinstance(made, Deployment)
    needed = required(made)
    actions = [need.request.action for need in needed]

    assert actions.count("application-autoscaling:DeregisterScalableTarget") == 1
    assert ("application-autoscaling:DescribeScalableTargets", "*") in {
        (need.request.action, need.request.resource) for need in needed
    }
    policy = render_policy(made).policy
    assert sufficient(policy, needed, LocalSimulator(Semantics.ALONE)).status is Status.PASS
    assert minimal(policy, needed, LocalSimulator(Semantics.ALONE)).status is Status.PASS


@pytest.mark.parametrize("action", ["delete", "replace"])
def test_the_policy_for_scaling_that_a_plan_takes_away_is_proved(plan: Plan, action: str) -> None:
    (written,) = plan(
        CONFIG,
        ENDPOINT,
        planned("aws_appautoscaling_target", "t", TARGET, action),
        planned("aws_appautoscaling_policy", "p", POLICY, action),
        planned(
            "aws_sagemaker_model_package_group", "g", {"model_package_group_name": "group", "tags_all": {}}, action
        ),
    )
    made = draft_of(written).at("eu-west-1", "123456789012")
    assert isinstance(made, Deployment)
    needed, policy = required(made), render_policy(made).policy

    assert sufficient(policy, needed, LocalSimulator(Semantics.ALONE)).status is Status.PASS
    assert minimal(policy, needed, LocalSimulator(Semantics.ALONE)).status is Status.PASS
