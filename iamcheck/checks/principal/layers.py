"""Puts together the policies over a principal: each layer as given, else as read, else UNREAD or assumed empty."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from iamcheck.checks.assumptions import LayerState
from iamcheck.iam.engine.keys import context_keys
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.aws.account.policies import AttachedPolicies
    from iamcheck.aws.organizations import OrganizationPolicies
    from iamcheck.checks.options import GivenLayers

__all__ = ["PrincipalPolicies", "attached_policies", "given_policies"]

Levels: TypeAlias = "Sequence[Sequence[Policy]] | Unread"
States: TypeAlias = "Mapping[PolicyType, LayerState]"


@dataclass(frozen=True, eq=False)
class PrincipalPolicies:
    """The policies over a principal.

    Args:
        layers: All layers but resource policies.
        by_resource: Resource policies by the ARN of their resource.
        states: The layers of which something is assumed, and why.
        unchangeable: Names of the policies that nobody can change: AWS's own.
    """

    layers: PolicySet
    by_resource: Mapping[str, Policy] = field(default_factory=dict)
    states: States = field(default_factory=dict)
    unchangeable: frozenset[str] = frozenset()

    @property
    def are_known(self) -> bool:
        """Whether the principal's identity policies and boundary are all known."""
        return UNREAD not in (self.layers.identity, self.layers.boundary)

    @cached_property
    def spelled_keys(self) -> Mapping[str, str]:
        """The context keys that the policies look at, in the policies' spelling, by their lower case."""
        return context_keys(self.all())

    def about(self, resource: str) -> PolicySet:
        """The layers that have a say about a resource."""
        policy = self.by_resource.get(resource)
        return self.layers if policy is None else replace(self.layers, resource=policy)

    def all(self) -> Iterator[Policy]:
        """Every policy that was given or read."""
        yield from self.layers.every_policy()
        yield from self.by_resource.values()


def given_policies(
    given: GivenLayers,
    rendered: Policy,
    organization: OrganizationPolicies | None,
    *,
    ignores_organization: bool,
    is_service_linked: bool = False,
) -> PrincipalPolicies:
    """The policies that the user gave.

    Args:
        given: The layers that the user gave.
        rendered: The policy that stands in the place of identity policies that were not given.
        organization: What was read of the organization; None: nobody looked.
        ignores_organization: Whether the user leaves its policies out.
        is_service_linked: Whether the principal is a service-linked role, which SCPs do not apply to.
    """
    layers = given.policy_set() or PolicySet()
    states = {PolicyType.SESSION: _state_of_session(given, layers)}
    if given.whole is not None:
        if is_service_linked:
            layers, states[PolicyType.SCP] = replace(layers, scps=()), LayerState.EXEMPT
        # in a whole set an empty layer is known to be empty
        return PrincipalPolicies(layers, given.resource_policies, states)
    if given.identity is None:
        layers, states[PolicyType.IDENTITY] = replace(layers, identity=(rendered,)), LayerState.RENDERED
    if given.boundary is None:
        states[PolicyType.BOUNDARY] = LayerState.NOT_GIVEN
    scps, rcps, more = _of_organization(
        given, organization, ignores_organization=ignores_organization, otherwise=LayerState.NOT_GIVEN
    )
    if is_service_linked:
        scps, more[PolicyType.SCP] = (), LayerState.EXEMPT
    return PrincipalPolicies(replace(layers, scps=scps, rcps=rcps), given.resource_policies, states | more)


def attached_policies(
    attached: AttachedPolicies,
    given: GivenLayers,
    organization: OrganizationPolicies | None,
    of_keys: Mapping[str, Policy],
    *,
    ignores_organization: bool,
    names_no_scps: bool,
) -> PrincipalPolicies:
    """The policies that the principal has, under what else the user gave.

    Args:
        attached: The policies that the principal has, as far as they were read.
        given: The layers that the user gave.
        organization: What was read of the organization; None: nobody looked.
        of_keys: The policies of KMS keys that were read, by the ARN of the key.
        ignores_organization: Whether the user leaves the organization's policies out.
        names_no_scps: Whether AWS's simulator was asked and names no SCPs.
    """
    scps, rcps, states = _of_organization(
        given,
        organization,
        ignores_organization=ignores_organization,
        otherwise=LayerState.NOT_NAMED if names_no_scps else LayerState.NOT_GIVEN,
    )
    if attached.service_linked:
        scps, states[PolicyType.SCP] = (), LayerState.EXEMPT
    layers = PolicySet(
        identity=attached.identity,
        boundary=attached.boundary if given.boundary is None else given.boundary,
        scps=scps,
        rcps=rcps,
        session=given.of_session,
    )
    states[PolicyType.SESSION] = _state_of_session(given, layers)
    return PrincipalPolicies(
        layers,
        {**of_keys, **given.resource_policies},
        states,
        frozenset(label for label, source in attached.sources.items() if source.aws_managed),
    )


def _state_of_session(layers_given: GivenLayers, layers: PolicySet) -> LayerState:
    return LayerState.GIVEN if layers.session or layers_given.session is not None else LayerState.NEVER_READ


def _of_organization(
    layers_given: GivenLayers,
    organization: OrganizationPolicies | None,
    *,
    ignores_organization: bool,
    otherwise: LayerState,
) -> tuple[Levels, Levels, dict[PolicyType, LayerState]]:
    """SCPs and RCPs; SCPs that nobody could read are UNREAD, for they can deny every call."""
    states: dict[PolicyType, LayerState] = {}
    scps: Levels = () if organization is None else organization.scps
    rcps: Levels = () if organization is None else organization.rcps
    if layers_given.scps is not None:
        scps = layers_given.scps
    elif organization is None or ignores_organization:
        states[PolicyType.SCP] = LayerState.LEFT_OUT if ignores_organization else otherwise
    if layers_given.rcps is not None:
        rcps = layers_given.rcps
    elif ignores_organization:
        states[PolicyType.RCP] = LayerState.LEFT_OUT
    elif organization is None or isinstance(rcps, Unread):
        # few calls are on resources that RCPs cover, and an assumption names them for those that are
        rcps, states[PolicyType.RCP] = (), LayerState.NOT_GIVEN
    return scps, rcps, states
