"""Holds the policies of a principal by layer: where each is attached, and which could not be read.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.aws.principals import IdentityKind
from iamcheck.errors import InvalidInputError
from iamcheck.iam.authorization_details import decoded
from iamcheck.iam.model import UNREAD, Policy, PolicyType
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.iam.model import Unread

__all__ = [
    "ENTITY_KINDS",
    "AccountGap",
    "AttachedPolicies",
    "KeptPolicies",
    "PolicySource",
    "StoredPolicy",
    "assembled",
    "without_policies",
]

ENTITY_KINDS: Final = {
    IdentityKind.USER: "user",
    IdentityKind.GROUP: "group",
    IdentityKind.ROLE: "role",
    IdentityKind.ASSUMED_ROLE: "role",
}
"""What IAM calls the entity whose policies apply; nothing for principals that have none of their own."""

KeptPolicies: TypeAlias = "dict[tuple[str, PolicyType], Policy | AccountGap]"
"""Policies by their label and the layer that they were read for."""

_ROOT_USER: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class PolicySource:
    """Names a policy of a principal, and who has it.

    Args:
        name: The policy's name.
        holders: The users, groups and roles that have it: `user ann`, `group ml`. One for an inline policy; several
            for a managed policy that arrives several times, in the order of IAM's answers; none for a boundary.
        arn: Of a managed policy; None: it is an inline policy.
    """

    name: str
    holders: tuple[str, ...]
    arn: str | None = None

    @property
    def label(self) -> str:
        """What the policy is called in answers: its ARN, or its name and whose it is."""
        return self.arn or f"{self.name} (inline, of {self.holders[0]})"

    @property
    def aws_managed(self) -> bool:
        """True for managed policies of AWS's own, which nobody else can change."""
        return self.arn is not None and self.arn.split(":")[4:5] == ["aws"]


@dataclass(frozen=True)
class AccountGap:
    """A part that nobody has read.

    Args:
        what: The part: `the inline policies of user ann`.
        why: Why it was not read.
        layers: The layers of policies that it leaves open; none for tags.
        operation: The call that would read it, as `service:Operation`; empty where it is missing from a file.
        grant_on: The ARN to grant that operation on; empty where a grant would not help.
        code: AWS's error code; empty where there was none.
    """

    what: str
    why: str
    layers: tuple[PolicyType, ...]
    operation: str = ""
    grant_on: str = ""
    code: str = ""

    def __str__(self) -> str:
        grant = f" (grant {self.operation} on {self.grant_on})" if self.grant_on else ""
        return f"{self.what}: {self.why}{grant}"


@dataclass(frozen=True)
class AttachedPolicies:
    """The policies that a principal has, as far as they were read.

    Args:
        who: The principal; over the user, role or group that IAM has, with its real path where that was read, and with
            its tags.
        policies: The identity policies that were read: inline, then attached, a user's groups included.
        permissions_boundary: The boundary, where there is one and it was read.
        trust_policy: The trust policy of a role, where it was read.
        unique_id: The id of the user, role or group (`AIDA...`, `AROA...`, `AGPA...`); None where it was not read.
        unread: What was not read, each part once.
        sources: Where each policy hangs, by the policy's name.
        assumptions: What was taken for granted on the way.
    """

    who: PrincipalIdentity
    policies: tuple[Policy, ...] = ()
    permissions_boundary: Policy | None = None
    trust_policy: Policy | None = None
    unique_id: str | None = None
    unread: tuple[AccountGap, ...] = ()
    sources: Mapping[str, PolicySource] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()

    @property
    def identity(self) -> tuple[Policy, ...] | Unread:
        """The layer of identity policies: UNREAD where one of them was not read, for it could deny or allow."""
        return UNREAD if self._is_open(PolicyType.IDENTITY) else self.policies

    @property
    def boundary(self) -> Policy | Unread | None:
        """The boundary: None where there is none, UNREAD where nobody knows."""
        return UNREAD if self._is_open(PolicyType.BOUNDARY) else self.permissions_boundary

    @property
    def trust(self) -> Policy | Unread | None:
        """The trust policy of a role: None where it is no role."""
        return UNREAD if self._is_open(PolicyType.RESOURCE) else self.trust_policy

    @property
    def tags(self) -> Mapping[str, str] | None:
        """The tags of the user or role; None where they were not read."""
        return self.who.tags

    @property
    def service_linked(self) -> bool:
        """True for roles that services made for themselves, which SCPs do not apply to."""
        return self.who.is_service_linked

    def _is_open(self, layer: PolicyType) -> bool:
        return any(layer in gap.layers for gap in self.unread)


