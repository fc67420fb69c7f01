"""Reads AWS's managed policy for SageMaker, option 1 of the documentation of CreateEndpoint."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from iamcheck.iam.packaged import read

__all__ = ["ManagedPolicy", "full_access_policy"]


class ManagedPolicy(NamedTuple):
    """A managed policy as it was at one version.

    Attributes:
        name: `AmazonSageMakerFullAccess`.
        version: AWS's version id, `v29`.
        document: The policy document.
        source: Where it comes from: package, version, licence.
    """

    name: str
    version: str
    document: dict[str, Any]
    source: str


@lru_cache(maxsize=1)
def full_access_policy() -> ManagedPolicy:
    """Returns `AmazonSageMakerFullAccess` as packaged; which version is in force now only AWS can say."""
    document = read("sagemaker_full_access.json")
    source = f"{document['source']} {document['sourceVersion']} ({document['licence']})"
    return ManagedPolicy(document["name"], document["version"], document["document"], source)
