"""Holds the policies that have a say in a decision, by layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.iam.model.argument_types import items, refuse
from iamcheck.iam.model.evaluation import PolicyType
from iamcheck.iam.model.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["UNREAD", "PolicySet", "Unread"]


class Unread(Enum):
    """The type of `UNREAD`."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD
"""In the place of a layer: it exists or may exist, and nobody has read it."""


@dataclass(frozen=True, eq=False)
class PolicySet:
    """Each layer is given, known to be empty (omitted, None or []), or `UNREAD`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """

    identity: Sequence[Policy] | Unread = ()
    boundary: Policy | Unread | None = None
    scps: Sequence[Sequence[Policy]] | Unread = ()
    """Levels, root first; empty: the account is in no organization, or SCPs do not apply to the principal."""
    rcps: Sequence[Sequence[Policy]] | Unread = ()
    resource: Policy | Unread | None = None
    session: Sequence[Policy] | Unread = ()
    compiled: dict[object, object] = field(default_factory=dict, init=False, repr=False)
    """The engine's own index over these policies, made at the first question."""

    def __post_init__(self) -> None:
        # what has been compiled must not change under the index
        for name in ("identity", "session"):
            layer = getattr(self, name)
            object.__setattr__(self, name, _policies(layer, name))
        for name in ("scps", "rcps"):
            levels = getattr(self, name)
            if levels is not UNREAD:
                levels = tuple(_policies(level, name) for level in _items(levels, name))
            object.__setattr__(self, name, levels)
        for name in ("boundary", "resource"):
            layer = getattr(self, name)
            if layer is not None and layer is not UNREAD:
                _policy(layer, name)

    def every_policy(self) -> Iterator[Policy]:
        """The policies of all layers that were read."""
        for layer in (self.identity, self.session):
            yield from () if isinstance(layer, Unread) else layer
        for levels in (self.scps, self.rcps):
            for level in () if isinstance(levels, Unread) else levels:
                yield from level
        for policy in (self.boundary, self.resource):
            if policy is not None and not isinstance(policy, Unread):
                yield policy

    def by_layer(self) -> Mapping[PolicyType, object]:
        """What stands in each layer."""
        return {
            PolicyType.IDENTITY: self.identity,
            PolicyType.BOUNDARY: self.boundary,
            PolicyType.SCP: self.scps,
            PolicyType.RCP: self.rcps,
            PolicyType.RESOURCE: self.resource,
            PolicyType.SESSION: self.session,
        }


def _policies(layer: object, name: str) -> object:
    return layer if layer is UNREAD else tuple(_policy(policy, name) for policy in _items(layer, name))


def _items(layer: object, name: str) -> tuple[object, ...]:
    return () if layer is None else items(layer, name)


def _policy(policy: object, name: str) -> object:
    return policy if isinstance(policy, Policy) else refuse(policy, name, "give what Policy.parse makes of it")
