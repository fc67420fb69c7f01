"""What the requests of a deployment ask for, as far as permissions and their context depend on it.

Names and meaning: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from __future__ import annotations

import re
from typing import Final

from iamcheck import catalogue
from iamcheck._dataclass import dataclass
from iamcheck.errors import InvalidInputError

__all__ = ["ConfigRequest", "EndpointRequest", "Tag", "Variant", "Vpc"]

_ARN: Final = "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:"
_KEY: Final = re.compile(f"[a-zA-Z0-9-]+|{_ARN}key/[a-zA-Z0-9-]+|(?:{_ARN})?alias/[a-zA-Z0-9/_-]+")
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id, in the characters of SageMaker's API."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that a request puts on what it creates."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class EndpointRequest:
    """A CreateEndpoint request beside its names.

    Args:
        tags: The endpoint's tags; none: the request has none.
        alarm_names: The CloudWatch alarms of its automatic rollback.
        is_rolling: Whether an update is rolling (RollingUpdatePolicy), and not blue/green.
    """

    tags: tuple[Tag, ...] = ()
    alarm_names: tuple[str, ...] = ()
    is_rolling: bool = False


@dataclass(frozen=True, slots=True)
class Vpc:
    """The network of an endpoint config."""

    security_group_ids: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One production variant or shadow variant; None is a member that the request does not have.

    Args:
        model_name: Name of the model.
        instance_type: Such as `ml.m5.large`.
        accelerator_type: Such as `ml.eia2.medium`.
        is_serverless: Whether it has a ServerlessConfig.
        memory_mb: Memory of a serverless variant, in MB.
        max_concurrency: Concurrent invocations of a serverless variant.
        has_instance_pools: Whether it names further instance types, and perhaps models, in InstancePools.
        initial_instance_count: How many instances it starts with.
    """

    model_name: str | None = None
    instance_type: str | None = None
    accelerator_type: str | None = None
    is_serverless: bool = False
    memory_mb: int | None = None
    max_concurrency: int | None = None
    has_instance_pools: bool = False
    initial_instance_count: int | None = None


@dataclass(frozen=True, slots=True)
class ConfigRequest:
    """A CreateEndpointConfig request beside its name; None is a member that the request does not have.

    Args:
        variants: Production variants and shadow variants.
        tags: The endpoint config's tags; none: the request has none.
        kms_key_id: Key of the instances' volumes: a key id, the ARN of a key, an alias or the ARN of an alias.
        execution_role_arn: Role that SageMaker becomes.
        vpc: The network.
        network_isolation: `EnableNetworkIsolation`.

    Raises:
        InvalidInputError: A key or role that AWS would not take; `where` is the member's name in the request.
    """

    variants: tuple[Variant, ...] = ()
    tags: tuple[Tag, ...] = ()
    kms_key_id: str | None = None
    execution_role_arn: str | None = None
    vpc: Vpc | None = None
    network_isolation: bool | None = None

    def __post_init__(self) -> None:
        if self.execution_role_arn is not None:
            catalogue.validate_name(catalogue.NameKind.ROLE_ARN, self.execution_role_arn, "ExecutionRoleArn")
        if self.kms_key_id is not None:
            _require_key(self.kms_key_id, "KmsKeyId")


def _require_key(key: str, where: str) -> None:
    if _KEY.fullmatch(key) is None:
        raise InvalidInputError(
            f"{key!r} names no KMS key",
            where=where,
            cure="give a key id, the ARN of a key, alias/NAME or the ARN of an alias",
        )
