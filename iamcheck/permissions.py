"""What must be allowed for a deployment: never made from the templates, so that simulation proves something."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck import catalogue
from iamcheck._dataclass import dataclass
from iamcheck.context import ContextFacts, call_context, unlisted
from iamcheck.errors import InvalidInputError
from iamcheck.model import Request
from iamcheck.request_context import (
    config_facts,
    create_grant_facts,
    key_arn,
    merged,
    pass_role_facts,
    request_tags,
    resource_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import ConfigRequest, EndpointRequest

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

_MADE_BY = {"CreateEndpoint": _On.ENDPOINT, "CreateEndpointConfig": _On.CONFIG}
"""What each create makes, and so whose tags are in its request."""

_WHILE_NEW = ("AddTags", "CreateEndpoint", "CreateEndpointConfig", "DescribeEndpoint", "DescribeEndpointConfig")
"""Actions during which a resource has the tags that it was created with; later anybody may have changed them."""


@dataclass(frozen=True, slots=True)
class _Feature:
    """Something that a request may have and that needs a permission of its own.

    Args:
        of: Actions of which each needs the permission.
        action: The permission.
        on: The ARNs that it is needed on; none where the requests do not have the feature.
        facts: What is known of its context: deployment, ARN, time of the check.
    """

    of: tuple[str, ...]
    action: str
    on: Callable[[Deployment], Sequence[str]]
    facts: Callable[[Deployment, str, datetime | None], Iterable[ContextFacts]]
    reason: str
    source: str


def _arns(deployment: Deployment) -> dict[_On, tuple[str, ...]]:
    return {_On.ENDPOINT: deployment.endpoint_arns, _On.CONFIG: deployment.endpoint_config_arns}


def _requests(deployment: Deployment) -> dict[_On, EndpointRequest | ConfigRequest | None]:
    return {_On.ENDPOINT: deployment.endpoint_request, _On.CONFIG: deployment.config_request}


def _tags_on(on: _On) -> Callable[[Deployment], Sequence[str]]:
    def tagged(deployment: Deployment) -> Sequence[str]:
        request = _requests(deployment)[on]
        return _arns(deployment)[on] if request is not None and request.tags else ()

    return tagged


def _tagging(action: str, on: _On) -> Callable[[Deployment, str, datetime | None], Iterable[ContextFacts]]:
    def facts(deployment: Deployment, _arn: str, now: datetime | None) -> Iterator[ContextFacts]:
        yield call_context(deployment.region, deployment.account_id, now=now)
        yield from _told(deployment, "AddTags", on)
        yield ContextFacts({"sagemaker:TaggingAction": action})

    return facts


def _volume_key(deployment: Deployment) -> Sequence[str]:
    request = deployment.config_request
    return () if request is None or request.kms_key_id is None else (key_arn(deployment, request.kms_key_id),)


def _execution_role(deployment: Deployment) -> Sequence[str]:
    request = deployment.config_request
    return () if request is None or request.execution_role_arn is None else (request.execution_role_arn,)


_FEATURES = (
    _Feature(
        ("CreateEndpointConfig",),
        "sagemaker:AddTags",
        _tags_on(_On.CONFIG),
        _tagging("CreateEndpointConfig", _On.CONFIG),
        "the endpoint config is created with tags",
        _REFERENCE,
    ),
    _Feature(
        ("CreateEndpoint",),
        "sagemaker:AddTags",
        _tags_on(_On.ENDPOINT),
        _tagging("CreateEndpoint", _On.ENDPOINT),
        "the endpoint is created with tags",
        _REFERENCE,
    ),
    _Feature(
        ("CreateEndpointConfig",),
        "iam:PassRole",
        _execution_role,
        pass_role_facts,
        "the endpoint config has an execution role, which SageMaker will become",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    # documented for CreateEndpoint; that an update to a config with a key needs the same is inferred
    _Feature(
        ("CreateEndpoint", "UpdateEndpoint"),
        "kms:CreateGrant",
        _volume_key,
        create_grant_facts,
        "the endpoint config has a KmsKeyId, and SageMaker needs a grant for the volumes of the instances",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html",
    ),
)
"""Adding a feature is adding a row, and a statement to the templates."""

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
    rows = _TABLE[check_scope(scope)]
    facts = call_context(deployment.region, deployment.account_id, now=now)
    arns = _arns(deployment)
    needed = [
        _Needed(f"sagemaker:{row.action}", arn, merged((facts, *_told(deployment, row.action, row.on))), row)
        for row in rows
        for arn in arns[row.on]
    ]
    made = {row.action for row in rows}
    needed += [
        _Needed(feature.action, arn, merged(feature.facts(deployment, arn, now)), feature)
        for feature in _FEATURES
        if made.intersection(feature.of)
        for arn in feature.on(deployment)
    ]
    own_keys = _own_keys(scope)
    return tuple(
        RequiredPermission(
            Request(
                one.action,
                one.arn,
                context=one.facts.known,
                absent=(
                    *one.facts.absent,
                    *(unlisted(one.action, own_keys) if one.arn.split(":")[2] == "sagemaker" else ()),
                ),
            ),
            one.row.reason,
            one.row.source,
        )
        for one in needed
    )


@dataclass(frozen=True, slots=True)
class _Needed:
    action: str
    arn: str
    facts: ContextFacts
    row: _Row | _Feature


def _told(deployment: Deployment, action: str, on: _On) -> Iterator[ContextFacts]:
    """What the requests say of the context of one of SageMaker's actions."""
    requests = _requests(deployment)
    whose = on if action == "AddTags" else _MADE_BY.get(action)
    call = None if whose is None else requests[whose]
    if call is not None:
        yield request_tags(call.tags)
    resource = requests[on]
    if resource is not None and (action in _WHILE_NEW or (action == "UpdateEndpoint" and on is _On.CONFIG)):
        yield resource_tags(resource.tags)
    if deployment.config_request is not None and action == "CreateEndpointConfig":
        yield config_facts(deployment, deployment.config_request)


@lru_cache(maxsize=8)
def _own_keys(scope: str) -> tuple[str, ...]:
    """SageMaker's own condition keys that some action of the scope has, sorted; without those that name a tag."""
    listed = (catalogue.condition_keys(f"sagemaker:{row.action}") or () for row in _TABLE[scope])
    return tuple(sorted({key for keys in listed for key in keys if key.startswith("sagemaker:") and "$" not in key}))
