"""Reads the SCPs and RCPs over an account from AWS Organizations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.organizations.answers import attached_of, organization_of, parent_of, policy_of, types_of
from iamcheck.aws.organizations.found import KINDS
from iamcheck.aws.organizations.walk import walk
from iamcheck.aws.pages import pages
from iamcheck.errors import AwsUnavailableError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.aws.clients import AwsAnswer, Deadline
    from iamcheck.aws.organizations.answers import Organization, Parent
    from iamcheck.aws.organizations.found import OrganizationPolicies
    from iamcheck.iam.model import Policy, PolicyType

__all__ = ["MAX_CONCURRENCY", "NO_ORGANIZATION", "read_live"]

MAX_CONCURRENCY: Final = 4
"""Calls at a time."""
NO_ORGANIZATION: Final = "AWSOrganizationsNotInUseException"
_NOT_ENABLED: Final = "PolicyTypeNotEnabledException"


def read_live(
    account_id: str,
    organizations_client: object,
    *,
    deadline: Deadline | None = None,
    max_concurrency: int = MAX_CONCURRENCY,
) -> OrganizationPolicies:
    """Reads the SCPs and RCPs over an account from AWS Organizations, each policy once.

    What cannot be read is no error: the layer is UNREAD, and `unread` says why and what would help. That is the rule
    for the credentials of a member account, which may ask whether there is an organization and no more.

    Organizations is of the partition: a client for any of its Regions asks the one endpoint (us-east-1,
    cn-northwest-1, us-gov-west-1). Source: https://docs.aws.amazon.com/general/latest/gr/ao.html

    Args:
        account_id: The account, which the client's credentials must be of: that there is no organization is said of
            their account.
        organizations_client: A boto3 client for Organizations.
        deadline: When the run must have ended.
        max_concurrency: How many calls run at a time.

    Raises:
        InvalidInputError: `max_concurrency` is below 1.
    """
    source = _Live(organizations_client, deadline)
    source.begin(account_id, max_concurrency)
    return walk(source, account_id, max_concurrency=max_concurrency)


class _Live:
    """AWS's answers. The first two are asked for side by side, for most accounts are in an organization."""

    is_of_account = True

    def __init__(self, client: object, deadline: Deadline | None) -> None:
        self._client, self._deadline = client, deadline
        self._organization: Organization | AwsUnavailableError | None = None
        self._first: dict[str, Parent | AwsUnavailableError] = {}

    def begin(self, account_id: str, max_concurrency: int) -> None:
        tasks: list[Callable[[], Organization | Parent | None]] = [
            self._ask_organization,
            partial(self._ask_parent, account_id),
        ]
        organization, parent = together(tasks, max_concurrency=max_concurrency)
        self._organization = organization  # type: ignore[assignment]  # each task has a type of its own
        self._first[account_id] = parent  # type: ignore[assignment]

    def organization(self) -> Organization | None:
        if isinstance(self._organization, AwsUnavailableError):
            raise self._organization
        return self._organization

    def parent(self, child_id: str) -> Parent:
        known = self._first.get(child_id)
        if isinstance(known, AwsUnavailableError):
            raise known
        return known or self._ask_parent(child_id)

    def attached(self, target_id: str, layer: PolicyType) -> tuple[str, ...]:
        try:
            pages = self._pages("ListPoliciesForTarget", "Policies", TargetId=target_id, Filter=KINDS[layer])
        except AwsUnavailableError as error:
            if error.code == _NOT_ENABLED:
                return ()
            raise
        return attached_of(pages, layer)

    def policy(self, policy_id: str, layer: PolicyType) -> Policy:
        answer = self._call("DescribePolicy", PolicyId=policy_id)
        try:
            return policy_of(answer, policy_id, layer)
        except InvalidInputError as error:
            raise AwsUnavailableError(
                f"its document is not understood: {error}", operation=answer.operation, endpoint=answer.endpoint
            ) from error

    def types(self, root_id: str) -> Mapping[str, str]:
        return types_of(self._pages("ListRoots", "Roots"), root_id)

    def _ask_organization(self) -> Organization | None:
        try:
            return organization_of(self._call("DescribeOrganization"))
        except AwsUnavailableError as error:
            if error.code == NO_ORGANIZATION:
                return None
            raise

    def _ask_parent(self, child_id: str) -> Parent:
        return parent_of(self._pages("ListParents", "Parents", ChildId=child_id))

    def _call(self, operation: str, **parameters: object) -> AwsAnswer:
        return call(self._client, f"organizations:{operation}", self._deadline, **parameters)

    def _pages(self, operation: str, lists: str, **parameters: object) -> list[AwsAnswer]:
        return list(pages(lambda token: self._call(operation, **parameters, **token), lists))
