"""Reads what the requests of a deployment say, in the form in which templates and pins take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import UNKNOWN, Tool, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ModelRequest
    from iamcheck.deployment.resources import MadeRequest

__all__ = ["all_known", "model_values", "passed_roles", "tag_keys", "tag_values", "text_or_empty"]


def model_values(deployment: Deployment) -> list[dict[str, object]]:
    """What a template reads of each model that the deployment makes: its name, its tags, and what can be pinned."""
    tool = Tool.SDK if deployment.written is None else deployment.written.tool
    return [_model(model, tool) for model in deployment.model_requests if isinstance(model.name, str)]


def _model(model: ModelRequest, tool: Tool) -> dict[str, object]:
    vpc, isolation = model.vpc, model.network_isolation
    return {
        "name": model.name,
        "tags": tag_values(model),
        "tag_keys": tag_keys(model),
        "security_group_ids": [] if vpc is None else all_known(vpc.security_group_ids),
        "subnets": [] if vpc is None else all_known(vpc.subnets),
        "network_isolation": str(isolation).lower() if isinstance(isolation, bool) else "",
        "read_back": tool is not Tool.SDK and not model.is_separate,
    }


def passed_roles(deployment: Deployment) -> list[str]:
    """The execution roles that are passed: those of an endpoint config, models and packages that are made."""
    config = deployment.config_request if deployment.creates_config else None
    roles = [
        config and config.execution_role_arn,
        *(model.execution_role_arn for model in deployment.model_requests),
        *(getattr(request, "validation_role_arn", None) for request in deployment.resource_requests),
    ]
    return sorted({role for role in roles if isinstance(role, str)})


def tag_values(request: EndpointRequest | ConfigRequest | MadeRequest | None) -> dict[str, str]:
    """Tags by their keys; what is known only when the deployment is made is shown as such, and is in no policy."""
    if request is None or request.tags is UNKNOWN:
        return {}
    return {
        text_or_empty(tag.key) or f"unknown {index}": text_or_empty(tag.value)
        for index, tag in enumerate(request.tags.known)
    }


def tag_keys(request: EndpointRequest | ConfigRequest | MadeRequest | None) -> list[str]:
    """The keys that `aws:TagKeys` has; none where a stack may add tags, which the condition would deny."""
    if request is None or request.tags is UNKNOWN or not request.tags.complete:
        return []
    return [tag.key for tag in request.tags.known if isinstance(tag.key, str)]


def text_or_empty(value: object) -> str:
    """The text; empty where there is none that is known."""
    return value if isinstance(value, str) else ""


def all_known(values: Iterable[object] | Unknown) -> list[str]:
    """The values that are there, as texts, each once; none where one is not known."""
    if isinstance(values, Unknown):
        return []
    known = [value for value in values if value is not None]
    return list(dict.fromkeys(str(value) for value in known)) if UNKNOWN not in known else []
