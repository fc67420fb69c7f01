"""Defines how an AWS call is described: its action, resources, condition context, and the calls that come with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.deployment.resources import MadeRequest
    from iamcheck.deployment.unknown import Tool
    from iamcheck.iam.request_context import ContextFacts

__all__ = [
    "ALARMS_API",
    "API",
    "REFERENCE",
    "RESOURCE_TAGS",
    "SCALING_API",
    "SCALING_PERMISSIONS",
    "DependentCall",
    "Operation",
    "Part",
    "Resource",
    "Target",
]

API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
"""The pages of SageMaker's operations begin so."""

REFERENCE: Final = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html"

SCALING_API: Final = "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_"
"""The pages of Application Auto Scaling's operations begin so."""

ALARMS_API: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_"
"""The pages of CloudWatch's operations begin so."""

SCALING_PERMISSIONS: Final = (
    "https://docs.aws.amazon.com/autoscaling/application/userguide/"
    "security_iam_id-based-policy-examples.html#aws-auto-scaling-additional-permissions"
)
"""What Application Auto Scaling asks of the service that it scales and of CloudWatch, with the caller's rights."""

RESOURCE_TAGS: Final = ("aws:ResourceTag/${TagKey}", "sagemaker:ResourceTag/${TagKey}")
"""The tags of a SageMaker resource, as the reference spells their keys."""


class Part(Enum):
    """A part of a deployment: something that its calls create, change, read or delete."""

    ENDPOINT = "endpoint"
    ENDPOINT_CONFIG = "endpoint config"
    MODEL = "model"
    """A model that the deployment makes: of this and all that follow it may make several."""
    INFERENCE_COMPONENT = "inference component"
    SCALABLE_TARGET = "scalable target"
    SCALING_POLICY = "scaling policy"
    ALARM = "alarm"
    """An alarm that the deployment makes."""
    MODEL_PACKAGE_GROUP = "model package group"
    MODEL_PACKAGE = "model package"
    SERVICE_LINKED_ROLE = "service-linked role"
    """The role of Application Auto Scaling, which it makes with the first scalable target of an account."""


class Resource(NamedTuple):
    """A resource under one spelling of its ARN.

    Args:
        part: The part of the deployment that it is, or whose request names it.
        arn: The ARN.
        request: The request of that part; None: it is written nowhere.
        made: What the request has, of a part of which there may be several; None: of others.
    """

    part: Part
    arn: str
    request: WrittenRequest | None
    made: MadeRequest | None = None

    @property
    def is_separate(self) -> bool:
        """Whether a script makes it beside a template or plan."""
        return self.made is not None and self.made.is_separate


class Target(NamedTuple):
    """A part of the deployment that an operation is authorised on.

    Args:
        part: The part.
        reason: Why the operation needs it, one clause.
        source: The AWS page that says so; empty: the operation's own.
        resources: The resources; None: every resource that is that part.
        type: The type of the resource as the reference names it; empty: as the part is named.
    """

    part: Part
    reason: str
    source: str = ""
    resources: Callable[[Deployment], Iterable[Resource]] | None = None
    type: str = ""


# rows of a table: each is equal to itself alone
@dataclass(frozen=True, slots=True, eq=False)
class DependentCall:
    """A permission that AWS asks for besides, with the caller's rights, where a request has a certain member.

    Args:
        action: The action, `service:Operation`.
        part: The part whose request has the member.
        member: The name of the member.
        resources: What it is needed on; nothing where the request does not have the member.
        context: What is known of its condition context on one resource.
        reason: Why the deployment needs it, one clause.
        source: The AWS page that says so, a URL.
        unknown_keys: Keys of the reference that may stay unknown, each with the reason.
        other_resources: Resource types of the reference that it is not asked about on, each with the reason; `*`: all
            others.
    """

    action: str
    part: Part
    member: str
    resources: Callable[[Deployment], Iterable[Resource]]
    context: Callable[[Deployment, Resource], Iterable[ContextFacts]]
    reason: str
    source: str
    unknown_keys: Mapping[str, str] = field(default_factory=dict)
    other_resources: Mapping[str, str] = field(default_factory=dict)


def _nothing_known(_deployment: Deployment, _resource: Resource) -> Iterable[ContextFacts]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One AWS call that a deployment may make.

    Args:
        action: The action, `service:Operation`.
        targets: What it is authorised on.
        source: The AWS page of the call, a URL.
        acts_on: The part that it is about: a deployment without it does not make the call. None: it is made for each of
            `targets` that there is.
        creates: Whether it creates that part.
        context: What the requests say of its condition context on one resource, beside what holds for every call.
        dependent_calls: What AWS asks for besides.
        tools: The tools that make the call; None: every tool.
        is_global: Whether the service is the same in all Regions, so that the Region that is called is not known.
        unknown_keys: Keys of the reference that may stay unknown, each with the reason.
        other_resources: Resource types of the reference that it is not asked about on, each with the reason; `*`: all
            others.
    """

    action: str
    targets: tuple[Target, ...]
    source: str
    acts_on: Part | None
    creates: bool = False
    context: Callable[[Deployment, Resource], Iterable[ContextFacts]] = _nothing_known
    dependent_calls: tuple[DependentCall, ...] = ()
    tools: tuple[Tool, ...] | None = None
    is_global: bool = False
    unknown_keys: Mapping[str, str] = field(default_factory=dict)
    other_resources: Mapping[str, str] = field(default_factory=dict)
