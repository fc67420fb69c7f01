"""Holds the SCPs and RCPs over an account, with the gaps: what could not be read.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import UNREAD, PolicyType

if TYPE_CHECKING:
    from typing import TypeAlias

    from iamcheck.iam.model import Policy, Unread

__all__ = ["KINDS", "Levels", "OrganizationGap", "OrganizationPolicies", "left_out", "not_read"]

Levels: TypeAlias = "tuple[tuple[Policy, ...], ...]"

KINDS: Final = {PolicyType.SCP: "SERVICE_CONTROL_POLICY", PolicyType.RCP: "RESOURCE_CONTROL_POLICY"}
"""What AWS Organizations calls the layers that are read here."""


@dataclass(frozen=True)
class OrganizationGap:
    """A part of what the organization says that nobody has read.

    Args:
        what: The part: `the organizational units above 123456789012`.
        why: Why it was not read.
        layers: The layers that it leaves open.
        operation: The call that would read it, as `service:Operation`.
        cure: What to grant, and where to run; empty where neither would help.
    """

    what: str
    why: str
    layers: tuple[PolicyType, ...]
    operation: str = ""
    cure: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" + (f" ({self.cure})" if self.cure else "")


@dataclass(frozen=True)
class OrganizationPolicies:
    """The SCPs and RCPs over an account.

    Args:
        account_id: The account.
        scps: Levels, the root's first and the account's own last, each with all policies that apply there; empty where
            none apply to the account, UNREAD where one of them was not read.
        rcps: Likewise.
        organization_id: The id of the organization that the account is a member of, `o-...`; None: none, or not known.
        targets: What the levels belong to, the root's id first, the account's last; empty where not known.
        unread: What was not read, and what would help.
        notes: Why there are no levels, where AWS says so.
        is_in_none: Whether AWS says that the account is in no organization.
    """

    account_id: str
    scps: Levels | Unread
    rcps: Levels | Unread
    organization_id: str | None = None
    targets: tuple[str, ...] = ()
    unread: tuple[OrganizationGap, ...] = ()
    notes: tuple[str, ...] = ()
    is_in_none: bool = False

    @property
    def path(self) -> str | None:
        """The account's place as `aws:PrincipalOrgPaths` writes it; None where it is not known.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        if self.organization_id is None or not self.targets:
            return None
        return "/".join((self.organization_id, *self.targets[:-1], ""))


def left_out(account_id: str) -> OrganizationPolicies:
    """Gives no levels, because the user leaves them out; the check that asks names that as an assumption."""
    return OrganizationPolicies(account_id, (), ())


def not_read(account_id: str, gap: OrganizationGap) -> OrganizationPolicies:
    """Neither layer, for one reason."""
    return OrganizationPolicies(account_id, UNREAD, UNREAD, unread=(gap,))
