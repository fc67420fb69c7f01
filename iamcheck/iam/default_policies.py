"""Knows the policies that AWS attaches by itself in an organization, and finds the policy files of a folder.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_NAMES", "default_policy", "policy_files"]

DEFAULT_NAMES: Final[Mapping[PolicyType, str]] = {
    PolicyType.SCP: "FullAWSAccess",
    PolicyType.RCP: "RCPFullAWSAccess",
}
"""The names of AWS's own policies, by their layer."""

_ALLOW: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_STATEMENTS: Final = {PolicyType.SCP: _ALLOW, PolicyType.RCP: {**_ALLOW, "Principal": "*"}}
_SUFFIXES: Final = (".json", ".yaml", ".yml")


def default_policy(name: str, layer: PolicyType) -> Policy | None:
    """AWS's own policy of a name; None where the name is none of this layer."""
    if DEFAULT_NAMES.get(layer) != name:
        return None
    return Policy.parse({"Version": "2012-10-17", "Statement": [_STATEMENTS[layer]]}, name=name)


def policy_files(path: str, *, where: str) -> list[str]:
    """The file, or the policy files of a folder, sorted.

    Args:
        path: The file or folder.
        where: What an error calls it.

    Raises:
        InvalidInputError: The folder has no policy file.
    """
    from pathlib import Path  # most policies are not in folders

    folder = Path(path)
    if not os.path.isdir(path):  # noqa: PTH112  False for what is too long for a name
        return [path]
    files = sorted(str(file) for file in folder.iterdir() if file.suffix in _SUFFIXES)
    if not files:
        raise InvalidInputError(
            "the folder holds no .json, .yaml or .yml file", where=where, cure="name the policy files"
        )
    return files
