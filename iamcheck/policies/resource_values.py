"""Reads what a template takes of what a deployment makes besides: inference components, scaling, alarms, packages.

Loaded only for a deployment that makes any of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import (
    AlarmRequest,
    InferenceComponentRequest,
    ModelPackageGroupRequest,
    ModelPackageRequest,
    ScalableTargetRequest,
    ScalingPolicyRequest,
)
from iamcheck.deployment.unknown import UNKNOWN, Tool
from iamcheck.policies.request_values import tag_keys, tag_values, text_or_empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.resources import ResourceRequest

__all__ = ["resource_variables"]


def resource_variables(deployment: Deployment, scope: str) -> dict[str, object]:
    """The variables of `_resources.j2`.

    Args:
        deployment: The deployment.
        scope: The scope of the policy.
    """
    requests = [request for request in deployment.resource_requests if isinstance(request.name, str)]
    tool = Tool.SDK if deployment.written is None else deployment.written.tool
    targets = [request for request in requests if isinstance(request, ScalableTargetRequest)]
    variables: dict[str, list[dict[str, object]]] = {
        "components": [
            {
                **_common(request, tool),
                "endpoint_name": request.endpoint_name,
                "model_name": _pinnable(request),
                "has_no_model": request.model_name is None,
            }
            for request in requests
            if isinstance(request, InferenceComponentRequest)
        ],
        "targets": [{**_common(target, tool), **_scaled(target, deployment)} for target in targets],
    }
    for kind, of_kind in (("components", InferenceComponentRequest), ("targets", ScalableTargetRequest)):
        made = [request for request in requests if isinstance(request, of_kind)]
        for values, request in zip(variables[kind], made, strict=True):
            values["kept_without_tags"] = _tags_of_others(request, made)
    return {
        **variables,
        "registered": sorted(
            {text_or_empty(target.dimension) for target in (*targets, *(deployment.registered_targets or ()))}
        ),
        "scaling_policies": [
            {
                "dimension": request.dimension,
                "resource_id": request.name,
                "makes_alarms": request.tracks_target is not False,
                "read_back": tool is not Tool.SDK and not request.is_separate,
            }
            for request in requests
            if isinstance(request, ScalingPolicyRequest)
        ],
        "creates_scaling_role": bool(targets) and deployment.service_linked_role is not True,
        "alarms": _all(requests, AlarmRequest, tool),
        "package_groups": _all(requests, ModelPackageGroupRequest, tool),
        "packages": [
            {**_common(request, tool), "equals": _pinnable_keys(request)}
            for request in requests
            if isinstance(request, ModelPackageRequest)
        ],
        **_deleted(deployment, scope),
    }


def _tags_of_others(request: ResourceRequest, others: Sequence[ResourceRequest]) -> list[str]:
    """The keys that are absent where a request has no tags: so its statement lets none with tags through.

    Several requests are authorised on one resource: the components of an endpoint, all scalable targets.
    """
    if request.tags is UNKNOWN or request.tags.known or request.tags.open_prefix == "":
        return []
    endpoint = getattr(request, "endpoint_name", None)
    shared = [other for other in others if getattr(other, "endpoint_name", None) == endpoint]
    tags = [tag_values(other) for other in shared if tag_values(other)]
    if not tags or request.tags.complete:
        return ["aws:TagKeys"] if tags else []
    # a stack may add tags of its own, so that there may be keys: one key of each of the others tells them apart
    found: list[str] = []
    for keys in tags:
        if not set(found) & keys.keys():
            found.append(min(keys))
    return [f"aws:RequestTag/{key}" for key in found]


def _deleted(deployment: Deployment, scope: str) -> dict[str, object]:
    """What the source deletes of scaling, alarms and packages, and of the scaling of an endpoint that is replaced."""
    deletes = () if deployment.written is None else deployment.written.deletes
    replaced = {str(delete.name).lower() for delete in deletes if delete.operation == "DeleteEndpoint"}
    targets = [request for request in deployment.resource_requests if isinstance(request, ScalableTargetRequest)]
    scaling = {
        (f"application-autoscaling:{delete.operation}", text_or_empty(delete.dimension))
        for delete in deletes
        if delete.dimension is not None and isinstance(delete.name, str)
    }
    scaling |= {
        ("application-autoscaling:DeregisterScalableTarget", text_or_empty(target.dimension))
        for target in (*targets, *(deployment.registered_targets or ()))
        if isinstance(target.name, str) and target.name.lower().split("/")[1] in replaced
    }
    prefix = f"arn:{deployment.partition}:cloudwatch:{deployment.region}:{deployment.account_id}:alarm:"
    names = {
        operation: sorted(
            {delete.name for delete in deletes if delete.operation == operation and isinstance(delete.name, str)}
        )
        for operation in ("DeleteAlarms", "DeleteModelPackageGroup")
    }
    return {
        "deleted_scaling": sorted(scaling),
        "lists_scaling": bool(scaling)
        and any("Deregister" in action for action, _ in scaling)
        and scope != "lifecycle",
        "deleted_alarms": [f"{prefix}{name}" for name in names["DeleteAlarms"]],
        "deleted_package_groups": names["DeleteModelPackageGroup"],
    }


def _all(requests: Sequence[ResourceRequest], kind: type[ResourceRequest], tool: Tool) -> list[dict[str, object]]:
    return [_common(request, tool) for request in requests if isinstance(request, kind)]


def _common(request: ResourceRequest, tool: Tool) -> dict[str, object]:
    return {
        "name": request.name,
        "tags": tag_values(request),
        "tag_keys": tag_keys(request),
        "kept_without_tags": [],
        "read_back": tool is not Tool.SDK and not request.is_separate,
    }


def _pinnable_keys(package: ModelPackageRequest) -> dict[str, str]:
    """What a CreateModelPackage request has, by condition keys; what is not known is left out."""
    metadata = {} if package.metadata is UNKNOWN else package.metadata
    keys = {
        "sagemaker:ModelApprovalStatus": package.approval_status,
        "sagemaker:ModelLifeCycle:Stage": package.stage,
        "sagemaker:ModelLifeCycle:StageStatus": package.stage_status,
        **{f"sagemaker:CustomerMetadataProperties/{key}": value for key, value in metadata.items()},
    }
    return {key: value for key, value in keys.items() if isinstance(value, str)}


def _pinnable(component: InferenceComponentRequest) -> str:
    name = text_or_empty(component.model_name)
    # the ARN that authorisation sees may be in lower case
    return name if name == name.lower() else ""


def _scaled(target: ScalableTargetRequest, deployment: Deployment) -> dict[str, object]:
    """What a scalable target scales; the endpoint config of an endpoint that is not the deployment's may be any."""
    kind, name = str(target.name).split("/")[:2]
    is_own = name.lower() == text_or_empty(deployment.endpoint_name).lower()
    return {
        "dimension": target.dimension,
        "role_arn": text_or_empty(target.role_arn),
        "is_component": kind == "inference-component",
        "scaled": name,
        "config": deployment.endpoint_config_name if is_own else "*",
    }
