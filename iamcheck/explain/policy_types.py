"""Words each type of policy once, for AWS's messages, for denials and for remedies: what it is, and who changes it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OF_LAYER", "POLICIES", "ROLE_TRUST", "PolicyWords", "words_of"]

ROLE_TRUST: Final = "role trust policy"
"""What AWS's messages call the resource policy of a role."""


@dataclass(frozen=True, slots=True)
class PolicyWords:
    """One type of policy."""

    name: str
    """What AWS's messages call it."""
    layer: PolicyType | None
    """The layer of the decision; None: iamcheck does not judge it."""
    what: str
    """What it is, after `that is`."""
    owner: str
    """Who can change it."""
    flag: str = ""
    """The words of `iamcheck check` that give it, with a placeholder in capitals; empty: there are none."""
    is_read: bool = True
    """Whether `iamcheck check` reads it from AWS where the caller may."""

    @property
    def short(self) -> str:
        """What people call it: `service control policy (SCP)`."""
        return self.name if self.layer is None or self.name == ROLE_TRUST else POLICY_NAMES[self.layer]

    @property
    def article(self) -> str:
        """The article of `name`."""
        return "an" if self.name.startswith("i") else "a"


_ROWS: Final = (
    PolicyWords(
        "identity-based policy",
        PolicyType.IDENTITY,
        "a policy of the user, of one of its groups, or of the role",
        "whoever administers the principal",
        "--policy POLICY.json",
    ),
    PolicyWords(
        "resource-based policy",
        PolicyType.RESOURCE,
        "the policy of the resource itself, such as a key policy or a bucket policy",
        "the resource's owner",
        "--resource-policy ARN=RESOURCE-POLICY.json",
    ),
    PolicyWords(
        "permissions boundary",
        PolicyType.BOUNDARY,
        "the policy that limits what the user or role can be allowed at most",
        "whoever administers the account's permissions boundaries",
        "--boundary BOUNDARY.json",
    ),
    PolicyWords(
        "session policy",
        PolicyType.SESSION,
        "a policy that was passed when the session was opened, by AssumeRole or GetFederationToken; nobody can read it "
        "afterwards",
        "whoever opens the session",
        "--session-policy SESSION-POLICY.json",
        is_read=False,
    ),
    PolicyWords(
        "service control policy",
        PolicyType.SCP,
        "a policy of the organization, on the root, an organizational unit or the account, which is changed in the "
        "organization's management account",
        "the organization's administrator",
        "--scp FullAWSAccess,SCP.json",
    ),
    PolicyWords(
        "resource control policy",
        PolicyType.RCP,
        "a policy of the organization that owns the resource, on the root, an organizational unit or the account",
        "the administrator of the organization that owns the resource",
        "--rcp RCPFullAWSAccess,RCP.json",
        is_read=False,
    ),
    PolicyWords(
        "VPC endpoint policy",
        None,
        "the policy of the VPC endpoint that the call went through",
        "whoever administers the network's VPC endpoints",
        is_read=False,
    ),
    PolicyWords(
        ROLE_TRUST,
        PolicyType.RESOURCE,
        "the policy of the role that says who may assume it",
        "whoever administers the role",
        "--resource-policy ARN=TRUST-POLICY.json",
    ),
)
POLICIES: Final[Mapping[str, PolicyWords]] = {row.name: row for row in _ROWS}
"""By the name that AWS's messages use."""
OF_LAYER: Final[Mapping[PolicyType, PolicyWords]] = {
    row.layer: row for row in reversed(_ROWS) if row.layer is not None and row.name != ROLE_TRUST
}
"""By the layer of the decision; a role's trust policy is a resource-based policy there."""


def words_of(layer: PolicyType, action: str) -> PolicyWords:
    """The words of a layer; the resource policy of a role is its trust policy."""
    is_trust = layer is PolicyType.RESOURCE and action.lower().startswith("sts:assumerole")
    return POLICIES[ROLE_TRUST] if is_trust else OF_LAYER[layer]
