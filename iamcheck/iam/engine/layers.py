"""Says what each layer of policies answers, in three values: what denies, and which layers must allow.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
..._evaluation-logic_policy-eval-denyallow.html; what a grant in a resource policy is worth as observed in AWS's
answers, September 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iamcheck.iam.engine.principals import ResourceGrant
from iamcheck.iam.engine.truth import NO, PERHAPS_NO, PERHAPS_YES, YES, all_of, any_of, point
from iamcheck.iam.model import UNREAD, PolicyType, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.engine.statements import CompiledStatement
    from iamcheck.iam.model import PolicySet, Request

__all__ = ["Case", "cannot_be_passed", "unread_layers"]

_NOTHING: frozenset[PolicyType] = frozenset()


def must_allow(request: Request, policies: PolicySet, rules: Rules) -> bool:
    """Whether the resource has a policy without which nobody may use it: a KMS key, or a role to be assumed."""
    parts = request.parts
    if not rules.some_resource_policies_must_allow or parts is None:
        return False
    if policies.resource is None and not rules.omitted_resource_policy_is_open:
        return False
    if request.action_key.startswith("kms:"):
        return parts[2] == "kms" and parts[5].startswith("key/")
    return request.action_key.startswith("sts:") and parts[2] == "iam" and parts[5].startswith("role/")


def cannot_be_passed(request: Request) -> bool:
    """Tells whether a request passes a role of another account than the caller's, which no policy can allow.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    return request.is_across_accounts and request.action_key == "iam:passrole"


def unread_layers(request: Request, policies: PolicySet, rules: Rules) -> frozenset[PolicyType]:
    """The layers whose content nobody has read: a KMS key's policy and a role's trust policy also where omitted."""
    layers = (
        (PolicyType.IDENTITY, policies.identity),
        (PolicyType.BOUNDARY, policies.boundary),
        (PolicyType.SCP, policies.scps),
        (PolicyType.RCP, policies.rcps if rules.rcps_count else ()),
        (PolicyType.RESOURCE, policies.resource),
        (PolicyType.SESSION, policies.session if rules.session_policies_count else ()),
    )
    unread = [layer for layer, content in layers if content is UNREAD]
    if policies.resource is None and must_allow(request, policies, rules):
        unread.append(PolicyType.RESOURCE)
    return frozenset(unread) if unread else _NOTHING


