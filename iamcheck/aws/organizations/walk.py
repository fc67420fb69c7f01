"""Walks from an account up to the root and collects the policies on the way; a layer with a gap is UNREAD."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from iamcheck.aws.concurrency import together
from iamcheck.aws.organizations.found import KINDS, OrganizationGap, OrganizationPolicies, not_read
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.catalogue.organization_actions import ORGANIZATION_ACTIONS
from iamcheck.iam.model import UNREAD, Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.aws.organizations.answers import Organization, Parent
    from iamcheck.aws.organizations.found import Levels
    from iamcheck.iam.model import Unread

__all__ = ["OrganizationSource", "walk"]

MOST_LEVELS: Final = 20
"""Levels that are climbed. AWS has at most seven: the root, five of organizational units, the account.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""
_BOTH: Final = tuple(KINDS)
_WORDS: Final = {PolicyType.SCP: "service control policies", PolicyType.RCP: "resource control policies"}
_RUN: Final = (
    "run with credentials of the management account, or of a member account that it lets and that is granted "
    + ", ".join(ORGANIZATION_ACTIONS[1:])
    + "; or give --organizations DIR, made with such credentials"
)


class OrganizationSource(Protocol):
    """Gives the answers of AWS Organizations; every method raises AwsUnavailableError for what could not be read."""

    is_of_account: bool
    """Whether `organization` is that of the account; else of whoever asked, and what is above the account proves it."""

    def organization(self) -> Organization | None:
        """The organization that the account is in; None: it is in none."""

    def parent(self, child_id: str) -> Parent:
        """What an account or organizational unit is in."""

    def attached(self, target_id: str, layer: PolicyType) -> tuple[str, ...]:
        """The ids of the policies that are attached there."""

    def policy(self, policy_id: str, layer: PolicyType) -> Policy:
        """A policy."""

    def types(self, root_id: str) -> Mapping[str, str]:
        """The policy types of the organization that are not off, each with its status."""


def walk(source: OrganizationSource, account_id: str, *, max_concurrency: int) -> OrganizationPolicies:
    """The SCPs and RCPs over an account.

    The depth is one call for each level, one for what is attached and one for the documents.

    Args:
        source: Where the answers come from.
        account_id: The account.
        max_concurrency: How many calls run at a time.

    Raises:
        InvalidInputError: `max_concurrency` is below 1, or the source raises it.
    """
    try:
        organization = source.organization()
    except AwsUnavailableError as error:
        return not_read(account_id, _gap("the organization of the account", error, _BOTH))
    reason = _why_none(organization, account_id)
    is_proved = source.is_of_account or (organization and organization.management_account_id == account_id)
    named = partial(OrganizationPolicies, account_id, organization_id=organization and organization.id)
    policies_of_account = named if is_proved else partial(OrganizationPolicies, account_id)
    if reason:
        return policies_of_account(scps=(), rcps=(), notes=(reason,), is_in_none=organization is None)
    try:
        targets = _climb(source, account_id)
    except AwsUnavailableError as error:
        gap = _gap(f"the organizational units above account {account_id}", error, _BOTH)
        return policies_of_account(scps=UNREAD, rcps=UNREAD, unread=(gap,))
    levels = _Levels(source, targets, max_concurrency)
    return named(
        scps=levels.of[PolicyType.SCP],
        rcps=levels.of[PolicyType.RCP],
        targets=targets,
        unread=tuple(levels.gaps),
        notes=tuple(levels.notes),
    )


def _why_none(organization: Organization | None, account_id: str) -> str:
    """Why no SCPs and RCPs apply; empty where they may."""
    if organization is None:
        return f"account {account_id} is in no organization: no SCPs or RCPs apply"
    if organization.management_account_id == account_id:
        return f"account {account_id} is the organization's management account: SCPs and RCPs do not apply to it"
    if not organization.has_policies:
        return f"organization {organization.id} is for consolidated billing only: it has no SCPs or RCPs"
    return ""


def _climb(source: OrganizationSource, account_id: str) -> tuple[str, ...]:
    """The ids of what has policies, the root first, the account last."""
    targets = [account_id]
    while len(targets) < MOST_LEVELS:
        parent = source.parent(targets[0])
        if parent.id in targets:
            raise AwsUnavailableError(f"{parent.id} is above itself", operation=ORGANIZATION_ACTIONS[1])
        targets.insert(0, parent.id)
        if parent.is_root:
            return tuple(targets)
    raise AwsUnavailableError(f"no root within {MOST_LEVELS} levels", operation=ORGANIZATION_ACTIONS[1])


