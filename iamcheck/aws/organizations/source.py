"""Reads the SCPs and RCPs that the value of `--organizations` stands for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from iamcheck.aws.organizations.found import OrganizationGap, left_out, not_read
from iamcheck.aws.organizations.from_aws import read_live
from iamcheck.aws.organizations.from_folder import read_folder
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.catalogue.organization_actions import ORGANIZATION_ACTIONS
from iamcheck.iam.model import PolicyType

if TYPE_CHECKING:
    from iamcheck.aws.organizations.found import OrganizationPolicies
    from iamcheck.aws.session import Access

__all__ = ["organizations_of"]

_FLAG = "--organizations"
_CURE = "aws, ignore, or a folder as docs/organizations.md describes it"


def organizations_of(word: str | None, account_id: str, access: Access | None) -> OrganizationPolicies | None:
    """The SCPs and RCPs that `--organizations` stands for.

    Args:
        word: `aws` (read them live), `ignore` (leave them out, and say so) or a folder; None: the flag was not given.
            A folder that is called like one of the words is written `./aws`.
        account_id: The account, which the credentials are of.
        access: The way to AWS; None: there is none.

    Returns:
        What was found; None where the flag was not given.

    Raises:
        InvalidInputError: It is none of these, the folder is bad, or `aws` without a way to AWS.
    """
    if word is None:
        return None
    if word == "ignore":
        return left_out(account_id)
    if word == "aws":
        return _live(account_id, access)
    if not Path(word).is_dir():
        raise InvalidInputError("there is no such folder", where=f"{_FLAG} {word}", cure=_CURE)
    return read_folder(word, account_id)


def _live(account_id: str, access: Access | None) -> OrganizationPolicies:
    if access is None:
        raise InvalidInputError("it needs AWS", where=f"{_FLAG} aws", cure="offline, give ignore or a folder")
    try:
        client = access.client("organizations", access.region)
    except AwsUnavailableError as error:
        layers = (PolicyType.SCP, PolicyType.RCP)
        gap = OrganizationGap("the organization of the account", str(error), layers, ORGANIZATION_ACTIONS[0])
        return not_read(account_id, gap)
    return read_live(account_id, client, deadline=access.deadline, max_concurrency=access.max_concurrency)
