"""Makes files that deploy an endpoint with all that may come with it: templates and plans, from a number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment import Deployment, PartialDeployment

__all__ = ["KEY", "WholeFile", "whole_file"]

REGION, ACCOUNT = "eu-west-1", "123456789012"
KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/"
_IMAGE: Final = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn:1"
_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
_COPIES: Final = "sagemaker:inference-component:DesiredCopyCount"
_PROVIDER: Final = "registry.terraform.io/hashicorp/aws"


@dataclass(frozen=True)
class WholeFile:
    """What a file has.

    Args:
        number: Where its features come from.
        is_plan: Whether it is a Terraform plan, and not a CloudFormation template.
        has_open_names: Whether the names are known only when the deployment is made.
    """

    number: int
    is_plan: bool
    has_open_names: bool
    features: frozenset[str]

    def has(self, feature: str) -> bool:
        return feature in self.features

    def deployment(self, folder: Path) -> Deployment | PartialDeployment:
        """The deployment that the file describes, read from it."""
        file = folder / ("plan.json" if self.is_plan else "template.json")
        file.write_text(json.dumps(_plan(self) if self.is_plan else {"Resources": _resources(self)}))
        tags: dict[str, Any] = {} if self.is_plan else {"stack_tags": {}, "region": REGION, "account_id": ACCOUNT}
        (written,) = read_sources(str(file), **tags)
        patterns: dict[Any, str] = (
            {
                "EndpointName": "churn-*",
                "EndpointConfigName": "config-*",
                "ModelName": "model-*",
                "InferenceComponentName": "component-*",
                "AlarmName": "alarm-*",
            }
            if self.has_open_names
            else {}
        )
        return draft_of(written, name_patterns=patterns).at(REGION, ACCOUNT)


_FEATURES: Final = (
    *("model", "model tags", "model vpc", "isolation", "config tags", "config role", "key", "endpoint tags"),
    *("target", "target tags", "target role", "policy", "step policy", "alarm", "alarm tags"),
    *("group", "group tags", "package", "package tags", "component", "component tags", "component target"),
)
_OF_TEMPLATES: Final = frozenset({"package", "package tags", "component", "component tags", "component target"})
"""What the provider of Terraform has no resource for."""


def whole_file(number: int) -> WholeFile:
    """The file of a number: every feature is in about half of them."""
    random = Random(number)
    is_plan = number % 2 == 1
    chosen = {feature for feature in _FEATURES if random.random() < 0.5}
    if is_plan:
        chosen -= _OF_TEMPLATES
    if "component" in chosen:
        # an endpoint for inference components names no model, and its config has the role
        chosen = chosen - {"model", "isolation"} | {"config role"}
    return WholeFile(number, is_plan, number % 4 >= 2, frozenset(chosen))


def _tags(file: WholeFile, feature: str) -> dict[str, Any]:
    return {"Tags": [{"Key": "team", "Value": "ml"}, {"Key": "stage", "Value": "prod"}]} if file.has(feature) else {}


def _named(file: WholeFile, member: str, name: str) -> dict[str, Any]:
    return {} if file.has_open_names else {member: name}


def _reference(logical: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical, attribute]}


def _resources(file: WholeFile) -> dict[str, Any]:
    """The resources of a template."""
    found: dict[str, tuple[str, dict[str, Any]]] = {
        "Config": ("SageMaker::EndpointConfig", _config(file)),
        "Endpoint": ("SageMaker::Endpoint", _endpoint(file)),
    }
    if file.has("model"):
        found["Model"] = "SageMaker::Model", _model(file)
    if file.has("component"):
        found["Component"] = (
            "SageMaker::InferenceComponent",
            {
                **_named(file, "InferenceComponentName", "churn-component"),
                "EndpointName": _reference("Endpoint", "EndpointName"),
                "VariantName": "a",
                "Specification": {"ModelName": "there"},
                **_tags(file, "component tags"),
            },
        )
    found |= _scaling(file)
    if file.has("alarm"):
        alarm = {**_named(file, "AlarmName", "churn-errors"), "Threshold": 1, **_ALARM, **_tags(file, "alarm tags")}
        found["Alarm"] = "CloudWatch::Alarm", alarm
    if file.has("group"):
        found["Group"] = (
            "SageMaker::ModelPackageGroup",
            {"ModelPackageGroupName": "churn-group", **_tags(file, "group tags")},
        )
    if file.has("package"):
        found["Package"] = (
            "SageMaker::ModelPackage",
            {"ModelPackageGroupName": "other-group", "ModelApprovalStatus": "Approved", **_tags(file, "package tags")},
        )
    return {logical: {"Type": f"AWS::{kind}", "Properties": one} for logical, (kind, one) in found.items()}


def _config(file: WholeFile) -> dict[str, Any]:
    model: dict[str, Any] = {} if file.has("component") else {"ModelName": "there"}
    if file.has("model"):
        model = {"ModelName": _reference("Model", "ModelName")}
    variant = {"VariantName": "a", **model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    return {
        **_named(file, "EndpointConfigName", "churn-config"),
        "ProductionVariants": [{**variant, **({} if file.has("component") else {"InitialVariantWeight": 1})}],
        **({"ExecutionRoleArn": f"{_ROLE}config"} if file.has("config role") else {}),
        **({"KmsKeyId": KEY} if file.has("key") else {}),
        **_tags(file, "config tags"),
    }


def _endpoint(file: WholeFile) -> dict[str, Any]:
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": {"Ref": "Alarm"}}]}}
    policy = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}}
    return {
        **_named(file, "EndpointName", "churn-endpoint"),
        "EndpointConfigName": _reference("Config", "EndpointConfigName"),
        **({"DeploymentConfig": {"BlueGreenUpdatePolicy": policy, **rollback}} if file.has("alarm") else {}),
        **_tags(file, "endpoint tags"),
    }


def _model(file: WholeFile) -> dict[str, Any]:
    return {
        **_named(file, "ModelName", "churn-model"),
        "ExecutionRoleArn": f"{_ROLE}model",
        "PrimaryContainer": {"Image": _IMAGE},
        **({"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}} if file.has("model vpc") else {}),
        **({"EnableNetworkIsolation": True} if file.has("isolation") else {}),
        **_tags(file, "model tags"),
    }


_CAPACITIES = {"MinCapacity": 1, "MaxCapacity": 2}
_METRIC = "SageMakerVariantInvocationsPerInstance"
_CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "TargetTrackingScaling": {
        "TargetValue": 70,
        "PredefinedMetricSpecification": {"PredefinedMetricType": _METRIC},
    },
    "StepScaling": {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    },
}
_PLANNED_CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "TargetTrackingScaling": {
        "target_tracking_scaling_policy_configuration": [
            {"target_value": 70, "predefined_metric_specification": [{"predefined_metric_type": _METRIC}]}
        ]
    },
    "StepScaling": {
        "step_scaling_policy_configuration": [
            {
                "adjustment_type": "ChangeInCapacity",
                "step_adjustment": [{"metric_interval_lower_bound": "0", "scaling_adjustment": 1}],
            }
        ]
    },
}
_ALARM = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "Invocation5XXErrors",
    "Namespace": "AWS/SageMaker",
    "Period": 60,
    "Statistic": "Sum",
}
_PLANNED_ALARM = {
    "comparison_operator": "GreaterThanThreshold",
    "evaluation_periods": 1,
    "metric_name": "Invocation5XXErrors",
    "namespace": "AWS/SageMaker",
    "period": 60,
    "statistic": "Sum",
    "threshold": 1,
}


def _scaling(file: WholeFile) -> dict[str, tuple[str, dict[str, Any]]]:
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    target = "ApplicationAutoScaling::ScalableTarget"
    if file.has("target"):
        found["Target"] = (
            target,
            {
                "ResourceId": {"Fn::Sub": "endpoint/${Endpoint.EndpointName}/variant/a"},
                "ScalableDimension": _INSTANCES,
                "ServiceNamespace": "sagemaker",
                **_CAPACITIES,
                **({"RoleARN": f"{_ROLE}scaling"} if file.has("target role") else {}),
            },
        )
    for feature, logical, kind in (
        ("policy", "Policy", "TargetTrackingScaling"),
        ("step policy", "StepPolicy", "StepScaling"),
    ):
        if file.has(feature) and file.has("target"):
            policy = {"PolicyName": feature, "PolicyType": kind, "ScalingTargetId": {"Ref": "Target"}}
            policy[f"{kind}PolicyConfiguration"] = _CONFIGURATIONS[kind]
            found[logical] = "ApplicationAutoScaling::ScalingPolicy", policy
    if file.has("component") and file.has("component target"):
        resource_id = {"Fn::Sub": "inference-component/${Component.InferenceComponentName}"}
        copies = {
            "ResourceId": resource_id,
            "ScalableDimension": _COPIES,
            "ServiceNamespace": "sagemaker",
            **_CAPACITIES,
        }
        found["ComponentTarget"] = target, copies
    return found


def _plan(file: WholeFile) -> dict[str, Any]:
    """The plan that makes the same."""
    resources = list(_planned(file))
    row = ("address", "mode", "type", "name")
    provider = {"name": "aws", "full_name": _PROVIDER, "expressions": {"region": {"constant_value": REGION}}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [
            {**{key: one[key] for key in (*row, "change")}, "provider_name": _PROVIDER} for one in resources
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


def _planned(file: WholeFile) -> list[dict[str, Any]]:
    model = {"model_name": "there"}
    found: list[dict[str, Any]] = []
    if file.has("model"):
        vpc = {"vpc_config": [{"subnets": ["subnet-1"], "security_group_ids": ["sg-1"]}]}
        after = {
            "execution_role_arn": f"{_ROLE}model",
            "primary_container": [{"image": _IMAGE}],
            **(vpc if file.has("model vpc") else {}),
            "enable_network_isolation": file.has("isolation"),
            **_tags_all(file, "model tags"),
        }
        found.append(_change(file, "aws_sagemaker_model", after, "churn-model"))
        model = {} if file.has_open_names else {"model_name": "churn-model"}
    found.append(_planned_config(file, model))
    found.append(_planned_endpoint(file))
    found += _planned_scaling(file)
    if file.has("alarm"):
        alarm = {"alarm_name": "churn-errors", "alarm_actions": [], **_PLANNED_ALARM, **_tags_all(file, "alarm tags")}
        found.append(_change(file, "aws_cloudwatch_metric_alarm", alarm))
    if file.has("group"):
        group = {"model_package_group_name": "churn-group", **_tags_all(file, "group tags")}
        found.append(_change(file, "aws_sagemaker_model_package_group", group))
    return found


def _planned_config(file: WholeFile, model: dict[str, Any]) -> dict[str, Any]:
    variant = {"variant_name": "a", **model, "instance_type": "ml.m5.large", "initial_instance_count": 1}
    after = {
        "production_variants": [variant],
        **({"execution_role_arn": f"{_ROLE}config"} if file.has("config role") else {}),
        **({"kms_key_arn": KEY} if file.has("key") else {}),
        **_tags_all(file, "config tags"),
    }
    config = _change(file, "aws_sagemaker_endpoint_configuration", after, "churn-config")
    if not model:
        config["change"]["after_unknown"]["production_variants"] = [{"model_name": True}]
        config["expressions"]["production_variants"] = [{"model_name": _name_of("aws_sagemaker_model")}]
    return config


def _planned_endpoint(file: WholeFile) -> dict[str, Any]:
    rollback = {"auto_rollback_configuration": [{"alarms": [{"alarm_name": "churn-errors"}]}]}
    policy = {"traffic_routing_configuration": [{"type": "ALL_AT_ONCE", "wait_interval_in_seconds": 60}]}
    config = {} if file.has_open_names else {"endpoint_config_name": "churn-config"}
    after = {
        **config,
        **({"deployment_config": [{"blue_green_update_policy": [policy], **rollback}]} if file.has("alarm") else {}),
        **_tags_all(file, "endpoint tags"),
    }
    endpoint = _change(file, "aws_sagemaker_endpoint", after, "churn-endpoint")
    if not config:
        endpoint["change"]["after_unknown"]["endpoint_config_name"] = True
        endpoint["expressions"]["endpoint_config_name"] = _name_of("aws_sagemaker_endpoint_configuration")
    return endpoint


def _planned_scaling(file: WholeFile) -> list[dict[str, Any]]:
    if not file.has("target"):
        return []
    scaled = {"scalable_dimension": _INSTANCES, "service_namespace": "sagemaker"}
    role = {"role_arn": f"{_ROLE}scaling"} if file.has("target role") else {}
    tagged = _tags_all(file, "target tags")
    found = [
        _change(file, "aws_appautoscaling_target", {**scaled, **role, "min_capacity": 1, "max_capacity": 2, **tagged})
    ]
    for feature, kind in (("policy", "TargetTrackingScaling"), ("step policy", "StepScaling")):
        if file.has(feature):
            after = {**scaled, "name": feature, "policy_type": kind, **_PLANNED_CONFIGURATIONS[kind]}
            policy = _change(file, "aws_appautoscaling_policy", after, "", kind)
            found.append(policy)
    for one in found:
        if file.has_open_names:
            one["change"]["after_unknown"]["resource_id"] = True
            one["expressions"]["resource_id"] = _name_of("aws_sagemaker_endpoint")
        else:
            one["change"]["after"]["resource_id"] = "endpoint/churn-endpoint/variant/a"
    return found


def _tags_all(file: WholeFile, feature: str) -> dict[str, Any]:
    return {"tags_all": {"team": "ml", "stage": "prod"} if file.has(feature) else {}}


def _name_of(kind: str) -> dict[str, Any]:
    return {"references": [f"{kind}.it.name", f"{kind}.it"]}


def _change(file: WholeFile, kind: str, after: dict[str, Any], name: str = "", label: str = "it") -> dict[str, Any]:
    """A resource that is created; one with a name has a prefix where the names are open."""
    unknown: dict[str, Any] = {"arn": True}
    expressions: dict[str, Any] = {}
    if name and file.has_open_names:
        prefix = f"{name.partition('-')[2]}-"
        after = {**after, "name_prefix": prefix}
        unknown["name"] = True
        expressions["name_prefix"] = {"constant_value": prefix}
    elif name:
        after = {**after, "name": name}
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown, "after_sensitive": {}}
    row = {"address": f"{kind}.{label}", "mode": "managed", "type": kind, "name": label}
    return {**row, "change": change, "expressions": expressions}