class _Levels:
    """The levels of both layers, over known targets."""

    def __init__(self, source: OrganizationSource, targets: Sequence[str], max_concurrency: int) -> None:
        self._source, self._targets, self._at_a_time = source, targets, max_concurrency
        self.gaps: list[OrganizationGap] = []
        self.notes: list[str] = []
        self.of: dict[PolicyType, Levels | Unread] = dict.fromkeys(KINDS, UNREAD)
        attached = self._attached()
        for layer in [layer for layer, lists in attached.items() if not any(lists)]:
            del attached[layer]
            self._none_at_all(layer)
        self._read({layer: lists for layer, lists in attached.items() if self._is_whole(layer, lists)})

    def _attached(self) -> dict[PolicyType, list[tuple[str, ...]]]:
        """The policies' ids by layer and level; no layer of which a level could not be read."""
        pairs = [(layer, target) for layer in KINDS for target in self._targets]
        tasks = [partial(self._source.attached, target, layer) for layer, target in pairs]
        answers = together(tasks, max_concurrency=self._at_a_time)
        attached: dict[PolicyType, list[tuple[str, ...]]] = {}
        for layer in KINDS:
            of_layer = {target: answer for (each, target), answer in zip(pairs, answers, strict=True) if each is layer}
            errors = {target: answer for target, answer in of_layer.items() if isinstance(answer, AwsUnavailableError)}
            if errors:
                first = next(iter(errors.values()))
                self.gaps.append(_gap(f"the {_WORDS[layer]} of {', '.join(errors)}", first, (layer,)))
            else:
                attached[layer] = [
                    answer for answer in of_layer.values() if not isinstance(answer, AwsUnavailableError)
                ]
        return attached

    def _none_at_all(self, layer: PolicyType) -> None:
        """No policy anywhere: right where the organization does not use the type, and only AWS can say that."""
        try:
            status = self._source.types(self._targets[0]).get(KINDS[layer])
            if status is not None:
                raise AwsUnavailableError(
                    f"none is attached anywhere, and the type is {status}", operation=ORGANIZATION_ACTIONS[2]
                )
        except AwsUnavailableError as error:
            self.gaps.append(_gap(f"whether the organization uses {_WORDS[layer]}", error, (layer,)))
            return
        self.of[layer] = ()
        self.notes.append(f"the organization does not use {_WORDS[layer]}: that policy type is not enabled")

    def _is_whole(self, layer: PolicyType, lists: Sequence[tuple[str, ...]]) -> bool:
        """False where a level is empty: AWS keeps a policy of each type that is enabled on every level."""
        empty = [target for target, policies in zip(self._targets, lists, strict=True) if not policies]
        if empty:
            error = AwsUnavailableError(
                "none is attached there, and others are elsewhere", operation=ORGANIZATION_ACTIONS[2]
            )
            self.gaps.append(_gap(f"the {_WORDS[layer]} of {', '.join(empty)}", error, (layer,)))
        return not empty

    def _read(self, attached: Mapping[PolicyType, Sequence[tuple[str, ...]]]) -> None:
        pairs = list(
            dict.fromkeys((layer, policy) for layer, lists in attached.items() for level in lists for policy in level)
        )
        tasks = [partial(self._source.policy, policy, layer) for layer, policy in pairs]
        read: dict[tuple[PolicyType, str], Policy] = {}
        for key, answer in zip(pairs, together(tasks, max_concurrency=self._at_a_time), strict=True):
            if isinstance(answer, AwsUnavailableError):
                self.gaps.append(_gap(f"the policy {key[1]}", answer, (key[0],)))
            else:
                read[key] = answer
        for layer, lists in attached.items():
            if all((layer, policy) in read for level in lists for policy in level):
                self.of[layer] = tuple(tuple(read[layer, policy] for policy in level) for level in lists)


def _gap(what: str, error: AwsUnavailableError, layers: tuple[PolicyType, ...]) -> OrganizationGap:
    cure = ""
    if is_access_denied(error):
        cure = f"grant {ORGANIZATION_ACTIONS[0]} on *" if error.operation == ORGANIZATION_ACTIONS[0] else _RUN
    return OrganizationGap(what, str(error), layers, error.operation, cure)
