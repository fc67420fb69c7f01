"""The types of policies as AWS's messages call them: what each is, and who can change it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["POLICIES", "PolicyWords"]


@dataclass(frozen=True, slots=True)
class PolicyWords:
    """One type of policy."""

    what: str
    """What it is, after `that is`."""
    owner: str
    """Who can change it."""
    flag: str = ""
    """The words of `iamcheck check` that give it, with a placeholder in capitals; empty: there are none."""
    is_read: bool = True
    """Whether `iamcheck check` reads it from AWS where the caller may."""


POLICIES: Final[Mapping[str, PolicyWords]] = {
    "identity-based policy": PolicyWords(
        "a policy of the user, of one of its groups, or of the role",
        "whoever administers the principal, in its own account",
        "--policy POLICY.json",
    ),
    "resource-based policy": PolicyWords(
        "the policy of the resource itself, such as a key policy or a bucket policy",
        "the resource's owner",
        "--resource-policy ARN=RESOURCE-POLICY.json",
    ),
    "permissions boundary": PolicyWords(
        "the policy that limits what the user or role can be allowed at most",
        "whoever administers the account's permissions boundaries",
        "--boundary BOUNDARY.json",
    ),
    "session policy": PolicyWords(
        "a policy that was passed when the session was opened; nobody can read it afterwards",
        "whoever opens the session: the call to AssumeRole or GetFederationToken, or the permission set",
        "--session-policy SESSION-POLICY.json",
        is_read=False,
    ),
    "service control policy": PolicyWords(
        "a policy of the organization, on the root, an organizational unit or the account",
        "the organization's administrator, in the management account",
        "--scp FullAWSAccess,SCP.json",
    ),
    "resource control policy": PolicyWords(
        "a policy of the organization that owns the resource, on the root, an organizational unit or the account",
        "the administrator of the organization that owns the resource",
        "--rcp RCPFullAWSAccess,RCP.json",
        is_read=False,
    ),
    "VPC endpoint policy": PolicyWords(
        "the policy of the VPC endpoint that the call went through",
        "whoever administers the network's VPC endpoints",
        is_read=False,
    ),
    "role trust policy": PolicyWords(
        "the policy of the role that says who may assume it",
        "whoever administers the role",
        "--resource-policy ARN=TRUST-POLICY.json",
    ),
}