class Case(NamedTuple):
    """What the statements of each layer say of one request."""

    request: Request
    policies: PolicySet
    rules: Rules
    unread: frozenset[PolicyType]
    denies: Sequence[tuple[CompiledStatement, int]]
    allows: Sequence[tuple[CompiledStatement, int]]

    @property
    def deciding_unread(self) -> frozenset[PolicyType]:
        """The unread layers that the decision can hang on.

        Across accounts both sides must allow: where the caller's own policies have no Allow, a resource policy that
        nobody has read makes no difference (IAM User Guide, "Cross-account policy evaluation logic").
        """
        if PolicyType.RESOURCE in self.unread and self.request.is_across_accounts and self._identity() == NO:
            return self.unread - {PolicyType.RESOURCE}
        return self.unread

    def denied(self) -> int:
        """An explicit deny anywhere wins; a layer that nobody has read may hold one."""
        unread = PERHAPS_NO if self.deciding_unread else NO
        return any_of([unread, *(outcome for _, outcome in self.denies)]) if self.denies else unread

    def stages(self) -> list[tuple[PolicyType, int]]:
        """The layers that must allow, in AWS's order, each with its outcome."""
        kind = self.request.caller.kind
        stages = [(PolicyType.RCP, self._levels(PolicyType.RCP))]
        if kind is PrincipalKind.SERVICE:
            # a service principal has no account and no policies but those of the resource
            return [*stages, (PolicyType.RESOURCE, any_of(self._grants()))]
        stages.append((PolicyType.SCP, self._levels(PolicyType.SCP)))
        identity = self._identity()
        boundary = self._limit(PolicyType.BOUNDARY, self.policies.boundary is not None)
        session = self._limit(PolicyType.SESSION, bool(self.policies.session))
        if kind is PrincipalKind.ROOT:
            boundary = YES
        if self.request.is_across_accounts:
            # the caller's own side comes first: whoever asks can mend that
            granted = any_of(self._grants()) if self._other_account_is_asked() else YES
            if self.rules.roles_stay_in_their_account and cannot_be_passed(self.request):
                granted = NO
            both = [(PolicyType.IDENTITY, identity), (PolicyType.RESOURCE, granted)]
            return [*stages, *both, (PolicyType.BOUNDARY, boundary), (PolicyType.SESSION, session)]
        return [*stages, *self._within_account(identity, boundary, session)]

    def _identity(self) -> int:
        """What the identity policies allow; the root user has none and needs none."""
        if self.request.caller.kind is PrincipalKind.ROOT:
            return YES
        return PERHAPS_NO if PolicyType.IDENTITY in self.unread else self._allows(PolicyType.IDENTITY)

    def _other_account_is_asked(self) -> bool:
        is_named = bool(self.request.caller.text)
        return is_named or self.rules.other_accounts_must_allow or self.policies.resource is not None

    def _within_account(self, identity: int, boundary: int, session: int) -> list[tuple[PolicyType, int]]:
        """Identity or resource policy; where the resource's policy must allow, what it delegates to the account."""
        direct, limited, account = self._grants()
        if self.rules.root_grant_suffices:
            if self.request.caller.kind is PrincipalKind.USER:
                direct = any_of((direct, account))
            else:
                limited = any_of((limited, account))
        if must_allow(self.request, self.policies, self.rules):
            by_identity = all_of((identity, account))
            if not point(any_of((direct, limited, account))) and PolicyType.RESOURCE in self.unread:
                # as the simulator has it, a policy that nobody has read does not stand in the way
                by_identity = PERHAPS_YES if point(identity) else PERHAPS_NO if identity else NO
            base = any_of((limited, by_identity))
            culprit = PolicyType.IDENTITY if point(account) else PolicyType.RESOURCE
        else:
            base = any_of((limited, identity))
            culprit = PolicyType.IDENTITY
        if direct == YES:
            return []
        # a grant to the caller's own ARN makes up for each of the three
        return [
            (culprit, any_of((direct, base))),
            (PolicyType.BOUNDARY, any_of((direct, boundary))),
            (PolicyType.SESSION, any_of((direct, session))),
        ]

    def _grants(self) -> tuple[int, int, int]:
        """What the resource policy allows, for each kind of `ResourceGrant`."""
        if not self.rules.trust_policies_count and self.request.action_key.startswith("sts:assumerole"):
            return NO, NO, NO
        if PolicyType.RESOURCE in self.unread:
            return PERHAPS_NO, PERHAPS_NO, PERHAPS_NO
        if self.policies.resource is None:
            return NO, NO, NO
        granted = [
            statement.grants(self.request, outcome)
            for statement, outcome in self.allows
            if statement.ref.policy_type is PolicyType.RESOURCE
        ]
        direct, limited, account = (any_of(grant[kind] for grant in granted) for kind in ResourceGrant)
        return direct, limited, account

    def _levels(self, layer: PolicyType) -> int:
        """Every level must allow; the policies of one level are a union."""
        if layer in self.unread:
            return PERHAPS_YES
        levels = self.policies.scps if layer is PolicyType.SCP else self.policies.rcps
        if not levels or levels is UNREAD or (layer is PolicyType.RCP and not self.rules.rcps_count):
            return YES
        outcomes = [NO] * len(levels)
        for statement, outcome in self.allows:
            ref = statement.ref
            if ref.policy_type is layer and ref.level is not None:
                outcomes[ref.level] = any_of((outcomes[ref.level], outcome))
        return all_of(outcomes)

    def _allows(self, layer: PolicyType) -> int:
        return any_of([outcome for statement, outcome in self.allows if statement.ref.policy_type is layer])

    def _limit(self, layer: PolicyType, there: bool) -> int:
        """A boundary or session policy allows nothing by itself and limits all else."""
        if layer in self.unread:
            return PERHAPS_YES
        if not there or (layer is PolicyType.SESSION and not self.rules.session_policies_count):
            return YES
        return self._allows(layer)
