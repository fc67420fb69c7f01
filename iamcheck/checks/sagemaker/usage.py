"""Counts the instances that the endpoints of a Region have, by type, as bounds: what AWS tells is not always exact.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.checks.sagemaker.variants import whole_number
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads

__all__ = ["InstanceUse", "used"]

_RELEASING: Final = ("Deleting", "Failed")
_VARIANTS: Final = ("ProductionVariants", "ShadowProductionVariants")
_SERVERLESS: Final = ("CurrentServerlessConfig", "DesiredServerlessConfig")


@dataclass(slots=True)
class InstanceUse:
    """Instances by type, at least and at most; `of_any_type` are those whose type is not known."""

    least: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    of_any_type: int = 0

    def of_type(self, instance_type: str) -> tuple[int, int]:
        """How many of this type there are, at least and at most."""
        return self.least[instance_type], self.most[instance_type] + self.of_any_type

    def total(self) -> tuple[int, int]:
        """How many of all types, at least and at most."""
        return sum(self.least.values()), sum(self.most.values()) + self.of_any_type

    def add(self, instance_type: str | None, least: int, most: int) -> None:
        """Counts the instances of one variant."""
        if instance_type is None:
            self.of_any_type += most
        else:
            self.least[instance_type] += least
            self.most[instance_type] += most


def used(reads: RegionReads) -> InstanceUse:
    """Counts the instances of the Region's endpoints.

    Raises:
        AwsUnavailableError: AWS could not be asked about one of them, or its answer cannot be understood.
    """
    endpoints = reads.endpoint_details()
    use = InstanceUse()
    names = {
        endpoint.text("EndpointConfigName") for endpoint in endpoints if not isinstance(endpoint, AwsUnavailableError)
    }
    config_names = sorted(names)
    configs = dict(
        zip(
            config_names,
            reads.side_by_side([partial(reads.endpoint_config, name) for name in config_names]),
            strict=True,
        )
    )
    for endpoint in endpoints:
        if isinstance(endpoint, AwsUnavailableError):
            raise endpoint
        config = configs[endpoint.text("EndpointConfigName")]
        if isinstance(config, AwsUnavailableError):
            raise config
        _count(endpoint, _types(config), use)
    return use


def _types(config: AwsAnswer | None) -> Mapping[str, str]:
    """The instance types by variant; none where the endpoint config was deleted while the endpoint lives."""
    if config is None:
        return {}
    variants = (part for member in _VARIANTS for part in config.parts(member))
    return {
        variant.text("VariantName"): variant.text("InstanceType")
        for variant in variants
        if variant.data.get("InstanceType")
    }


def _count(endpoint: AwsAnswer, types: Mapping[str, str], use: InstanceUse) -> None:
    status = endpoint.text("EndpointStatus")
    for variant in (part for member in _VARIANTS for part in endpoint.parts(member)):
        for instance_type, least, most in _instances(variant, types.get(variant.text("VariantName"))):
            use.add(instance_type, 0 if status in _RELEASING else least, most)
    pending = endpoint.part("PendingDeploymentSummary")
    for variant in () if pending is None else (part for member in _VARIANTS for part in pending.parts(member)):
        own = variant.data.get("InstanceType")
        for instance_type, _, most in _instances(variant, None if own is None else variant.text("InstanceType")):
            # an endpoint that is being created may show the same instances twice
            use.add(instance_type, 0, most)


def _instances(variant: AwsAnswer, instance_type: str | None) -> Iterator[tuple[str | None, int, int]]:
    """The instances of a variant: type, at least, at most."""
    pools = variant.parts("InstancePools")
    if pools:
        for pool in pools:
            count = whole_number(pool, "CurrentInstanceCount")
            if count is None:
                raise pool.unusable("CurrentInstanceCount is missing from the answer")
            yield pool.text("InstanceType"), count, count
        return
    if any(variant.part(member) is not None for member in _SERVERLESS):
        return
    counts = [whole_number(variant, member) for member in ("CurrentInstanceCount", "DesiredInstanceCount")]
    known = [count for count in counts if count is not None]
    if not known:
        raise variant.unusable("the instance counts of a variant are missing from the answer")
    yield instance_type, min(known), max(known)
