"""Which Region is meant, where nobody says so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.access import Access

__all__ = ["resolve_region"]


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
