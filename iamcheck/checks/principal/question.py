"""States the question of `principal.allowed`: which requests, of whom, under which policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import Deployment
    from iamcheck.iam.model import PolicySet
    from iamcheck.permissions import RequiredPermission
    from iamcheck.policies.rendering import RenderedPolicy

__all__ = ["PrincipalQuestion"]


@dataclass(frozen=True)
class PrincipalQuestion:
    """What `principal.allowed` is asked."""

    deployment: Deployment
    wanted: CheckOptions
    permissions: tuple[RequiredPermission, ...]
    given: PolicySet | None
    rendered: RenderedPolicy
    who: PrincipalIdentity | AwsUnavailableError | None

    def unknown_caller(self) -> AwsUnavailableError:
        """Why nobody knows who calls."""
        if isinstance(self.who, AwsUnavailableError):
            return self.who
        return AwsUnavailableError("nobody was asked", operation="sts:GetCallerIdentity")

    def principal(self) -> PrincipalIdentity | None:
        """The principal that was named, else the caller; None where nobody is known."""
        from iamcheck.aws.principals import parse_principal

        if self.wanted.principal is not None:
            return parse_principal(self.wanted.principal)
        return None if isinstance(self.who, AwsUnavailableError) else self.who
