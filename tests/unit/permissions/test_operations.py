"""The table of operations against the packaged service reference: nothing that AWS lists is left out in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.unknown import Tool
from iamcheck.iam import catalogue
from iamcheck.iam.request_context import ContextFacts, settle
from iamcheck.permissions import SCOPES, all_operations, operations_of, required
from iamcheck.permissions.operation import DependentCall, Operation, Part
from iamcheck.permissions.operations import CALLS

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab"
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
TAGS = [{"Key": "team", "Value": "ml"}]

OPERATIONS = all_operations()
DEPENDENT_CALLS = tuple(dict.fromkeys(call for operation in OPERATIONS for call in operation.dependent_calls))


def names(row: Operation | DependentCall) -> str:
    return row.action if isinstance(row, Operation) else f"{row.action} for {row.member} of the {row.part.value}"


def by_terraform(deployment: Deployment) -> Deployment:
    """The same deployment by a tool that reads back what it made, so that no operation is left out."""
    assert deployment.written is not None
    return replace(deployment, written=replace(deployment.written, tool=Tool.TERRAFORM))


def deployments() -> list[Deployment]:
    """A deployment whose requests have every member that permissions depend on, and one whose requests have none."""
    endpoint = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    instance = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    serverless = {"VariantName": "a", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048}}
    full = {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [{**instance, "AcceleratorType": "ml.eia2.medium"}],
        "KmsKeyId": KEY,
        "ExecutionRoleArn": ROLE,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        "EnableNetworkIsolation": True,
        "Tags": TAGS,
    }
    plain = {"EndpointConfigName": "churn-v7", "ProductionVariants": [serverless]}
    members = ("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "Tags")
    model = {"ModelName": "m", **{name: full[name] for name in members}}
    everything = Deployment.from_requests(
        {**endpoint, "Tags": TAGS}, full, create_models=[model], **RESOURCES_WITH_EVERYTHING, **HERE
    )
    nothing = Deployment.from_requests(
        endpoint, plain, create_models=[{"ModelName": "m"}], **RESOURCES_WITH_NOTHING, **HERE
    )
    return [by_terraform(everything), by_cloudformation(everything), by_terraform(nothing), by_cloudformation(nothing)]


def by_cloudformation(deployment: Deployment) -> Deployment:
    """The same deployment by the other tool that reads back what it made."""
    assert deployment.written is not None
    return replace(deployment, written=replace(deployment.written, tool=Tool.CLOUDFORMATION))


VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/a",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
COMPONENT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/ic",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}
RESOURCES_WITH_EVERYTHING: dict[str, Any] = {
    "create_inference_components": [
        {
            "InferenceComponentName": "ic",
            "EndpointName": "churn",
            "Specification": {"ModelName": "m"},
            "Tags": TAGS,
        }
    ],
    "register_scalable_targets": [{**VARIANT, "RoleARN": ROLE, "Tags": {"team": "ml"}}, COMPONENT],
    "put_scaling_policies": [{"PolicyName": "p", **VARIANT, "PolicyType": "TargetTrackingScaling"}],
    "put_metric_alarms": [{"AlarmName": "errors", "AlarmActions": ["arn:aws:sns:eu-west-1:1:t"], "Tags": TAGS}],
    "create_model_package_groups": [{"ModelPackageGroupName": "group", "Tags": TAGS}],
    "create_model_packages": [
        {
            "ModelPackageName": "package",
            "ModelApprovalStatus": "Approved",
            "ModelLifeCycle": {"Stage": "prod", "StageStatus": "done"},
            "CustomerMetadataProperties": {"team": "ml"},
            "ValidationSpecification": {"ValidationRole": ROLE, "ValidationProfiles": []},
            "Tags": TAGS,
        }
    ],
}
RESOURCES_WITH_NOTHING: dict[str, Any] = {
    "create_inference_components": [{"InferenceComponentName": "ic", "EndpointName": "churn"}],
    "register_scalable_targets": [VARIANT],
    "put_scaling_policies": [{"PolicyName": "p", **COMPONENT, "PolicyType": "StepScaling"}],
    "put_metric_alarms": [{"AlarmName": "errors"}],
    "create_model_package_groups": [{"ModelPackageGroupName": "group"}],
    "create_model_packages": [{"ModelPackageGroupName": "group"}],
}


def unknown_keys(row: Operation | DependentCall, deployment: Deployment) -> set[str]:
    """The keys of the reference that are neither known nor absent in some request of a row."""
    listed = sorted(catalogue.condition_keys(row.action) or ())
    spelled = {key.replace("${TagKey}", "team").replace("${MetadataKey}", "team"): key for key in listed}
    found = set()
    reasons = {target.reason for target in row.targets} if isinstance(row, Operation) else {row.reason}
    for permission in required(deployment, "lifecycle"):
        # a call that is made for two reasons has two rows
        if permission.request.action == row.action and permission.reason in reasons:
            settled = settle(permission.request, ContextFacts(), spelled)
            found |= {key for name, key in spelled.items() if settled.is_unknown(name.lower())}
    return found


@pytest.mark.parametrize("row", [*OPERATIONS, *DEPENDENT_CALLS], ids=names)
def test_every_condition_key_of_the_reference_is_known_absent_or_unknown_with_a_reason(
    row: Operation | DependentCall,
) -> None:
    listed = catalogue.condition_keys(row.action)

    assert listed is not None
    assert set(row.unknown_keys) <= listed, "a reason for a key that the reference does not list"
    assert all(row.unknown_keys.values())
    made = {need.request.action for deployment in deployments()[:2] for need in required(deployment, "lifecycle")}
    assert row.action in made
    for deployment in deployments():
        assert unknown_keys(row, deployment) <= set(row.unknown_keys)


@pytest.mark.parametrize("row", OPERATIONS, ids=names)
def test_every_resource_type_of_the_reference_is_a_target_or_left_out_with_a_reason(row: Operation) -> None:
    info = catalogue.action(row.action)
    types = {used.name for used in info.resource_types} if info is not None else set()
    targets = {named(target.type or target.part.value, types) for target in row.targets}

    assert info is not None
    if not types:
        # the call lists everything: it has no resource but `*`
        return
    assert {used.name for used in info.resource_types if used.required} <= targets <= types
    assert set(row.other_resources) <= {*types, "*"}
    assert "*" in row.other_resources or types - targets == set(row.other_resources)
    assert all(row.other_resources.values())


def named(part: str, types: set[str]) -> str:
    """The type of the reference that is named so, whatever stands between its words."""
    plain = part.replace(" ", "").lower()
    return next((one for one in types if one.replace("-", "").lower() == plain), part)


@pytest.mark.parametrize("row", OPERATIONS, ids=names)
def test_every_dependent_action_of_the_reference_is_described(row: Operation) -> None:
    info = catalogue.action(row.action)

    assert info is not None
    listed = {action for used in info.resource_types for action in used.dependent_actions}
    assert listed <= {call.action for call in row.dependent_calls}


@pytest.mark.parametrize("row", [*OPERATIONS, *DEPENDENT_CALLS], ids=names)
def test_every_row_says_why_and_names_its_aws_page(row: Operation | DependentCall) -> None:
    assert row.source.startswith("https://docs.aws.amazon.com/")
    reasons = [target.reason for target in row.targets] if isinstance(row, Operation) else [row.reason]
    assert all(reasons)


def test_every_file_of_an_operation_is_in_the_table_and_named_as_aws_names_the_call() -> None:
    folder = Path(__file__).parents[3] / "iamcheck" / "permissions" / "operations"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}

    assert files == set(CALLS)
    for name, operation in zip(CALLS, OPERATIONS, strict=True):
        service, _, call = operation.action.partition(":")
        # two services have a call of the same name
        plain = name.removesuffix(f"_{service.replace('-', '_')}").replace("_", "")
        assert plain == call.lower()


def test_every_scope_of_an_operation_exists_and_every_scope_has_the_call_that_it_is_for() -> None:
    assert frozenset().union(*(row.scopes for row in CALLS.values())) == set(SCOPES)
    assert all(operations_of(scope, set(Part)) for scope in SCOPES)


def test_a_call_whose_part_the_deployment_does_not_have_is_not_loaded() -> None:
    alone = operations_of("lifecycle", {Part.ENDPOINT, Part.ENDPOINT_CONFIG})

    assert {operation.acts_on for operation in alone} == {Part.ENDPOINT, Part.ENDPOINT_CONFIG, None}
