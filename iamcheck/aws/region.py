"""Chooses the Region of a run: as given, else that of the environment or the profile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.aws.session import Access

__all__ = ["agreed", "resolve_region"]


def resolve_region(region: str | None, access: Access | None) -> str:
    """The Region: as given, else that of the environment, else that of the profile.

    Raises:
        InvalidInputError: There is none.
    """
    found = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    found = found or (access.region if access else None)
    if not found:
        raise InvalidInputError("no Region", where="--region", cure="give --region or set AWS_REGION")
    return found


def agreed(given: str | None, said: str | None, flag: str) -> str | None:
    """What is given or what the deployment's source says; None: neither.

    Raises:
        InvalidInputError: They differ: the answer would be about another place than the deployment.
    """
    if given is not None and said is not None and given != said:
        raise InvalidInputError(f"{given} is given, and the deployment is for {said}", where=flag, cure="leave it out")
    return given if given is not None else said