@dataclass(frozen=True)
class StoredPolicy:
    """A policy as IAM or a file has it: its document still an object or a text."""

    source: PolicySource
    document: object
    operation: str = ""
    """The call that read it, for the gap that it becomes where it is not understood."""

    def read(self, layer: PolicyType) -> Policy | AccountGap:
        """The policy; a gap where its document is none that is understood."""
        name = self.source.label
        if layer is PolicyType.RESOURCE:
            name = f"{self.source.name} of {self.source.holders[0]}"
        try:
            if not isinstance(self.document, str | Mapping):
                raise InvalidInputError("it has no document", where=name)
            document = decoded(self.document) if isinstance(self.document, str) else self.document
            return Policy.parse(document, name=name, layer=layer, stored=False)
        except InvalidInputError as error:
            what = f"the {name}" if layer is PolicyType.RESOURCE else f"the policy {name}"
            return AccountGap(what, f"it is not understood: {error}", (layer,), self.operation)


def assembled(
    who: PrincipalIdentity,
    *,
    identity: Sequence[StoredPolicy] = (),
    boundary: StoredPolicy | None = None,
    trust: StoredPolicy | None = None,
    unique_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    gaps: Iterable[AccountGap] = (),
    kept: KeptPolicies | None = None,
) -> AttachedPolicies:
    """The policies of a principal, from what was found; a document that is not understood becomes a gap.

    Args:
        who: The principal, over the entity that was found.
        identity: Its identity policies, each managed one once.
        boundary: Its boundary; None: it has none, or a gap says that it was not read.
        trust: The trust policy of a role.
        unique_id: The unique id of the entity.
        tags: Its tags; None: not read.
        gaps: What was not read.
        kept: Policies that several principals have, parsed once; None: each is parsed where it is met.
    """
    kept = {} if kept is None else kept
    unread = list(gaps)
    policies = []
    for document in identity:
        policy = _read_once(document, PolicyType.IDENTITY, kept)
        unread.append(policy) if isinstance(policy, AccountGap) else policies.append(policy)
    limits = [
        document and _read_once(document, layer, kept)
        for document, layer in ((boundary, PolicyType.BOUNDARY), (trust, PolicyType.RESOURCE))
    ]
    unread += [limit for limit in limits if isinstance(limit, AccountGap)]
    sources = [document.source for document in (*([boundary] if boundary else ()), *identity)]
    return AttachedPolicies(
        _known(who, unique_id, tags),
        policies=tuple(policies),
        permissions_boundary=limits[0] if isinstance(limits[0], Policy) else None,
        trust_policy=limits[1] if isinstance(limits[1], Policy) else None,
        unique_id=unique_id,
        unread=tuple(dict.fromkeys(unread)),
        sources={source.label: source for source in sources},
        assumptions=_assumed(who, tags),
    )


def _read_once(found: StoredPolicy, layer: PolicyType, kept: KeptPolicies) -> Policy | AccountGap:
    """The policy; of those that several principals may have, managed ones and groups' own, the one that is kept."""
    source = found.source
    if source.arn is None and not source.holders[0].startswith("group "):
        return found.read(layer)
    key = source.label, layer
    if key not in kept:
        kept[key] = found.read(layer)
    return kept[key]


def without_policies(who: PrincipalIdentity) -> AttachedPolicies | None:
    """What is known of a principal that has no policies of its own in IAM; None for a user, group or role.

    The root user may do all that the organization's policies leave it: it stands with a policy that allows everything.
    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html and
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    if who.kind in ENTITY_KINDS:
        return None
    if who.kind is not IdentityKind.ROOT:
        gap = AccountGap(f"the policies of {who.arn}", who.why_not, (PolicyType.IDENTITY, PolicyType.BOUNDARY))
        return AttachedPolicies(who, unread=(gap,))
    everything = Policy.parse(_ROOT_USER, name="the rights of the root user")
    text = "the root user has no policies of its own: it may do all that SCPs, RCPs and resource policies leave it"
    return AttachedPolicies(who, policies=(everything,), assumptions=(*who.assumptions, Assumption(text)))


def _known(who: PrincipalIdentity, unique_id: str | None, tags: Mapping[str, str] | None) -> PrincipalIdentity:
    user_id = who.user_id
    if user_id is None and unique_id is not None:
        if who.kind is IdentityKind.USER:
            user_id = unique_id
        elif who.session is not None:
            user_id = f"{unique_id}:{who.session}"
    return replace(who, user_id=user_id, tags=tags)


def _assumed(who: PrincipalIdentity, tags: Mapping[str, str] | None) -> tuple[Assumption, ...]:
    if not tags or ENTITY_KINDS[who.kind] != "role":
        return who.assumptions
    listed = ", ".join(sorted(tags))
    text = f"the tags of a session cannot be read: none is taken to replace those of the role ({listed})"
    return (*who.assumptions, Assumption(text, "--context"))
