"""Puts the layers of policies over many principals together, and decides requests under them.

Only statements that act on an action are compiled, for each principal has policies of its own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.aws.organizations import organizations_of
from iamcheck.checks.memory import CheckMemory, Same
from iamcheck.checks.policy.reach import acts_on
from iamcheck.checks.principal.judge import JudgedRequest, judge
from iamcheck.iam.engine import evaluate, rcps_can_touch
from iamcheck.iam.engine.keys import context_keys
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Request, Unread
from iamcheck.iam.request_context import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from iamcheck.aws.account.policies import AttachedPolicies
    from iamcheck.aws.organizations import OrganizationPolicies
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.results import CheckResult

__all__ = ["LayersOverPrincipals"]

_KEPT: Final = 8192
"""Policies of which the statements that act on an action are kept."""

Levels: TypeAlias = "Sequence[Sequence[Policy]] | Unread"


class LayersOverPrincipals:
    """The layers over principals of accounts.

    Args:
        organizations: A folder with the organization, or `ignore`; None: there is none.
        scps: Levels of SCPs, root first, over every account; None: those of `organizations`.
        rcps: Levels of RCPs, likewise.
    """

    def __init__(
        self,
        organizations: str | None,
        scps: Sequence[Sequence[Policy]] | None,
        rcps: Sequence[Sequence[Policy]] | None,
    ) -> None:
        self._folder = None if organizations == "ignore" else organizations
        self._given = {PolicyType.SCP: scps, PolicyType.RCP: rcps}
        self._memory = CheckMemory(_KEPT)

    def over(self, attached: AttachedPolicies, action: str, owner: str, resource: str) -> PolicySet:
        """The layers over a principal, as far as they act on an action; without the resource's policy.

        Args:
            attached: The principal's policies.
            action: The action.
            owner: The account of the resource.
            resource: Its ARN, or `*`.
        """
        identity, boundary = attached.identity, attached.boundary
        account = attached.who.account_id
        return PolicySet(
            identity=identity if isinstance(identity, Unread) else [self._acting(one, action) for one in identity],
            boundary=self._acting(boundary, action) if isinstance(boundary, Policy) else boundary,
            scps=() if attached.service_linked else self._levels(PolicyType.SCP, account, action),
            rcps=self.rcps(owner, action, resource),
        )

    def rcps(self, account: str, action: str, resource: str) -> Levels:
        """The RCPs over the resources of an account; none where they cannot touch the request.

        The owner of a resource may be in another organization than the principals: then its RCPs are not read.
        """
        if not rcps_can_touch(Request(action, resource)):
            return ()
        reads_folder = self._given[PolicyType.RCP] is None and self._folder is not None
        if reads_folder and not self._memory.once("is in the folder", account, partial(self._has, account)):
            return UNREAD
        return self._levels(PolicyType.RCP, account, action)

    def _has(self, account: str) -> bool:
        """Whether the folder says something of an account; of the management account nothing is above it."""
        folder = Path(self._folder or "")
        if (folder / "parents" / f"{account}.json").exists():
            return True
        # whoever reads the folder says what is wrong with this file
        organization = folder / "organization.json"
        return not organization.is_file() or f'"{account}"' in organization.read_text(
            encoding="utf-8", errors="replace"
        )

    def organization(self, account: str) -> OrganizationPolicies | None:
        """What the folder says of an account; None where there is no folder."""
        folder = self._folder
        if folder is None:
            return None
        return self._memory.once("organization", account, lambda: organizations_of(folder, account, None))

    def decided(self, requests: Iterable[Request], arn: str, policies: PolicySet, facts: ContextFacts) -> CheckResult:
        """The decision about requests of one principal, which are spellings of one another."""
        spelled = context_keys(policies.every_policy())
        settled = (settle(one, facts, spelled.values(), principal=arn) for one in requests)
        return judge([JudgedRequest(evaluate(one, policies)) for one in settled], spelled)

    def _levels(self, layer: PolicyType, account: str, action: str) -> Levels:
        return self._memory.once(layer.value, (account, action), partial(self._read_levels, layer, account, action))

    def _read_levels(self, layer: PolicyType, account: str, action: str) -> Levels:
        given = self._given[layer]
        organization = None if given is not None else self.organization(account)
        levels: Levels = given if given is not None else ()
        if organization is not None:
            levels = organization.scps if layer is PolicyType.SCP else organization.rcps
        if isinstance(levels, Unread):
            return levels
        return tuple(tuple(self._acting(policy, action) for policy in level) for level in levels)

    def _acting(self, policy: Policy, action: str) -> Policy:
        """The policy with the statements alone that act on an action."""

        def make() -> Policy:
            return replace(policy, statements=tuple(one for one in policy.statements if acts_on(one, action)))

        return self._memory.once(action, Same(policy), make)
