"""Names the scopes: what a policy can be for."""

from __future__ import annotations

from typing import Final

from iamcheck.errors import InvalidInputError

__all__ = ["SCOPES", "check_scope"]

SCOPES: Final = ("create", "update", "deploy", "lifecycle", "docs")
"""`permissions/operations/` lists which calls each of them has."""


def check_scope(scope: str) -> str:
    """Returns the scope.

    Raises:
        InvalidInputError: It is not one of `SCOPES`.
    """
    if scope not in SCOPES:
        raise InvalidInputError(f"there is no scope {scope!r}", where="scope", cure=f"one of {', '.join(SCOPES)}")
    return scope
