"""Requests for scaling, inference components, alarms and model packages are judged as those of the endpoint are."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iamcheck.checks.request_valid import Validity, validity_of
from iamcheck.checks.request_valid.check import request_valid
from iamcheck.deployment.located import UNKNOWN, Pattern, Tool, WrittenRequest
from iamcheck.iam.model import Place
from iamcheck.results import Status
from tests.examples import config_of, endpoint_of, member_of

if TYPE_CHECKING:
    from iamcheck.deployment.located import Operation

SCALED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/a",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html and the pages of each operation
REQUESTS: dict[str, Any] = {
    "RegisterScalableTarget": {**SCALED, "MinCapacity": 1, "MaxCapacity": 4},
    "PutScalingPolicy": {
        **SCALED,
        "PolicyName": "track",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 70.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
    },
    "CreateInferenceComponent": {
        "InferenceComponentName": "churn-component",
        "EndpointName": "churn",
        "VariantName": "a",
        "RuntimeConfig": {"CopyCount": 1},
        "Specification": {"ModelName": "churn", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}},
    },
    "PutMetricAlarm": {
        "AlarmName": "churn-errors",
        "MetricName": "Invocation5XXErrors",
        "Namespace": "AWS/SageMaker",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    },
    "CreateModelPackageGroup": {"ModelPackageGroupName": "churn"},
    "CreateModelPackage": {"ModelPackageGroupName": "churn", "ModelApprovalStatus": "Approved"},
}
COPIES = "sagemaker:inference-component:DesiredCopyCount"
TRACKING = "TargetTrackingScalingPolicyConfiguration"
METRIC = f"{TRACKING}.PredefinedMetricSpecification.PredefinedMetricType"
NEEDS = "Specification.ComputeResourceRequirements"
DROP = object()


class Change(NamedTuple):
    """A change of one request.

    Args:
        operation: The request.
        edits: New values by path; `DROP` leaves the member out.
        rule: The rule that it breaks; empty: none.
        path: Where the finding is.
        kind: `problems`, `unjudged` or `on_trust`.
    """

    operation: str
    edits: dict[str, Any]
    rule: str = ""
    path: str = ""
    kind: str = "problems"


CHANGES = [
    Change("RegisterScalableTarget", {"MinCapacity": 9}, "scaling-capacities", "MinCapacity"),
    Change("RegisterScalableTarget", {"MaxCapacity": 0}, "scaling-capacities", "MinCapacity"),
    Change("RegisterScalableTarget", {"MinCapacity": -1}, "scaling-capacities", "MinCapacity"),
    Change("RegisterScalableTarget", {"MaxCapacity": UNKNOWN}, "scaling-capacities", "MaxCapacity", "unjudged"),
    Change("RegisterScalableTarget", {"MaxCapacity": DROP}, "scaling-capacities-needed", "MaxCapacity"),
    Change("RegisterScalableTarget", {"MinCapacity": DROP}, "scaling-capacities-needed", "MinCapacity"),
    Change("RegisterScalableTarget", {"MinCapacity": 0}, "scaling-to-zero", "MinCapacity", "unjudged"),
    Change(
        "RegisterScalableTarget", {"MinCapacity": 0, "MaxCapacity": 0}, "scaling-to-zero", "MaxCapacity", "unjudged"
    ),
    Change("RegisterScalableTarget", {"MinCapacity": "1"}, "shape", "MinCapacity"),
    Change("RegisterScalableTarget", {"MinCapcity": 1}, "shape", "MinCapcity"),
    Change("RegisterScalableTarget", {"ServiceNamespace": "sage"}, "shape", "ServiceNamespace"),
    Change("RegisterScalableTarget", {"ScalableDimension": COPIES}, "scaling-dimension", "ScalableDimension"),
    Change("RegisterScalableTarget", {"ResourceId": "variant/a"}, "scaling-resource-id", "ResourceId"),
    Change("RegisterScalableTarget", {"ResourceId": "endpoint/*/variant/a"}, "scaling-resource-id", "ResourceId"),
    Change("RegisterScalableTarget", {"ResourceId": "endpoint/churn/variant/Nope"}, "scaling-target", "ResourceId"),
    Change(
        "RegisterScalableTarget",
        {"ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency"},
        "scaling-target",
        "ScalableDimension",
    ),
    Change(
        "RegisterScalableTarget",
        {"ResourceId": "endpoint/chrn/variant/a"},
        "scaling-target",
        "ResourceId",
        "on_trust",
    ),
    Change(
        "RegisterScalableTarget",
        {"ResourceId": "inference-component/churn-componnt", "ScalableDimension": COPIES},
        "scaling-target",
        "ResourceId",
        "on_trust",
    ),
    Change("PutScalingPolicy", {f"{TRACKING}.TargetValue": DROP}, "shape", f"{TRACKING}.TargetValue"),
    Change("PutScalingPolicy", {f"{TRACKING}.TargetValue": "70"}, "shape", f"{TRACKING}.TargetValue"),
    Change("PutScalingPolicy", {METRIC: "Foo"}, "shape", METRIC),
    Change("PutScalingPolicy", {METRIC: "ECSServiceAverageCPUUtilization"}, "scaling-metric", METRIC),
    Change("PutScalingPolicy", {METRIC: "SageMakerInferenceComponentInvocationsPerCopy"}, "scaling-metric", METRIC),
    Change("PutScalingPolicy", {METRIC.rpartition(".")[0]: DROP}, "scaling-metric", TRACKING),
    Change("PutScalingPolicy", {"PolicyName": DROP}, "shape", "PolicyName"),
    Change("PutScalingPolicy", {"PolicyType": "Tracking"}, "shape", "PolicyType"),
    Change("PutScalingPolicy", {TRACKING: DROP}, "scaling-policy-type", TRACKING),
    Change("PutScalingPolicy", {"PolicyType": "StepScaling"}, "scaling-policy-type", "StepScalingPolicyConfiguration"),
    Change("CreateInferenceComponent", {"RuntimeConfig.CopyCount": -1}, "shape", "RuntimeConfig.CopyCount"),
    Change("CreateInferenceComponent", {"RuntimeConfig": {}}, "shape", "RuntimeConfig.CopyCount"),
    Change(
        "CreateInferenceComponent",
        {f"{NEEDS}.MinMemoryRequiredInMb": 1},
        "shape",
        f"{NEEDS}.MinMemoryRequiredInMb",
    ),
    Change(
        "CreateInferenceComponent",
        {f"{NEEDS}.MaxMemoryRequiredInMb": 512},
        "component-memory",
        f"{NEEDS}.MinMemoryRequiredInMb",
    ),
    Change("CreateInferenceComponent", {"EndpointName": Pattern("arn:aws:sagemaker:*")}, "shape", "EndpointName"),
    Change("CreateInferenceComponent", {"VariantName": "b"}, "component-variant", "VariantName"),
    Change("CreateInferenceComponent", {"Specification": DROP}, "component-specification", "Specification", "unjudged"),
    Change(
        "CreateInferenceComponent",
        {"Specification": DROP, "Specifications": [{"InstanceType": "ml.m5.large"}, {}]},
        "component-instance-types",
        "Specifications[1].InstanceType",
    ),
    Change("PutMetricAlarm", {"MetricName": DROP}, "alarm-metric", "MetricName"),
    Change("PutMetricAlarm", {"ComparisonOperator": DROP}, "alarm-needs", "ComparisonOperator"),
    Change("PutMetricAlarm", {"ComparisonOperator": "More"}, "shape", "ComparisonOperator"),
    Change("PutMetricAlarm", {"TreatMissingData": "NotBreaching"}, "alarm-missing-data", "TreatMissingData"),
    Change("CreateModelPackageGroup", {"ModelPackageGroupName": "a_b"}, "shape", "ModelPackageGroupName"),
    Change("CreateModelPackage", {"ModelApprovalStatus": "Yes"}, "shape", "ModelApprovalStatus"),
    Change("CreateModelPackage", {"ModelPackageGroupName": DROP}, "model-package-name", "ModelPackageName", "unjudged"),
]
CHANGES.append(Change("PutScalingPolicy", {}, "not-read", "StepScalingPolicyConfiguration", "on_trust"))

VALID = [
    *(Change(operation, {}) for operation in REQUESTS),
    Change("RegisterScalableTarget", {"MinCapacity": 4}),
    Change(
        "RegisterScalableTarget", {"ResourceId": "inference-component/churn-component", "ScalableDimension": COPIES}
    ),
    Change(
        "RegisterScalableTarget",
        {
            "ResourceId": "inference-component/churn-component",
            "ScalableDimension": COPIES,
            "MinCapacity": 0,
        },
    ),
    Change("PutScalingPolicy", {f"{TRACKING}.TargetValue": 0.5}),
    Change("PutScalingPolicy", {METRIC: "SageMakerVariantConcurrentRequestsPerModelHighResolution"}),
    Change(
        "PutScalingPolicy",
        {
            "PolicyType": "StepScaling",
            TRACKING: DROP,
            "StepScalingPolicyConfiguration": {
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
            },
        },
    ),
    Change("CreateInferenceComponent", {"RuntimeConfig.CopyCount": 0}),
    Change("CreateInferenceComponent", {f"{NEEDS}.MaxMemoryRequiredInMb": 1024}),
    Change("CreateInferenceComponent", {"VariantName": DROP}),
    Change("PutMetricAlarm", {"TreatMissingData": "notBreaching"}),
]


def edited(change: Change) -> dict[str, Any]:
    request: dict[str, Any] = copy.deepcopy(REQUESTS[change.operation])
    for path, value in change.edits.items():
        *parents, name = path.split(".")
        owner = request
        for parent in parents:
            owner = owner[parent]
        if value is DROP:
            del owner[name]
        else:
            owner[name] = value
    return request


def written(operation: Any, members: Any, unread: tuple[str, ...] = ()) -> WrittenRequest:  # noqa: ANN401  JSON
    named: Operation = operation
    place = Place(f"{operation}.json")
    return WrittenRequest(named, member_of(members, place), place, unread=unread)


ENDPOINT = endpoint_of({"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
VARIANT: dict[str, Any] = {
    "VariantName": "a",
    "ModelName": "churn",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}
CONFIG = config_of({"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]})


def judged(change: Change) -> Validity:
    unread = (change.path,) if change.rule == "not-read" else ()
    others = {**REQUESTS, change.operation: edited(change)}
    resources = [
        written(operation, members, unread if operation == change.operation else ())
        for operation, members in others.items()
    ]
    return validity_of(ENDPOINT, CONFIG, resources=resources)


def label(change: Change) -> str:
    return f"{change.operation}-{'-'.join(change.edits)}"


@pytest.mark.parametrize("change", CHANGES, ids=label)
def test_a_change_that_aws_refuses_is_found_with_its_path(change: Change) -> None:
    validity = judged(change)
    findings = {(one.operation, one.rule, one.path) for one in getattr(validity, change.kind)}

    assert (change.operation, change.rule, change.path) in findings
    assert bool(validity.problems) is (change.kind == "problems")
    assert all(one.source.startswith("https://docs.aws.amazon.com/") for one in validity.problems)


@pytest.mark.parametrize("change", VALID, ids=label)
def test_what_the_documentation_shows_is_valid(change: Change) -> None:
    assert judged(change) == Validity()


def test_a_capacity_may_stay_as_it_is_where_the_endpoint_exists() -> None:
    target = written("RegisterScalableTarget", {**SCALED, "MaxCapacity": 4})

    alone = validity_of(resources=[target])
    updated = validity_of(ENDPOINT, CONFIG, resources=[target], updates=True)
    of_a_template = validity_of(tool=Tool.CLOUDFORMATION, resources=[target])

    assert [one.path for one in alone.unjudged] == ["MinCapacity"]
    assert not updated.problems
    assert [one.path for one in of_a_template.problems] == ["MinCapacity"]


def test_an_asynchronous_endpoint_scales_to_zero() -> None:
    config = config_of(
        {
            "EndpointConfigName": "churn-v7",
            "ProductionVariants": [VARIANT],
            "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}},
        }
    )
    target = written("RegisterScalableTarget", {**REQUESTS["RegisterScalableTarget"], "MinCapacity": 0})

    assert validity_of(ENDPOINT, config, resources=[target]) == Validity()


@pytest.mark.parametrize(("strict", "status"), [(False, Status.PASS), (True, Status.UNKNOWN)])
def test_a_part_that_is_not_read_is_named(strict: bool, status: Status) -> None:
    policy = written("PutScalingPolicy", {**SCALED, "PolicyName": "a"}, ("StepScalingPolicyConfiguration",))

    result, assumptions = request_valid(ENDPOINT, CONFIG, resources=[policy], strict=strict)

    assert result.status is status
    assert "StepScalingPolicyConfiguration" in str(assumptions[0])
    assert "PutScalingPolicy" in result.summary


def test_other_requests_alone_are_judged() -> None:
    target = written("RegisterScalableTarget", {**SCALED, "MinCapacity": 5, "MaxCapacity": 4})

    assert request_valid(None, None, resources=[target])[0].status is Status.FAIL
