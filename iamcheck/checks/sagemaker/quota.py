"""Checks that the quotas of the Region leave room for the instances: `quota.instances`.

Where they do not, CreateEndpoint ends in ResourceLimitExceeded. A quota is looked up by its name, such as
`ml.m5.xlarge for endpoint usage` (https://docs.aws.amazon.com/general/latest/gr/sagemaker.html).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.checks.sagemaker.usage import used
from iamcheck.results import CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.aws.reads import RegionReads
    from iamcheck.checks.sagemaker.usage import InstanceUse
    from iamcheck.deployment.features import ProductionVariant

__all__ = ["InstanceDemand", "instances"]

_ID: Final = CheckId.QUOTA_INSTANCES
_OF_ALL_TYPES: Final = re.compile(r"(?i)total endpoint instances|instances across (?:all |active )*endpoints")
"""Names of quotas over the instances of all endpoints."""
_CURE: Final = Remedy(
    "request a higher quota (Service Quotas, Amazon SageMaker), delete endpoints, or deploy fewer instances"
)


@dataclass(frozen=True, slots=True)
class InstanceDemand:
    """The instances that a deployment needs.

    Args:
        variants: The variants of the endpoint.
        updates: Whether it replaces the fleet of an endpoint that exists. Blue/green keeps that fleet until the new
            one serves, so that both count
            (https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html).
        rolls: Whether the update is rolling: a batch at a time, so that fewer than the whole fleet are added; None:
            not known.
    """

    variants: Sequence[ProductionVariant]
    updates: bool = False
    rolls: bool | None = False


@dataclass(frozen=True, slots=True)
class _Room:
    """A quota and what counts against it.

    Args:
        quota: The name of the quota.
        value: How many instances it allows.
        is_default: Whether the value is AWS's default, because no applied value is listed.
        used: How many instances the Region's endpoints have, at least and at most.
        added: How many instances the deployment adds, at least and at most.
    """

    quota: str
    value: float
    is_default: bool
    used: tuple[int, int]
    added: tuple[int, int]

    @property
    def status(self) -> Status:
        """Whether there is room."""
        if self.used[1] + self.added[1] <= self.value:
            return Status.PASS
        return Status.FAIL if self.used[0] + self.added[0] > self.value else Status.UNKNOWN

    def __str__(self) -> str:
        default = " (AWS's default: no applied value is listed)" if self.is_default else ""
        return f"{self.quota}: {self.value:g}{default}, {_span(self.used)} in use, {_span(self.added)} more needed"


def _span(bounds: tuple[int, int]) -> str:
    return str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]} to {bounds[1]}"


def instances(demand: InstanceDemand, reads: RegionReads) -> CheckResult:
    """Compares the instances with the quotas.

    Args:
        demand: The instances that the deployment needs.
        reads: What the check reads of the Region.

    Raises:
        AwsUnavailableError: AWS could not be asked.
    """
    variants = [variant for variant in demand.variants if variant.is_serverless is not True]
    if not variants:
        return CheckResult(_ID, Status.SKIPPED, "the variants are serverless: they have no instances")
    if not all(_is_known(variant) for variant in variants):
        summary = "how many instances of which type the variants have is known only in part"
        return CheckResult(_ID, Status.UNKNOWN, summary)
    needed: Counter[str] = Counter()
    for variant in variants:
        needed[str(variant.instance_type)] += int(str(variant.initial_instance_count))
    # both are read side by side here, and taken from memory below
    at_once: Sequence[Callable[[], object]] = (reads.quotas, partial(used, reads))
    reads.side_by_side(at_once)
    return _judged(*_rooms(needed, used(reads), reads, by_batch=demand.updates and demand.rolls is not False))


def _is_known(variant: ProductionVariant) -> bool:
    return (
        variant.is_serverless is False
        and isinstance(variant.instance_type, str)
        and isinstance(variant.initial_instance_count, int)
        and not variant.has_instance_pools
    )


def _rooms(
    needed: Counter[str], use: InstanceUse, reads: RegionReads, *, by_batch: bool
) -> tuple[list[_Room], list[str]]:
    """Each quota that counts with what counts against it, and the names of quotas that AWS does not list."""
    applied = reads.quotas()
    names = {instance_type: f"{instance_type} for endpoint usage" for instance_type in sorted(needed)}
    default = {} if applied.keys() >= set(names.values()) else reads.quotas(default=True)
    values = {**default, **applied}

    def room(name: str, in_use: tuple[int, int], added: int) -> _Room:
        # a rolling update adds at least one instance, and at most the whole fleet
        return _Room(name, values[name], name not in applied, in_use, (min(1, added) if by_batch else added, added))

    rooms = [
        room(name, use.of_type(instance_type), needed[instance_type])
        for instance_type, name in names.items()
        if name in values
    ]
    rooms += [room(name, use.total(), sum(needed.values())) for name in sorted(filter(_OF_ALL_TYPES.search, values))]
    return rooms, [name for name in names.values() if name not in values]


def _judged(rooms: Sequence[_Room], missing: Sequence[str]) -> CheckResult:
    evidence = tuple(Evidence(note=str(quota)) for quota in rooms)
    full = [quota for quota in rooms if quota.status is Status.FAIL]
    if full:
        return CheckResult(_ID, Status.FAIL, f"the quotas leave no room: {_listed(full)}", evidence, remedy=_CURE)
    if missing:
        summary = f"AWS lists no quota named {' or '.join(missing)}"
        return CheckResult(_ID, Status.UNKNOWN, summary, evidence)
    tight = [quota for quota in rooms if quota.status is Status.UNKNOWN]
    if tight:
        summary = f"whether the quota leaves room is not certain: {_listed(tight)}"
        return CheckResult(_ID, Status.UNKNOWN, summary, evidence, remedy=_CURE)
    return CheckResult(_ID, Status.PASS, f"the quotas leave room: {_listed(rooms)}", evidence)


def _listed(rooms: Sequence[_Room]) -> str:
    return "; ".join(map(str, rooms))
