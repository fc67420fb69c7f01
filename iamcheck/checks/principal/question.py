"""States the question of `principal.allowed`: which requests, of whom, under which policies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iamcheck.aws.principals import parse_principal
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions import RequiredPermission
    from iamcheck.policies.rendering import RenderedPolicy

__all__ = ["PrincipalQuestion"]


@dataclass(frozen=True)
class PrincipalQuestion:
    """What `principal.allowed` answers.

    Args:
        deployment: What will be created.
        options: What the user says of the run.
        permissions: What is needed.
        rendered: The policy that is judged where other layers were given and no identity policy was.
        caller: Who calls, or why nobody can tell; None: offline.
    """

    deployment: Deployment
    options: CheckOptions
    permissions: tuple[RequiredPermission, ...]
    rendered: RenderedPolicy
    caller: PrincipalIdentity | AwsUnavailableError | None

    def principal(self) -> PrincipalIdentity | None:
        """The principal that the user names, else the caller; None where neither is known."""
        if self.options.principal is not None:
            return parse_principal(self.options.principal)
        return None if isinstance(self.caller, AwsUnavailableError) else self.caller

    def facts_of(self, principal: PrincipalIdentity) -> ContextFacts:
        """What is known of the context from who calls: of tags nothing where the session has others, not known."""
        caller = None if self.deployment.written is None else self.deployment.written.caller
        has_open_tags = caller is not None and caller.session_tags is UNKNOWN
        return (replace(principal, tags=None) if has_open_tags else principal).facts()

    def known_principal(self) -> PrincipalIdentity:
        """The same as `principal`.

        Raises:
            AwsUnavailableError: Neither is known.
        """
        principal = self.principal()
        if principal is not None:
            return principal
        if isinstance(self.caller, AwsUnavailableError):
            raise self.caller
        raise AwsUnavailableError("no principal is named, and AWS was not asked", operation="sts:GetCallerIdentity")

    def is_about_given_policies(self, *, offline: bool) -> bool:
        """Whether policies that the user gave are judged, in place of those that the principal has in IAM."""
        layers = self.options.layers
        if layers.has_identity:
            return True
        return offline and self.options.authorization_details is None and layers.policy_set() is not None
