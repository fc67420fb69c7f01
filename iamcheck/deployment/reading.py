"""Turns written requests into what permissions and their context depend on.

Nothing is refused here: what AWS would refuse is for the check `request.valid` to say, and is as unknown as what is
known only when the deployment is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.features import (
    ConfigRequest,
    EndpointRequest,
    ModelRequest,
    ProductionVariant,
    Tag,
    Tags,
    Vpc,
    is_key,
)
from iamcheck.deployment.located import UNKNOWN, Unknown
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import NameKind, validate_name

if TYPE_CHECKING:
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = [
    "config_request_of",
    "endpoint_request_of",
    "is_role",
    "model_request_of",
    "read_tags",
    "text_of",
]


def endpoint_request_of(request: WrittenRequest) -> EndpointRequest:
    """Reads what a CreateEndpoint request has beside its names."""
    alarms = _get(request.root, "DeploymentConfig", "AutoRollbackConfiguration", "Alarms")
    rolling = _get(request.root, "DeploymentConfig", "RollingUpdatePolicy")
    return EndpointRequest(
        read_tags(request.root.get("Tags"), request.open_tags),
        alarm_names=() if alarms is None else _all_texts([alarm.get("AlarmName") for alarm in alarms.items()], alarms),
        is_rolling=UNKNOWN if _unknown(rolling) else rolling is not None,
    )


def _all_texts(members: list[Member | None], of: Member) -> tuple[str, ...] | Unknown:
    texts = [member.value for member in members if member is not None and isinstance(member.value, str)]
    complete = isinstance(of.value, tuple) and len(texts) == len(of.value)
    return tuple(texts) if complete else UNKNOWN


def config_request_of(request: WrittenRequest) -> ConfigRequest:
    """Reads what a CreateEndpointConfig request has beside its name."""
    root = request.root
    lists = [root.get("ProductionVariants"), root.get("ShadowProductionVariants")]
    key = text_of(root.get("KmsKeyId"))
    return ConfigRequest(
        variants=UNKNOWN
        if any(one is not None and not isinstance(one.value, tuple) for one in lists)
        else tuple(_variant(variant) for one in lists if one is not None for variant in one.items()),
        tags=read_tags(root.get("Tags"), request.open_tags),
        kms_key_id=UNKNOWN if isinstance(key, str) and not is_key(key) else key,
        execution_role_arn=_role(root),
        vpc=_vpc(root),
        network_isolation=_boolean(root.get("EnableNetworkIsolation")),
    )


def model_request_of(request: WrittenRequest, name: str | Unknown, *, is_separate: bool = False) -> ModelRequest:
    """Reads what a CreateModel request has.

    Args:
        request: The request.
        name: The model's name, as it was settled.
        is_separate: As for `ModelRequest`.
    """
    root = request.root
    return ModelRequest(
        name,
        tags=read_tags(root.get("Tags"), request.open_tags),
        execution_role_arn=_role(root),
        vpc=_vpc(root),
        network_isolation=_boolean(root.get("EnableNetworkIsolation")),
        is_separate=is_separate,
        written=request,
    )


def _role(root: Member) -> str | Unknown | None:
    role = text_of(root.get("ExecutionRoleArn"))
    return UNKNOWN if isinstance(role, str) and not is_role(role) else role


def _vpc(root: Member) -> Vpc | None:
    vpc = root.get("VpcConfig")
    return None if vpc is None else Vpc(_texts(vpc, "SecurityGroupIds"), _texts(vpc, "Subnets"))


def is_role(arn: str) -> bool:
    """Whether AWS would take it for the ARN of an execution role."""
    try:
        validate_name(NameKind.ROLE_ARN, arn)
    except InvalidInputError:
        return False
    return True


def _variant(member: Member) -> ProductionVariant:
    if _unknown(member):
        return ProductionVariant(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, True, UNKNOWN)
    serverless = member.get("ServerlessConfig")
    pools = member.get("InstancePools")
    return ProductionVariant(
        model_name=text_of(member.get("ModelName")),
        instance_type=text_of(member.get("InstanceType")),
        accelerator_type=text_of(member.get("AcceleratorType")),
        is_serverless=UNKNOWN if _unknown(serverless) else serverless is not None,
        memory_mb=_number_in(serverless, "MemorySizeInMB"),
        max_concurrency=_number_in(serverless, "MaxConcurrency"),
        has_instance_pools=pools is not None and pools.value != (),
        initial_instance_count=_number(member.get("InitialInstanceCount")),
    )


def _number_in(member: Member | None, name: str) -> int | Unknown | None:
    if member is None:
        return None
    return UNKNOWN if _unknown(member) else _number(member.get(name))


def _unknown(member: Member | None) -> bool:
    return member is not None and member.value is UNKNOWN


def read_tags(member: Member | None, open_prefix: str | None) -> Tags | Unknown:
    """The tags of a request.

    Args:
        member: The member that has them; None: the request has none.
        open_prefix: Which keys may come besides (see `Tags`).
    """
    if member is None:
        return Tags((), open_prefix)
    if not isinstance(member.value, tuple) or (member.value and all(tag.may_be_absent for tag in member.value)):
        return UNKNOWN
    return Tags(tuple(Tag(_known(tag.get("Key")), _known(tag.get("Value"))) for tag in member.value), open_prefix)


def _known(member: Member | None) -> str | Unknown:
    text = text_of(member)
    return UNKNOWN if text is None else text


def _get(member: Member, *names: str) -> Member | None:
    inner: Member | None = member
    for name in names:
        if inner is None or _unknown(inner):
            return inner
        inner = inner.get(name)
    return inner


def text_of(member: Member | None) -> str | Unknown | None:
    """The text of a member; None where there is no member, `UNKNOWN` where its value is no text that is known."""
    if member is None:
        return None
    return member.value if isinstance(member.value, str) else UNKNOWN


def _number(member: Member | None) -> int | Unknown | None:
    if member is None:
        return None
    plain = isinstance(member.value, int) and not isinstance(member.value, bool)
    return member.value if plain else UNKNOWN  # type: ignore[return-value]  # told by the line above


def _boolean(member: Member | None) -> bool | Unknown | None:
    if member is None:
        return None
    return member.value if isinstance(member.value, bool) else UNKNOWN


def _texts(member: Member, name: str) -> tuple[str, ...] | Unknown:
    listed = _get(member, name)
    if listed is None:
        return () if not _unknown(member) else UNKNOWN
    return _all_texts(list(listed.items()), listed)
