"""Holds what the requests of a deployment ask for, as far as permissions and their context depend on it.

Names and meaning: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

from iamcheck.deployment.unknown import UNKNOWN, Unknown
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["ConfigRequest", "EndpointRequest", "ModelRequest", "ProductionVariant", "Tag", "Tags", "Vpc", "is_key"]

_ARN: Final = "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:"
_KEY: Final = f"[a-zA-Z0-9-]+|{_ARN}key/[a-zA-Z0-9-]+|(?:{_ARN})?alias/[a-zA-Z0-9/_-]+"
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id, in the characters of SageMaker's API."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that a request puts on what it creates; either may be known only when the deployment is made."""

    key: str | Unknown
    value: str | Unknown


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that a request puts on what it creates.

    Args:
        known: The tags that it has for certain.
        open_prefix: Which keys may come besides, as the tags of a CloudFormation stack do: None: no others; empty: any;
            else those that begin so, such as `aws:cloudformation:`.
    """

    known: tuple[Tag, ...] = ()
    open_prefix: str | None = None

    @property
    def complete(self) -> bool:
        """Whether no other tag may come besides those that are known."""
        return self.open_prefix is None


@dataclass(frozen=True, slots=True)
class EndpointRequest:
    """A CreateEndpoint request beside its names.

    Args:
        tags: The endpoint's tags.
        alarm_names: The CloudWatch alarms of its automatic rollback.
        is_rolling: Whether an update is rolling (RollingUpdatePolicy), and not blue/green.
    """

    tags: Tags | Unknown = Tags()
    alarm_names: tuple[str, ...] | Unknown = ()
    is_rolling: bool | Unknown = False


@dataclass(frozen=True, slots=True)
class Vpc:
    """The network of an endpoint config or a model."""

    security_group_ids: tuple[str, ...] | Unknown = ()
    subnets: tuple[str, ...] | Unknown = ()


@dataclass(frozen=True, slots=True)
class ProductionVariant:
    """One production variant or shadow variant.

    None is a member that the request does not have, `UNKNOWN` one that is known only when the deployment is made.

    Args:
        model_name: Name of the model.
        instance_type: Such as `ml.m5.large`.
        accelerator_type: Such as `ml.eia2.medium`.
        is_serverless: Whether it has a ServerlessConfig.
        memory_mb: Memory of a serverless variant, in MB.
        max_concurrency: Concurrent invocations of a serverless variant.
        has_instance_pools: Whether it names further instance types, and perhaps models, in InstancePools, or may.
        initial_instance_count: How many instances it starts with.
    """

    model_name: str | Unknown | None = None
    instance_type: str | Unknown | None = None
    accelerator_type: str | Unknown | None = None
    is_serverless: bool | Unknown = False
    memory_mb: int | Unknown | None = None
    max_concurrency: int | Unknown | None = None
    has_instance_pools: bool = False
    initial_instance_count: int | Unknown | None = None


@dataclass(frozen=True, slots=True)
class ConfigRequest:
    """A CreateEndpointConfig request beside its name.

    None is a member that the request does not have, `UNKNOWN` one that is known only when the deployment is made.

    Args:
        variants: Production variants and shadow variants.
        tags: The endpoint config's tags.
        kms_key_id: Key of the instances' volumes: a key id, the ARN of a key, an alias or the ARN of an alias.
        execution_role_arn: Role that SageMaker becomes.
        vpc: The network.
        network_isolation: `EnableNetworkIsolation`.

    Raises:
        InvalidInputError: A key or role that AWS would not take; `where` is the member's name in the request.
    """

    variants: tuple[ProductionVariant, ...] | Unknown = ()
    tags: Tags | Unknown = Tags()
    kms_key_id: str | Unknown | None = None
    execution_role_arn: str | Unknown | None = None
    vpc: Vpc | None = None
    network_isolation: bool | Unknown | None = None

    def __post_init__(self) -> None:
        if isinstance(self.execution_role_arn, str):
            catalogue.validate_name(catalogue.NameKind.ROLE_ARN, self.execution_role_arn, "ExecutionRoleArn")
        if isinstance(self.kms_key_id, str) and not is_key(self.kms_key_id):
            raise InvalidInputError(
                f"{self.kms_key_id!r} names no KMS key",
                where="KmsKeyId",
                cure="give a key id, the ARN of a key, alias/NAME or the ARN of an alias",
            )

    @property
    def known_variants(self) -> tuple[ProductionVariant, ...]:
        """The variants; none where they are known only when the deployment is made."""
        return () if self.variants is UNKNOWN else self.variants


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A CreateModel request, as far as permissions depend on it.

    None is a member that the request does not have, `UNKNOWN` one that is known only when the deployment is made.

    Args:
        name: Name of the model.
        tags: The model's tags.
        execution_role_arn: Role that SageMaker becomes.
        vpc: The network.
        network_isolation: `EnableNetworkIsolation`.
        is_separate: Whether a script makes the request beside a template or plan, and not the template's tool.
        written: The request as it is written; None: it is written nowhere.

    Raises:
        InvalidInputError: A role that AWS would not take.
    """

    kind: ClassVar[str] = "model"
    name: str | Unknown
    tags: Tags | Unknown = Tags()
    execution_role_arn: str | Unknown | None = None
    vpc: Vpc | None = None
    network_isolation: bool | Unknown | None = None
    is_separate: bool = False
    written: WrittenRequest | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.execution_role_arn, str):
            catalogue.validate_name(catalogue.NameKind.ROLE_ARN, self.execution_role_arn, "ExecutionRoleArn")


def is_key(key: str) -> bool:
    """Whether it names a KMS key: a key id, the ARN of a key, an alias or the ARN of an alias."""
    return re.fullmatch(_KEY, key) is not None
