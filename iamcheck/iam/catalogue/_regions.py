"""Looks up partitions and Regions, as botocore has them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.nearest import did_you_mean
from iamcheck.iam.packaged import read


class Region(NamedTuple):
    """A Region.

    Attributes:
        name: `eu-west-1`.
        partition: `aws`.
        description: `Europe (Ireland)`.
        enabled_by_default: Whether accounts have it without opting in ("Enable or disable AWS Regions in your
            account", AWS Account Management reference); None outside partition `aws`, where that is not established.
    """

    name: str
    partition: str
    description: str
    enabled_by_default: bool | None


class Partition(NamedTuple):
    """A partition.

    Attributes:
        name: `aws`, as in the second part of an ARN.
        dns_suffix: `amazonaws.com`.
        region_pattern: The regular expression that names of its Regions match.
        regions: Names of its Regions, sorted.
    """

    name: str
    dns_suffix: str
    region_pattern: str
    regions: tuple[str, ...]


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, Partition], dict[str, Region]]:
    document = read("partitions.json")
    partitions: dict[str, Partition] = {}
    known_regions: dict[str, Region] = {}
    for name, about in document["partitions"].items():
        partitions[name] = Partition(name, about["dnsSuffix"], about["regionRegex"], tuple(about["regions"]))
        for code, facts in about["regions"].items():
            default = code in document["enabledByDefault"] if name == "aws" else None
            known_regions[code] = Region(code, name, facts["description"], default)
    return partitions, known_regions


def region(name: str, *, where: str = "") -> Region:
    """Returns a Region by its name.

    Raises:
        InvalidInputError: The data has no such Region, even where the name has the form of one: botocore builds
            clients for Regions that do not exist, and what they answer says nothing.
    """
    partitions, known = _table()
    if name in known:
        return known[name]
    cures = [did_you_mean(name, known, most=3)]
    if any(re.fullmatch(known_partition.region_pattern, name) for known_partition in partitions.values()):
        cures.append("if AWS opened it lately, a newer iamcheck is needed")
    cure = " ".join(filter(None, cures)) or "a Region is written like eu-west-1"
    raise InvalidInputError(f"{name[:80]!r} is not an AWS Region", where=where, cure=cure)


def regions(partition: str | None = None) -> tuple[Region, ...]:
    """Returns all Regions, or those of one partition, sorted by name; InvalidInputError for an unknown partition."""
    known = _table()[1]
    names = sorted(known) if partition is None else _partition(partition).regions
    return tuple(known[name] for name in names)


def partition(name: str) -> Partition:
    """Returns a partition by its name; InvalidInputError where the data does not have it."""
    return _partition(name)


def _partition(name: str) -> Partition:
    partitions = _table()[0]
    try:
        return partitions[name]
    except KeyError:
        raise InvalidInputError(
            f"{name[:80]!r} is not an AWS partition", cure=f"known are {', '.join(partitions)}"
        ) from None
