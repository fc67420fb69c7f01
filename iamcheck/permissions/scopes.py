"""Which calls a scope makes, each with its reason and its source. Adding one is adding a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iamcheck.deployment.unknown import Tool

__all__ = ["API", "REFERENCE", "TABLE", "On", "Row"]

API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html"


class On(Enum):
    """The resource that a permission is needed on."""

    ENDPOINT = "endpoint"
    CONFIG = "endpoint config"


@dataclass(frozen=True, slots=True)
class Row:
    """A call that a scope makes; the action is SageMaker's.

    Args:
        action: The action, without its service.
        on: What it is authorised on.
        reason: Why the deployment needs it.
        source: The AWS page that says so.
        tools: What makes the call; None: every tool.
    """

    action: str
    on: On
    reason: str
    source: str
    tools: tuple[Tool, ...] | None = None


_CREATE_CONFIG = Row(
    "CreateEndpointConfig", On.CONFIG, "the endpoint config is created", f"{API}CreateEndpointConfig.html"
)
_CREATE = (
    _CREATE_CONFIG,
    Row("CreateEndpoint", On.ENDPOINT, "the endpoint is created", f"{API}CreateEndpoint.html"),
    Row(
        "CreateEndpoint",
        On.CONFIG,
        "CreateEndpoint is authorised on the endpoint config that it names as well as on the endpoint",
        f"{API}CreateEndpoint.html",
    ),
)
_UPDATE_ENDPOINT = (
    Row("UpdateEndpoint", On.ENDPOINT, "the endpoint is updated", f"{API}UpdateEndpoint.html"),
    Row(
        "UpdateEndpoint",
        On.CONFIG,
        "UpdateEndpoint is authorised on the new endpoint config that it names as well as on the endpoint",
        REFERENCE,
    ),
)
_DEPLOY_BY_ANY = (
    *_CREATE,
    Row("DescribeEndpoint", On.ENDPOINT, "the endpoint's status is read", f"{API}DescribeEndpoint.html"),
    Row(
        "DescribeEndpointConfig",
        On.CONFIG,
        "AWS recommends to read the endpoint config before CreateEndpoint, for what was just written may not be found",
        f"{API}CreateEndpoint.html",
    ),
)
_READ_TAGS = (Tool.CLOUDFORMATION, Tool.TERRAFORM)
_LIST_TAGS = tuple(
    Row(
        "ListTags",
        on,
        f"CloudFormation and Terraform read the tags of the {on.value} back, to tell whether they have drifted",
        f"{API}ListTags.html",
        _READ_TAGS,
    )
    for on in On
)
_DEPLOY = (*_DEPLOY_BY_ANY, *_LIST_TAGS)
_LIFECYCLE = (
    *_DEPLOY,
    *_UPDATE_ENDPOINT,
    Row(
        "UpdateEndpointWeightsAndCapacities",
        On.ENDPOINT,
        "weights and instance counts of the variants are changed",
        f"{API}UpdateEndpointWeightsAndCapacities.html",
    ),
    Row("DeleteEndpoint", On.ENDPOINT, "the endpoint is deleted", f"{API}DeleteEndpoint.html"),
    Row("DeleteEndpointConfig", On.CONFIG, "the endpoint config is deleted", f"{API}DeleteEndpointConfig.html"),
    Row(
        "InvokeEndpoint",
        On.ENDPOINT,
        "the endpoint is asked for inferences",
        f"{API}runtime_InvokeEndpoint.html",
    ),
    Row(
        "InvokeEndpointAsync",
        On.ENDPOINT,
        "the endpoint is asked for asynchronous inferences",
        f"{API}runtime_InvokeEndpointAsync.html",
    ),
    Row(
        "InvokeEndpointWithResponseStream",
        On.ENDPOINT,
        "the endpoint is asked for streamed inferences",
        f"{API}runtime_InvokeEndpointWithResponseStream.html",
    ),
)

TABLE: dict[str, tuple[Row, ...]] = {
    "create": _CREATE,
    "update": (_CREATE_CONFIG, *_UPDATE_ENDPOINT),
    "deploy": _DEPLOY,
    "lifecycle": _LIFECYCLE,
    # the policy is AWS's own text there, what it must allow is the same
    "docs": _CREATE,
}
"""The calls by scope."""
