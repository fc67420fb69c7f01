"""Counts what policies allow beyond a deployment, by access level, worst first.

Source of the access levels: AWS's Service Authorization Reference, as packaged; what they mean:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from iamcheck.checks.excess.escalation_paths import PATHS
from iamcheck.checks.excess.grants import Granted, by_level, covers, denied_outright, grants
from iamcheck.iam import catalogue
from iamcheck.iam.model import UNREAD, Effect, Policy, PolicySet, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.checks.excess.escalation_paths import EscalationPath
    from iamcheck.checks.excess.grants import AllowingStatement
    from iamcheck.iam.model import StatementRef
    from iamcheck.permissions import RequiredPermission

__all__ = ["LEVELS", "Escalation", "Excess", "Level", "Wider", "excess", "full_access_excess"]

LEVELS: Final = ("Permissions management", "Write", "Tagging", "Read", "List", "not in the reference")
"""Access levels, worst first."""
_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class Escalation:
    """A known way to give itself more permissions, beyond what the deployment needs."""

    actions: tuple[str, ...]
    """All of them are allowed."""
    what: str
    """What they make possible."""
    resources: tuple[str, ...]
    """What the first action is allowed on: entries of Resource, or `all but ENTRY`."""
    conditional: bool
    """Every statement that allows one of the actions has conditions."""
    statements: tuple[StatementRef, ...]
    """The statements that allow the first action."""
    source: str
    """AWS's page, a URL."""


@dataclass(frozen=True, slots=True)
class Level:
    """The actions of one access level."""

    name: str
    """One of `LEVELS`."""
    count: int
    on_everything: int
    """How many of them are allowed on every resource and without conditions."""
    examples: tuple[str, ...]
    """At most five, of different services where there are."""


@dataclass(frozen=True, slots=True)
class Wider:
    """A needed action that is allowed on more than is needed."""

    action: str
    resources: tuple[str, ...]
    """Entries of Resource that are not just what is needed, or `all but ENTRY`."""
    statements: tuple[StatementRef, ...]


@dataclass(frozen=True, slots=True)
class Excess:
    """What policies allow beyond a deployment.

    Conditions and resources are shown, not evaluated: an action counts where a statement allows it on something, no
    Deny takes it away everywhere and always, and boundary, SCPs and session policies have an Allow for it.
    """

    count: int
    """Known actions beyond those that are needed; 0 also where nothing was read: see `unread`."""
    escalations: tuple[Escalation, ...]
    levels: tuple[Level, ...]
    """Those with an action, worst first."""
    wider: tuple[Wider, ...]
    unread: tuple[PolicyType, ...]
    """Layers that nobody has read. Without identity policies nothing is known; by the others less may be allowed."""
    reference_date: str
    """The day of the reference that says which actions there are, `YYYY-MM-DD`."""
    subject: str = "the policies"
    """Whose excess it is: `the policies`, or a managed policy with its version."""


def excess(policies: PolicySet | Sequence[Policy], needed: Sequence[RequiredPermission]) -> Excess:
    """What policies allow beyond what a deployment needs.

    Args:
        policies: Identity policies, or all layers: boundary, SCPs and session policies then take away what they do not
            allow at all, and outright denials of any of them what they deny.
        needed: What the deployment needs; that much is no excess.
    """
    layers = policies if isinstance(policies, PolicySet) else PolicySet(identity=policies)
    identity = () if layers.identity is UNREAD else layers.identity
    limits, unread = _limits(layers)
    allowed = grants(identity, PolicyType.IDENTITY)
    takes = denied_outright([*identity, *(policy for limit in limits for policy in limit)])
    gives = [covers(limit, Effect.ALLOW) for limit in limits]
    left = {key: answer for key, answer in allowed.items() if not takes(key) and all(give(key) for give in gives)}
    needed_actions = {permission.request.action_key for permission in needed}
    beyond = {key: item for key, item in left.items() if key not in needed_actions}
    return Excess(
        len(beyond),
        tuple(_escalations(left, needed)),
        tuple(_levels(beyond)),
        tuple(_wider(left, needed)),
        unread,
        catalogue.reference_date(),
    )


