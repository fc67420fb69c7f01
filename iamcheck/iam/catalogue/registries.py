"""Tells which accounts AWS's own image registries are in: of its deep learning containers and built-in algorithms."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from iamcheck.iam.packaged import read

__all__ = ["is_aws_registry", "registries_source"]


def is_aws_registry(account_id: str, region: str) -> bool:
    """Whether AWS has images for SageMaker in the ECR registry of an account in a Region.

    Args:
        account_id: The 12 digits of the account.
        region: Region code.
    """
    return account_id in _document()["registries"].get(region, ())


def registries_source() -> str:
    """The source of the accounts: package, version, date."""
    document = _document()
    return f"{document['source']} {document['sourceVersion']} of {document['date']}"


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    return read("registries.json")
