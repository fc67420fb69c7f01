"""`quota.instances`: do the quotas of the Region leave room for the instances?

Where they do not, CreateEndpoint ends in ResourceLimitExceeded. Quotas are found by name, such as
`ml.m5.xlarge for endpoint usage` (https://docs.aws.amazon.com/general/latest/gr/sagemaker.html).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.checks.sagemaker.usage import used
from iamcheck.results import CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.aws.reads import RegionReads
    from iamcheck.checks.sagemaker.usage import InstanceUse
    from iamcheck.deployment.features import ProductionVariant

__all__ = ["INSTANCES", "InstanceDemand", "instances"]

INSTANCES: Final = "quota.instances"

_OF_ALL_TYPES: Final = re.compile(r"(?i)total endpoint instances|instances across (?:all |active )*endpoints")
"""Names of quotas over the instances of all endpoints."""
_CURE: Final = Remedy("ask for a higher quota (Service Quotas, Amazon SageMaker), free instances, or ask for fewer")


@dataclass(frozen=True, slots=True)
class InstanceDemand:
    """What a deployment asks for.

    Args:
        variants: What the endpoint will have.
        updates: Whether it replaces the fleet of an endpoint that is there. Blue/green keeps that fleet until the new
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
    """A quota beside what counts against it.

    Args:
        quota: Its name.
        value: What it allows.
        is_default: Whether that is AWS's default, because no applied value is listed.
        used: What the Region's endpoints hold, at least and at most.
        asked: What the deployment adds, at least and at most.
    """

    quota: str
    value: float
    is_default: bool
    used: tuple[int, int]
    asked: tuple[int, int]

    @property
    def status(self) -> Status:
        """Whether there is room."""
        if self.used[1] + self.asked[1] <= self.value:
            return Status.PASS
        return Status.FAIL if self.used[0] + self.asked[0] > self.value else Status.UNKNOWN

    def __str__(self) -> str:
        default = " (AWS's default, for no applied value is listed)" if self.is_default else ""
        return f"{self.quota}: {self.value:g}{default}, {_span(self.used)} in use, {_span(self.asked)} asked for"


def _span(bounds: tuple[int, int]) -> str:
    return str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]} to {bounds[1]}"


def instances(asked: InstanceDemand, reads: RegionReads) -> CheckResult:
    """The result of `quota.instances`.

    Args:
        asked: What the deployment asks for.
        reads: What is read.

    Raises:
        AwsUnavailableError: AWS could not be asked.
    """
    wanted = [one for one in asked.variants if one.is_serverless is not True]
    if not wanted:
        return CheckResult(INSTANCES, Status.SKIPPED, "the variants are serverless: they ask for no instances")
    if not all(_is_known(one) for one in wanted):
        summary = "how many instances of which type the variants ask for is not wholly known"
        return CheckResult(INSTANCES, Status.UNKNOWN, summary)
    asks: Counter[str] = Counter()
    for one in wanted:
        asks[str(one.instance_type)] += int(str(one.initial_instance_count))
    # both at once; each is then there when it is read below
    at_once: Sequence[Callable[[], object]] = (reads.quotas, partial(used, reads))
    reads.side_by_side(at_once)
    return _judged(*_rooms(asks, used(reads), reads, by_batch=asked.updates and asked.rolls is not False))


def _is_known(one: ProductionVariant) -> bool:
    return (
        one.is_serverless is False
        and isinstance(one.instance_type, str)
        and isinstance(one.initial_instance_count, int)
        and not one.has_instance_pools
    )


def _rooms(
    asks: Counter[str], use: InstanceUse, reads: RegionReads, *, by_batch: bool
) -> tuple[list[_Room], list[str]]:
    """A room for each quota that counts, and the names of those that AWS does not list."""
    applied = reads.quotas()
    names = {instance_type: f"{instance_type} for endpoint usage" for instance_type in sorted(asks)}
    default = {} if applied.keys() >= set(names.values()) else reads.quotas(default=True)
    values = {**default, **applied}

    def room(name: str, held: tuple[int, int], asked: int) -> _Room:
        # a rolling update adds at least one instance, and at most the whole fleet
        return _Room(name, values[name], name not in applied, held, (min(1, asked) if by_batch else asked, asked))

    rooms = [room(name, use.of_type(one), asks[one]) for one, name in names.items() if name in values]
    rooms += [room(name, use.total(), sum(asks.values())) for name in sorted(filter(_OF_ALL_TYPES.search, values))]
    return rooms, [name for name in names.values() if name not in values]


def _judged(rooms: Sequence[_Room], missing: Sequence[str]) -> CheckResult:
    evidence = tuple(Evidence(note=str(one)) for one in rooms)
    full = [one for one in rooms if one.status is Status.FAIL]
    if full:
        return CheckResult(INSTANCES, Status.FAIL, f"no room: {_listed(full)}", evidence, remedy=_CURE)
    if missing:
        summary = f"AWS lists no quota named {' or '.join(missing)}"
        return CheckResult(INSTANCES, Status.UNKNOWN, summary, evidence)
    tight = [one for one in rooms if one.status is Status.UNKNOWN]
    if tight:
        summary = f"whether there is room is not certain: {_listed(tight)}"
        return CheckResult(INSTANCES, Status.UNKNOWN, summary, evidence, remedy=_CURE)
    return CheckResult(INSTANCES, Status.PASS, f"there is room: {_listed(rooms)}", evidence)


def _listed(rooms: Sequence[_Room]) -> str:
    return "; ".join(map(str, rooms))
