"""Finds the files in a folder of `iamcheck account export`: the authorization details, and the policies of KMS keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import local_path, read_policy
from iamcheck.iam.model import Arn, PolicyType

if TYPE_CHECKING:
    from iamcheck.iam.model import Policy

__all__ = ["DETAILS", "KEY_POLICIES", "details_file", "exported_key_policy", "key_policy_name"]

DETAILS: Final = "authorization-details.json"
KEY_POLICIES: Final = "key-policies"


def details_file(path: str | Path) -> str:
    """The file with the authorization details: what is named, or the one in the folder that is named.

    Raises:
        InvalidInputError: The folder has none.
    """
    name = local_path(str(path))
    if name == "-" or not Path(name).is_dir():
        return str(path)
    file = Path(name) / DETAILS
    if not file.is_file():
        raise InvalidInputError(
            f"it is a directory without {DETAILS}",
            where=name,
            cure="give a folder of iamcheck account export, or what `aws iam get-account-authorization-details` prints",
        )
    return str(file)


def key_policy_name(region: str, arn: str) -> str:
    """The file of a key's policy, in the folder of an export."""
    return f"{KEY_POLICIES}/{region}.{arn.rpartition('/')[2]}.json"


def exported_key_policy(path: str | Path, arn: str) -> Policy | None:
    """The policy of a KMS key of the account whose details a folder has; None where the folder does not have it.

    Args:
        path: The folder, or a file of authorization details, which has no keys.
        arn: The ARN of the key.

    Raises:
        InvalidInputError: The file of the key holds no policy that is understood.
    """
    name = local_path(str(path))
    file = Path(name) / key_policy_name(Arn.parse(arn).region, arn)
    if name == "-" or not file.is_file():
        return None
    return read_policy(file, layer=PolicyType.RESOURCE, stored=False)
