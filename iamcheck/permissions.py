"""What must be allowed for a deployment: never made from the templates, so that simulation proves something."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck import catalogue
from iamcheck._dataclass import dataclass
from iamcheck.context import call_context, unlisted
from iamcheck.errors import InvalidInputError
from iamcheck.model import Request

if TYPE_CHECKING:
    from datetime import datetime

    from iamcheck.deployment import Deployment

__all__ = ["SCOPES", "RequiredPermission", "check_scope", "required"]

_API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html"


@dataclass(frozen=True, slots=True)
class RequiredPermission:
    """One request that must be allowed.

    Args:
        request: The request with its known context and the keys known to be absent.
        reason: Why the deployment needs it, one sentence.
        source: The AWS page that says so, a URL.
    """

    request: Request
    reason: str
    source: str


class _On(Enum):
    """The resource that a permission is needed on."""

    ENDPOINT = "endpoint"
    CONFIG = "endpoint config"


@dataclass(frozen=True, slots=True)
class _Row:
    action: str
    on: _On
    reason: str
    source: str


_CREATE_CONFIG = _Row(
    "CreateEndpointConfig", _On.CONFIG, "the endpoint config is created", f"{_API}CreateEndpointConfig.html"
)
_CREATE = (
    _CREATE_CONFIG,
    _Row("CreateEndpoint", _On.ENDPOINT, "the endpoint is created", f"{_API}CreateEndpoint.html"),
    _Row(
        "CreateEndpoint",
        _On.CONFIG,
        "CreateEndpoint is authorised on the endpoint config that it names as well as on the endpoint",
        f"{_API}CreateEndpoint.html",
    ),
)
_UPDATE_ENDPOINT = (
    _Row("UpdateEndpoint", _On.ENDPOINT, "the endpoint is updated", f"{_API}UpdateEndpoint.html"),
    _Row(
        "UpdateEndpoint",
        _On.CONFIG,
        "UpdateEndpoint is authorised on the new endpoint config that it names as well as on the endpoint",
        _REFERENCE,
    ),
)
_DEPLOY = (
    *_CREATE,
    _Row("DescribeEndpoint", _On.ENDPOINT, "the endpoint's status is read", f"{_API}DescribeEndpoint.html"),
    _Row(
        "DescribeEndpointConfig",
        _On.CONFIG,
        "AWS recommends to read the endpoint config before CreateEndpoint, for what was just written may not be found",
        f"{_API}CreateEndpoint.html",
    ),
)
_LIFECYCLE = (
    *_DEPLOY,
    *_UPDATE_ENDPOINT,
    _Row(
        "UpdateEndpointWeightsAndCapacities",
        _On.ENDPOINT,
        "weights and instance counts of the variants are changed",
        f"{_API}UpdateEndpointWeightsAndCapacities.html",
    ),
    _Row("DeleteEndpoint", _On.ENDPOINT, "the endpoint is deleted", f"{_API}DeleteEndpoint.html"),
    _Row("DeleteEndpointConfig", _On.CONFIG, "the endpoint config is deleted", f"{_API}DeleteEndpointConfig.html"),
    _Row(
        "InvokeEndpoint",
        _On.ENDPOINT,
        "the endpoint is asked for inferences",
        f"{_API}runtime_InvokeEndpoint.html",
    ),
    _Row(
        "InvokeEndpointAsync",
        _On.ENDPOINT,
        "the endpoint is asked for asynchronous inferences",
        f"{_API}runtime_InvokeEndpointAsync.html",
    ),
    _Row(
        "InvokeEndpointWithResponseStream",
        _On.ENDPOINT,
        "the endpoint is asked for streamed inferences",
        f"{_API}runtime_InvokeEndpointWithResponseStream.html",
    ),
)

_TABLE: dict[str, tuple[_Row, ...]] = {
    "create": _CREATE,
    "update": (_CREATE_CONFIG, *_UPDATE_ENDPOINT),
    "deploy": _DEPLOY,
    "lifecycle": _LIFECYCLE,
    # the policy is AWS's own text there, what it must allow is the same
    "docs": _CREATE,
}

SCOPES: tuple[str, ...] = tuple(_TABLE)
"""What a policy can be for."""


def check_scope(scope: str) -> str:
    """Returns the scope.

    Raises:
        InvalidInputError: It is not one of `SCOPES`.
    """
    if scope not in _TABLE:
        raise InvalidInputError(f"there is no scope {scope!r}", where="scope", cure=f"one of {', '.join(SCOPES)}")
    return scope


def required(
    deployment: Deployment, scope: str = "create", *, now: datetime | None = None
) -> tuple[RequiredPermission, ...]:
    """The requests that must be allowed for a deployment, each with its known context.

    A name with capitals gives one request a spelling of its ARN (see `Deployment.endpoint_arns`).

    Args:
        deployment: What will be created.
        scope: One of `SCOPES`.
        now: The time of the check; None leaves the keys of time unknown.

    Raises:
        InvalidInputError: There is no such scope.
    """
    facts = call_context(deployment.region, deployment.account_id, now=now)
    arns = {_On.ENDPOINT: deployment.endpoint_arns, _On.CONFIG: deployment.endpoint_config_arns}
    unlisted_keys = _unlisted_keys(check_scope(scope))
    return tuple(
        RequiredPermission(
            Request(
                f"sagemaker:{row.action}",
                arn,
                context=facts.known,
                absent=(*facts.absent, *unlisted_keys[row.action]),
            ),
            row.reason,
            row.source,
        )
        for row in _TABLE[scope]
        for arn in arns[row.on]
    )


@lru_cache(maxsize=8)
def _unlisted_keys(scope: str) -> dict[str, tuple[str, ...]]:
    """For each action of the scope, the keys of SageMaker's own that other actions of the scope have and it has not."""
    actions = {row.action for row in _TABLE[scope]}
    listed = (catalogue.condition_keys(f"sagemaker:{action}") or () for action in actions)
    own = sorted({key for keys in listed for key in keys if key.startswith("sagemaker:") and "$" not in key})
    return {action: unlisted(f"sagemaker:{action}", own) for action in actions}
