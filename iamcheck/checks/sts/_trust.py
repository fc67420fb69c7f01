"""Makes the trust policy of a role that is assumed only to prove that STS is active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.aws.principals import IdentityKind
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.results import Json

_TRUSTED_AS_THEY_ARE = (IdentityKind.USER, IdentityKind.ROLE, IdentityKind.ROOT, IdentityKind.FEDERATED_USER)


def probe_role_trust(principal: PrincipalIdentity) -> dict[str, Json]:
    """The trust policy of a role without permissions that this principal may assume.

    Args:
        principal: Whom the role trusts; a session in a role stands for its role, which `principals.resolve` finds.

    Raises:
        InvalidInputError: A group, which a trust policy cannot name, or a session whose role's path is not known.
    """
    from iamcheck.policies.rendering import render_trust

    arn = principal.arn if principal.kind in _TRUSTED_AS_THEY_ARE else None
    if principal.kind is IdentityKind.ASSUMED_ROLE and principal.path_known:
        arn = principal.policy_source_arn
    if arn is None:
        raise InvalidInputError(
            f"{principal.arn} cannot be named in a trust policy",
            where="--principal",
            cure="give the ARN of the role or user that shall assume the probe role, with its path",
        )
    return render_trust("sts-probe-role", {"principal": arn})
