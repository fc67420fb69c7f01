"""Reads all that an offline fleet needs of an account: its authorization details and the policies of its KMS keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.aws.account.details_stream import POLICIES
from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.pages import pages
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.authorization_details import LISTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.aws.clients import Deadline

__all__ = ["KeyPolicy", "details_entries", "key_policies_of_region"]

_PAGE: Final = 1000
"""Entries of a page: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html"""


class KeyPolicy(NamedTuple):
    """The policy of a key.

    Args:
        what: The key's ARN; where nobody could list the keys, `the keys of eu-west-1`.
        policy: Its policy, as text; None: it could not be read.
        why_not: Why not.
    """

    what: str
    policy: str | None
    why_not: str = ""


def details_entries(iam: object, *, deadline: Deadline | None = None) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The entries of the account's authorization details, each with the name of its list, page by page.

    Args:
        iam: A boto3 client for IAM.
        deadline: When the run must have ended.

    Raises:
        AwsUnavailableError: AWS could not be asked, or the caller may not read it.
    """
    names = (*LISTS.values(), POLICIES)
    ask = partial(call, iam, "iam:GetAccountAuthorizationDetails", deadline, MaxItems=_PAGE)
    for page in pages(lambda token: ask(**token), *names):
        for name in names:
            yield from ((name, entry.data) for entry in page.parts(name))


def key_policies_of_region(
    kms: object, region: str, *, deadline: Deadline | None = None, max_concurrency: int = 4
) -> Iterator[KeyPolicy]:
    """The policies of the KMS keys of a Region; what the caller may not read says why.

    Args:
        kms: A boto3 client for KMS in the Region.
        region: The Region.
        deadline: When the run must have ended.
        max_concurrency: How many calls run at a time.

    Raises:
        AwsUnavailableError: The keys could not be listed, for another reason than that the caller may not.
    """
    try:
        arns = _keys(kms, deadline)
    except AwsUnavailableError as error:
        if not is_access_denied(error):
            raise
        yield KeyPolicy(f"the keys of {region}", None, str(error))
        return
    tasks = [partial(call, kms, "kms:GetKeyPolicy", deadline, KeyId=arn, PolicyName="default") for arn in arns]
    for arn, answer_or_error in zip(arns, together(tasks, max_concurrency=max_concurrency), strict=True):
        if isinstance(answer_or_error, AwsUnavailableError):
            yield KeyPolicy(arn, None, str(answer_or_error))
        else:
            yield KeyPolicy(arn, answer_or_error.text("Policy"))


def _keys(kms: object, deadline: Deadline | None) -> list[str]:
    """The ARNs of the keys."""
    listed = pages(lambda token: call(kms, "kms:ListKeys", deadline, **token), "Keys")
    return [key.text("KeyArn") for page in listed for key in page.parts("Keys")]
