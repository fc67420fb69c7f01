"""What a request may have that needs a permission of its own: one table. Adding a feature is adding a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.call_context import call_facts, told
from iamcheck.permissions.deployment_context import create_grant_facts, key_arn, pass_role_facts
from iamcheck.permissions.scopes import REFERENCE, On

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import ConfigRequest, EndpointRequest

__all__ = ["FEATURES", "Feature"]


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a request may have and that needs a permission of its own.

    Args:
        of: Actions of which each needs the permission.
        action: The permission.
        member: Whose member it is, and its name in the request.
        on: The ARNs that it is needed on; none where the requests do not have the feature.
        facts: What is known of its context: deployment, ARN, time of the check.
        reason: Why the deployment needs it.
        source: The AWS page that says so.
    """

    of: tuple[str, ...]
    action: str
    member: tuple[On, str]
    on: Callable[[Deployment], Sequence[str]]
    facts: Callable[[Deployment, str, datetime | None], Iterable[ContextFacts]]
    reason: str
    source: str


def _endpoint_tagged(deployment: Deployment) -> Sequence[str]:
    return deployment.endpoint_arns if _has_tags(deployment.endpoint_request) else ()


def _config_tagged(deployment: Deployment) -> Sequence[str]:
    return deployment.endpoint_config_arns if _has_tags(deployment.config_request) else ()


def _has_tags(request: EndpointRequest | ConfigRequest | None) -> bool:
    """Whether a request has tags, or may have; tags that only the stack may add are an assumption."""
    return request is not None and (request.tags is UNKNOWN or bool(request.tags.known))


def _tagging(action: str, on: On) -> Callable[[Deployment, str, datetime | None], Iterable[ContextFacts]]:
    def facts(deployment: Deployment, _arn: str, now: datetime | None) -> Iterator[ContextFacts]:
        yield call_facts(deployment, now)
        yield from told(deployment, "AddTags", on)
        yield ContextFacts({"sagemaker:TaggingAction": action})

    return facts


def _volume_key(deployment: Deployment) -> Sequence[str]:
    request = deployment.config_request
    key = None if request is None else request.kms_key_id
    return (key_arn(deployment, key),) if isinstance(key, str) else ()


def _execution_role(deployment: Deployment) -> Sequence[str]:
    request = deployment.config_request
    role = None if request is None else request.execution_role_arn
    return (role,) if isinstance(role, str) else ()


FEATURES = (
    Feature(
        ("CreateEndpointConfig",),
        "sagemaker:AddTags",
        (On.CONFIG, "Tags"),
        _config_tagged,
        _tagging("CreateEndpointConfig", On.CONFIG),
        "the endpoint config is created with tags",
        REFERENCE,
    ),
    Feature(
        ("CreateEndpoint",),
        "sagemaker:AddTags",
        (On.ENDPOINT, "Tags"),
        _endpoint_tagged,
        _tagging("CreateEndpoint", On.ENDPOINT),
        "the endpoint is created with tags",
        REFERENCE,
    ),
    Feature(
        ("CreateEndpointConfig",),
        "iam:PassRole",
        (On.CONFIG, "ExecutionRoleArn"),
        _execution_role,
        pass_role_facts,
        "the endpoint config has an execution role, which SageMaker will become",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    # documented for CreateEndpoint; that an update to a config with a key needs the same is inferred
    Feature(
        ("CreateEndpoint", "UpdateEndpoint"),
        "kms:CreateGrant",
        (On.CONFIG, "KmsKeyId"),
        _volume_key,
        create_grant_facts,
        "the endpoint config has a KmsKeyId, and SageMaker needs a grant for the volumes of the instances",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html",
    ),
)
"""Adding a feature is adding a row here, and a statement to the templates."""
