"""What the deployment and its requests say of the context of SageMaker's own actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.located import called_via_of
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.iam.request_context import ContextFacts, call_context
from iamcheck.permissions.scopes import On

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import Tag

__all__ = ["call_facts", "told"]

_MADE_BY = {"CreateEndpoint": On.ENDPOINT, "CreateEndpointConfig": On.CONFIG}
"""What each create makes, and so whose tags are in its request."""

_WHILE_NEW = (
    "AddTags",
    "CreateEndpoint",
    "CreateEndpointConfig",
    "DescribeEndpoint",
    "DescribeEndpointConfig",
)
"""Actions during which a resource has the tags that it was created with; later anybody may have changed them."""


def call_facts(deployment: Deployment, now: datetime | None) -> ContextFacts:
    """What is known of any call to SageMaker in the deployment's Region."""
    return call_context(deployment.region, deployment.account_id, now=now, called_via=called_via_of(deployment.written))


def told(deployment: Deployment, action: str, on: On) -> Iterator[ContextFacts]:
    """What the requests say of the context of one of SageMaker's actions, which is without its service here."""
    if deployment.endpoint_request is None and deployment.config_request is None:
        return
    from iamcheck.permissions.deployment_context import (  # bare names do not pay for it
        config_facts,
        request_tags,
        resource_tags,
    )

    whose = on if action == "AddTags" else _MADE_BY.get(action)
    in_request = None if whose is None else _tags(deployment, whose)
    if in_request is not None:
        yield request_tags(in_request)
    on_resource = _tags(deployment, on)
    if on_resource is not None and (action in _WHILE_NEW or (action == "UpdateEndpoint" and on is On.CONFIG)):
        yield resource_tags(on_resource)
    if deployment.config_request is not None and action == "CreateEndpointConfig":
        yield config_facts(deployment, deployment.config_request)


def _tags(deployment: Deployment, on: On) -> tuple[Tag, ...] | None:
    """The tags of what is created; None where they are not all known."""
    request = deployment.endpoint_request if on is On.ENDPOINT else deployment.config_request
    if request is None or request.tags is UNKNOWN or not request.tags.complete:
        return None
    return request.tags.known
