"""Holds what the requests for the rest of a deployment ask for, as far as permissions and context depend on it.

Inference components, scaling, alarms and model packages. Names and meaning are those of the API of each service:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateInferenceComponent.html,
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html,
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

In every request None is a member that it does not have, and `UNKNOWN` a member that is known only when the deployment
is made. `kind` says in words what the request makes. `is_separate` says that a script makes the request beside a
template or plan, and not the template's tool.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from iamcheck.deployment.features import ModelRequest, Tags
from iamcheck.deployment.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.located import WrittenRequest

__all__ = [
    "AlarmRequest",
    "InferenceComponentRequest",
    "MadeRequest",
    "ModelPackageGroupRequest",
    "ModelPackageRequest",
    "ResourceRequest",
    "ScalableTargetRequest",
    "ScalingPolicyRequest",
]


NO_TAGS: Final = Tags()


@dataclass(frozen=True, slots=True)
class InferenceComponentRequest:
    """A CreateInferenceComponent request.

    Args:
        name: Name of the inference component.
        endpoint_name: Name of the endpoint that it runs on.
        model_name: Name of the model of its specification; `UNKNOWN` too where several specifications differ in it.
        tags: Its tags.
        is_separate: See the module.
        written: The request as it is written; None: it is written nowhere.
    """

    kind: ClassVar[str] = "inference component"
    name: str | Unknown
    endpoint_name: str | Unknown = UNKNOWN
    model_name: str | Unknown | None = None
    tags: Tags | Unknown = NO_TAGS
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ScalableTargetRequest:
    """A RegisterScalableTarget request for SageMaker.

    Args:
        name: Its ResourceId, such as `endpoint/churn/variant/a` or `inference-component/churn`.
        dimension: Its ScalableDimension.
        role_arn: The role that the request passes; most requests pass none.
        tags: Its tags.
        is_separate: See the module.
        written: The request as it is written; None: it is written nowhere.
    """

    kind: ClassVar[str] = "scalable target"
    name: str | Unknown
    dimension: str | Unknown = UNKNOWN
    role_arn: str | Unknown | None = None
    tags: Tags | Unknown = NO_TAGS
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ScalingPolicyRequest:
    """A PutScalingPolicy request for SageMaker.

    Args:
        name: The ResourceId of its scalable target.
        dimension: The ScalableDimension of its scalable target.
        tracks_target: Whether it makes alarms of its own (PolicyType `TargetTrackingScaling`).
        is_separate: See the module.
        written: The request as it is written; None: it is written nowhere.
    """

    kind: ClassVar[str] = "scaling policy"
    name: str | Unknown
    dimension: str | Unknown = UNKNOWN
    tracks_target: bool | Unknown = False
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)

    @property
    def tags(self) -> Tags:
        """No tags: a scaling policy has none."""
        return NO_TAGS


@dataclass(frozen=True, slots=True)
class AlarmRequest:
    """A PutMetricAlarm request.

    Args:
        name: Name of the alarm.
        actions: Its AlarmActions; `UNKNOWN` too where it has OKActions or InsufficientDataActions besides.
        tags: Its tags.
        is_separate: See the module.
        written: The request as it is written; None: it is written nowhere.
    """

    kind: ClassVar[str] = "alarm"
    name: str | Unknown
    actions: tuple[str, ...] | Unknown = ()
    tags: Tags | Unknown = NO_TAGS
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ModelPackageGroupRequest:
    """A CreateModelPackageGroup request.

    Args:
        name: Name of the group.
        tags: Its tags.
        is_separate: See the module.
        written: The request as it is written; None: it is written nowhere.
    """

    kind: ClassVar[str] = "model package group"
    name: str | Unknown
    tags: Tags | Unknown = NO_TAGS
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ModelPackageRequest:
    """A CreateModelPackage request.

    Args:
        name: Name of the model package; of a version of a group, whose number AWS makes up, `GROUP/*`.
        approval_status: Its ModelApprovalStatus.
        stage: The Stage of its ModelLifeCycle.
        stage_status: The StageStatus of its ModelLifeCycle.
        metadata: Its CustomerMetadataProperties.
        validation_role_arn: The role of its ValidationSpecification.
        tags: Its tags.
        is_separate: See the module.
        written: The request as it is written; None: it is written nowhere.
    """

    kind: ClassVar[str] = "model package"
    name: str | Unknown
    approval_status: str | Unknown | None = None
    stage: str | Unknown | None = None
    stage_status: str | Unknown | None = None
    metadata: Mapping[str, str | Unknown] | Unknown = field(default_factory=dict)
    validation_role_arn: str | Unknown | None = None
    tags: Tags | Unknown = NO_TAGS
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)


ResourceRequest: TypeAlias = (
    InferenceComponentRequest
    | ScalableTargetRequest
    | ScalingPolicyRequest
    | AlarmRequest
    | ModelPackageGroupRequest
    | ModelPackageRequest
)
"""A request for a resource beside the endpoint, its endpoint config and its models."""

MadeRequest: TypeAlias = ModelRequest | ResourceRequest
"""A request for anything of which a deployment may make several."""
