"""Where the organization's policies of a check come from, and what the report says of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.model import Unread
from iamcheck.results import Evidence

if TYPE_CHECKING:
    from iamcheck.aws.organizations import OrganizationPolicies
    from iamcheck.aws.session import Access

__all__ = ["evidence_of", "organization_of"]


def organization_of(account_id: str, word: str | None, access: Access | None) -> OrganizationPolicies | None:
    """The SCPs and RCPs over an account, as `--organizations` says; read from AWS where it says nothing.

    Args:
        account_id: The account.
        word: `aws`, `ignore` or a folder; None: not said.
        access: The way to AWS; None: offline.

    Returns:
        What was found; None where nobody was to look.

    Raises:
        InvalidInputError: The folder cannot be used.
    """
    if word is None and access is None:
        return None
    from iamcheck.aws.organizations import organizations_of

    return organizations_of(word or "aws", account_id, access)


def evidence_of(found: OrganizationPolicies, word: str | None) -> tuple[Evidence, ...]:
    """What was read of the organization, and what was not."""
    if word == "ignore":
        return ()
    whence = "AWS Organizations" if word in (None, "aws") else word
    notes = [f"{note} ({whence})" for note in found.notes]
    for name, levels in (("SCPs", found.scps), ("RCPs", found.rcps)):
        if not isinstance(levels, Unread) and levels:
            of = f"{len(levels)} level" + ("s" if len(levels) > 1 else "")
            notes.append(f"{name} of {of} were read from {whence}")
    notes += [f"not read: {gap}" for gap in found.unread]
    return tuple(Evidence(note=note) for note in notes)