def full_access_excess(needed: Sequence[RequiredPermission]) -> Excess:
    """What AWS's option 1, the managed policy `AmazonSageMakerFullAccess`, would allow beyond what is needed.

    With the permissions of the scope `docs`, AWS's option 2, these are the two options in numbers.
    """
    from iamcheck.iam.catalogue.managed import full_access_policy

    managed = full_access_policy()
    excess_of_managed = excess([Policy.parse(managed.document, name=managed.name)], needed)
    return replace(excess_of_managed, subject=f"{managed.name} {managed.version}")


def _limits(layers: PolicySet) -> tuple[list[Sequence[Policy]], tuple[PolicyType, ...]]:
    """The layers and levels without whose Allow nothing is allowed; and those that nobody has read."""
    limits: list[Sequence[Policy]] = []
    unread = [PolicyType.IDENTITY] if layers.identity is UNREAD else []
    if layers.boundary is UNREAD:
        unread.append(PolicyType.BOUNDARY)
    elif layers.boundary is not None:
        limits.append((layers.boundary,))
    if layers.scps is UNREAD:
        unread.append(PolicyType.SCP)
    else:
        limits.extend(layers.scps)
    if layers.session is UNREAD:
        unread.append(PolicyType.SESSION)
    elif layers.session:
        limits.append(layers.session)
    return limits, tuple(unread)


def _escalations(allowed: Mapping[str, Granted], needed: Sequence[RequiredPermission]) -> Iterator[Escalation]:
    """The paths of the table, those on everything and without conditions first."""
    paths = []
    for path in PATHS:
        steps = [allowed.get(action.lower()) for action in path.actions]
        by = _beyond(steps[0], path, needed) if steps[0] else []
        if not by or None in steps:
            continue
        conditional = all(grant.conditional for grant in by) or any(
            all(grant.conditional for grant in step.by) for step in steps[1:] if step
        )
        resources = tuple(dict.fromkeys(entry for grant in by for entry in grant.resources))
        everything = any(grant.on_everything and not grant.conditional for grant in by) and not conditional
        refs = tuple(grant.ref for grant in by)
        paths.append((everything, Escalation(path.actions, path.what, resources, conditional, refs, path.source)))
    yield from (one for _, one in sorted(paths, key=lambda pair: not pair[0]))


def _beyond(granted: Granted, path: EscalationPath, needed: Sequence[RequiredPermission]) -> list[AllowingStatement]:
    """The statements that allow the first action of a path on more than the deployment needs."""
    own = {
        permission.request.resource for permission in needed if permission.request.action_key == granted.action.lower()
    }
    return [
        grant
        for grant in granted.by
        if any((_is_wide(entry) or not path.only_wide) and entry not in own for entry in grant.resources)
    ]


def _is_wide(entry: str) -> bool:
    return "*" in entry or "?" in entry or entry.startswith("all but ")


def _levels(beyond: Mapping[str, Granted]) -> Iterator[Level]:
    by_name = by_level(beyond, _level)
    for name in LEVELS:
        granted = by_name.get(name, [])
        if granted:
            everywhere = sum(any(by.on_everything and not by.conditional for by in action.by) for action in granted)
            yield Level(name, len(granted), everywhere, tuple(_examples([action.action for action in granted])))


def _level(action: str) -> str:
    info = catalogue.action(action)
    return info.access_level if info is not None and info.access_level in LEVELS else LEVELS[-1]


def _examples(actions: Sequence[str]) -> list[str]:
    """The first of each service, then others."""
    first = {action.partition(":")[0]: action for action in reversed(actions)}
    of_services = sorted(first.values(), key=str.lower)
    others = sorted(set(actions) - set(of_services), key=str.lower)
    return [*of_services, *others][:_EXAMPLES]


def _wider(allowed: Mapping[str, Granted], needed: Sequence[RequiredPermission]) -> Iterator[Wider]:
    own_resources: dict[str, set[str]] = {}
    for permission in needed:
        own_resources.setdefault(permission.request.action_key, set()).add(permission.request.resource)
    for key, resources in own_resources.items():
        granted = allowed.get(key)
        more = [grant for grant in granted.by if set(grant.resources) - resources] if granted else []
        if granted is not None and more:
            entries = dict.fromkeys(entry for item in more for entry in item.resources if entry not in resources)
            yield Wider(granted.action, tuple(entries), tuple(item.ref for item in more))
