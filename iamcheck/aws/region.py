"""Chooses the Region of a run: as given, else that of the environment or the profile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.session import Access

__all__ = ["REGION_VARIABLES", "agreed", "regions_to_ask", "resolve_region"]

REGION_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""Variables of the environment that say the Region, the first before the second."""


def resolve_region(region: str | None, access: Access | None) -> str:
    """The Region: as given, else that of the environment, else that of the profile.

    Raises:
        InvalidInputError: There is none.
    """
    code = region or next((code for name in REGION_VARIABLES if (code := os.environ.get(name))), None)
    code = code or (access.region if access else None)
    if not code:
        raise InvalidInputError("no Region", where="--region", cure="give --region or set AWS_REGION")
    return code


def agreed(by_user: str | None, by_source: str | None, flag: str) -> str | None:
    """What is given or what the deployment's source says; None: neither.

    Raises:
        InvalidInputError: They differ: the answer would be about another place than the deployment.
    """
    if by_user is not None and by_source is not None and by_user != by_source:
        raise InvalidInputError(
            f"{by_user} is given, and the deployment is for {by_source}", where=flag, cure="leave it out"
        )
    return by_user if by_user is not None else by_source


def regions_to_ask(regions: Sequence[str], access: Access, *, all_regions: bool = False) -> tuple[str, ...]:
    """The Regions of a command that asks about several.

    Args:
        regions: Region codes; none: that of the environment or the profile.
        access: The way to AWS.
        all_regions: Every Region of the partition of the environment's or the profile's, else of `aws`.

    Raises:
        InvalidInputError: No Region is known, or there is none of that code.
    """
    from iamcheck.iam import catalogue

    if all_regions:
        home = access.region
        partition = catalogue.region(home).partition if home else "aws"
        return tuple(region.name for region in catalogue.regions(partition))
    return tuple(dict.fromkeys(regions)) or (resolve_region(None, access),)
