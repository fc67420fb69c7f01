"""A template or a plan whose requests for scaling or inference components AWS would refuse does not pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run, Write

HERE = ("--offline", "--region", "eu-west-1", "--account-id", "123456789012", "--output", "json")
TEMPLATE = """\
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ModelName: churn-model
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec
      PrimaryContainer: {Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1}
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: churn-v7
      ProductionVariants:
        - VariantName: a
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.m5.large
          InitialInstanceCount: 1
          InitialVariantWeight: 1
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: churn, EndpointConfigName: !GetAtt Config.EndpointConfigName}
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      ServiceNamespace: sagemaker
      ResourceId: !Sub endpoint/${Endpoint.EndpointName}/variant/a
      ScalableDimension: sagemaker:variant:DesiredInstanceCount
      MinCapacity: 1
      MaxCapacity: '4'
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: track
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 70
        DisableScaleIn: false
        PredefinedMetricSpecification: {PredefinedMetricType: SageMakerVariantInvocationsPerInstance}
  Component:
    Type: AWS::SageMaker::InferenceComponent
    Properties:
      InferenceComponentName: churn-ic
      EndpointName: !GetAtt Endpoint.EndpointName
      VariantName: a
      RuntimeConfig: {CopyCount: 1}
      Specification: {ModelName: !GetAtt Model.ModelName, ComputeResourceRequirements: {MinMemoryRequiredInMb: 1024}}
"""


@pytest.mark.parametrize(
    ("pattern", "by", "status", "says"),
    [
        ("x^", "", "pass", "as the API documents them"),
        (" *TargetValue: 70\n", "", "fail", "TargetTrackingScalingPolicyConfiguration.TargetValue"),
        ("MinCapacity: 1", "MinCapacity: 9", "fail", "is more than the most, 4"),
        ("MinCapacity: 1", "MinCapacity: 4", "pass", ""),
        ("MaxCapacity: '4'", "MaxCapacity: 0", "fail", "is more than the most, 0"),
        (" *MaxCapacity: '4'\n", "", "fail", "MaxCapacity"),
        ("SageMakerVariantInvocationsPerInstance", "Foo", "fail", "'Foo'"),
        ("variant:DesiredInstanceCount", "inference-component:DesiredCopyCount", "fail", "ScalableDimension"),
        ("/variant/a", "/variant/Nope", "fail", "has no variant 'Nope'"),
        ("CopyCount: 1", "CopyCount: -1", "fail", "RuntimeConfig.CopyCount"),
        ("CopyCount: 1", "CopyCount: 0", "pass", ""),
        ("InMb: 1024", "InMb: 1", "fail", "MinMemoryRequiredInMb"),
        ("EndpointName: !GetAtt Endpoint.EndpointName", "EndpointName: !Ref Endpoint", "fail", "Fn::GetAtt its name"),
        ("VariantName: a\n      Runtime", "VariantName: b\n      Runtime", "fail", "has no variant 'b'"),
    ],
)
def test_a_template_is_judged_with_all_that_it_makes(
    run: Run, tmp_path: Path, pattern: str, by: str, status: str, says: str
) -> None:
    (tmp_path / "t.yaml").write_text(re.sub(pattern, by, TEMPLATE))
    done = run("check", "--from", "t.yaml", "--no-stack-tags", *HERE)

    assert done.statuses["request.valid"] == status
    assert says in done.out


def test_a_capacity_that_is_not_known_is_unknown_with_its_cure(run: Run, tmp_path: Path) -> None:
    parameters = "Parameters: {Most: {Type: Number}}\n"
    (tmp_path / "t.yaml").write_text(parameters + TEMPLATE.replace("MaxCapacity: '4'", "MaxCapacity: !Ref Most"))
    done = run("check", "--from", "t.yaml", "--no-stack-tags", *HERE)
    settled = run("check", "--from", "t.yaml", "--no-stack-tags", "--parameter", "Most=4", *HERE)

    assert done.statuses["request.valid"] == "unknown"
    assert "--parameter Most=VALUE" in done.out
    assert settled.statuses["request.valid"] == "pass"


SCALED = {
    "service_namespace": "sagemaker",
    "resource_id": "endpoint/churn/variant/a",
    "scalable_dimension": "sagemaker:variant:DesiredInstanceCount",
}
TRACKING = {
    "target_value": 70,
    "scale_in_cooldown": 0,
    "disable_scale_in": False,
    "predefined_metric_specification": [
        {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance", "resource_label": None}
    ],
    "customized_metric_specification": [],
}
VARIANT = {
    "variant_name": "a",
    "model_name": "churn",
    "instance_type": "ml.m5.large",
    "initial_instance_count": 1,
}


def planned(kind: str, after: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": f"{kind}.it",
        "mode": "managed",
        "type": kind,
        "name": "it",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {}, "after_sensitive": {}},
    }


def plan(target: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    policy = {**SCALED, "name": "track", "policy_type": "TargetTrackingScaling", **policy}
    config = {"name": "churn-v7", "production_variants": [VARIANT], "tags_all": {}}
    resources = [
        planned("aws_sagemaker_endpoint_configuration", config),
        planned("aws_sagemaker_endpoint", {"name": "churn", "endpoint_config_name": "churn-v7", "tags_all": {}}),
        planned(
            "aws_appautoscaling_target", {**SCALED, "min_capacity": 1, "max_capacity": 4, "tags_all": {}, **target}
        ),
        planned("aws_appautoscaling_policy", policy),
    ]
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": resources}


@pytest.mark.parametrize(
    ("target", "policy", "words", "status", "says"),
    [
        ({}, {}, ("--strict",), "pass", ""),
        ({"min_capacity": 9}, {}, (), "fail", "is more than the most, 4"),
        ({"resource_id": "endpoint/churn/variant/Nope"}, {}, (), "fail", "has no variant 'Nope'"),
        ({}, {"name": ""}, (), "fail", "PolicyName"),
        ({}, {"policy_type": "TargetTracking"}, (), "fail", "PolicyType"),
        ({}, {"policy_type": "StepScaling"}, (), "pass", "of PutScalingPolicy is not validated"),
        ({}, {"policy_type": "StepScaling"}, ("--strict",), "unknown", "StepScalingPolicyConfiguration"),
    ],
)
def test_a_plan_is_judged_as_far_as_it_is_read(
    run: Run,
    write: Write,
    target: dict[str, Any],
    policy: dict[str, Any],
    words: tuple[str, ...],
    status: str,
    says: str,
) -> None:
    is_step = policy.get("policy_type") == "StepScaling"
    configuration = {"adjustment_type": "ChangeInCapacity", "step_adjustment": [{"scaling_adjustment": 1}]}
    block = (
        {"step_scaling_policy_configuration": [configuration]}
        if is_step
        else {"target_tracking_scaling_policy_configuration": [TRACKING]}
    )
    write("plan.json", plan(target, {**policy, **block}))
    done = run("check", "--from", "plan.json", *words, *HERE)

    assert done.statuses["request.valid"] == status, done.out
    assert says in done.out
