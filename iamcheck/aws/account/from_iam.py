"""Reads the policies of a principal from IAM.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html (ListUserPolicies, GetUserPolicy,
ListAttachedUserPolicies, ListGroupsForUser, GetPolicy, GetPolicyVersion and their kin for groups and roles)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.aws.account.policies import (
    ENTITY_KINDS,
    AccountGap,
    PolicySource,
    StoredPolicy,
    assembled,
    without_policies,
)
from iamcheck.aws.account.rounds import Read, read_all
from iamcheck.aws.principals import with_source, without_role
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.aws.account.policies import AttachedPolicies
    from iamcheck.aws.account.rounds import ReadRounds
    from iamcheck.aws.clients import AwsAnswer, Deadline
    from iamcheck.aws.principals import PrincipalIdentity

__all__ = ["MAX_CONCURRENCY", "read_live"]

MAX_CONCURRENCY: Final = 4
"""Calls at a time."""


def read_live(
    principal: PrincipalIdentity,
    iam: object,
    *,
    deadline: Deadline | None = None,
    max_concurrency: int = MAX_CONCURRENCY,
    role: AwsAnswer | AwsUnavailableError | None = None,
) -> AttachedPolicies:
    """Reads the policies of a principal from IAM: a session's are those of its role.

    A principal that does not come back in full is no error: each part that could not be read is among `unread`, with
    the permission that would help. The calls are at most four round trips deep: the entity and its lists; inline
    policies, groups' lists and managed policies; those of the groups; the default versions.

    Args:
        principal: Who; of the account that the client's credentials belong to.
        iam: A boto3 client for IAM.
        deadline: When the run must have ended.
        max_concurrency: How many calls run at a time.
        role: What GetRole answered for a role or a session in it, where it was asked already.

    Raises:
        InvalidInputError: `max_concurrency` is below 1.
    """
    known = without_policies(principal)
    if known is not None:
        return known
    walk = _PolicyWalk(principal)
    answered = {}
    if role is not None:
        answered[Read("iam:GetRole", (("RoleName", principal.name),))] = (
            role if isinstance(role, AwsUnavailableError) else (role,)
        )
    read_all(walk.over, iam, deadline=deadline, max_concurrency=max_concurrency, answered=answered)
    return walk.result()


class _PolicyWalk:
    """One walk over all that reaches a principal; what it asks for and is not there yet is read before the next."""

    def __init__(self, principal: PrincipalIdentity) -> None:
        self._principal = principal
        self._kind = ENTITY_KINDS[principal.kind]
        self._start()

    def _start(self) -> None:
        self._who = self._principal
        self._gaps: list[AccountGap] = []
        self._identity: list[StoredPolicy] = []
        self._boundary: StoredPolicy | None = None
        self._trust: StoredPolicy | None = None
        self._unique_id: str | None = None
        self._tags: Mapping[str, str] | None = None

    def over(self, reads: ReadRounds) -> None:
        self._start()
        self._reads = reads
        if self._kind != "group":
            self._entity()
        holders = [(self._kind, self._principal.name, self._arn())]
        if self._kind == "user":
            holders += self._groups()
        managed: dict[str, list[str]] = {}
        for kind, name, arn in holders:
            self._inline(kind, name, arn)
            for policy in self._attached(kind, name, arn):
                managed.setdefault(policy, []).append(f"{kind} {name}")
        for policy, names in managed.items():
            attached = self._managed(policy, tuple(names), PolicyType.IDENTITY)
            self._identity += [attached] if attached else []

    def result(self) -> AttachedPolicies:
        return assembled(
            self._who,
            identity=self._identity,
            boundary=self._boundary,
            trust=self._trust,
            unique_id=self._unique_id,
            tags=self._tags,
            gaps=self._gaps,
        )

    # --- the entity itself

    def _entity(self) -> None:
        """GetUser or GetRole: the path, the boundary, the tags and the id, and of a role the trust policy."""
        word = self._kind.capitalize()
        read = Read(f"iam:Get{word}", ((f"{word}Name", self._principal.name),))
        try:
            answer = self._reads.answer(read)
            entity = _part(answer, word)
            arn = entity.text("Arn")
            who = with_source(self._principal, arn)
            if who is None:
                raise answer.unusable(f"{arn} is not {self._principal.policy_source_arn or self._principal.arn}")
            unique_id, tags = entity.text(f"{word}Id"), _tags(entity)
            boundary = entity.part("PermissionsBoundary")
            boundary_arn = None if boundary is None else boundary.text("PermissionsBoundaryArn")
        except AwsUnavailableError as error:
            layers = (PolicyType.BOUNDARY, *((PolicyType.RESOURCE,) if self._kind == "role" else ()))
            parts = "permissions boundary, tags and path" + (", trust policy" if self._kind == "role" else "")
            if self._principal.policy_source_arn is None:
                self._who = without_role(self._principal)
            self._gap(f"the {parts} of {self._kind} {self._principal.name}", error, layers, self._arn())
            return
        self._who, self._unique_id, self._tags = who, unique_id, tags
        if self._kind == "role":
            source = PolicySource("trust policy", (f"role {self._principal.name}",))
            self._trust = StoredPolicy(source, entity.data.get("AssumeRolePolicyDocument"), read.operation)
        if boundary_arn is not None:
            self._boundary = self._managed(boundary_arn, (), PolicyType.BOUNDARY)

    def _groups(self) -> list[tuple[str, str, str]]:
        name = self._principal.name
        read = Read("iam:ListGroupsForUser", (("UserName", name),), "Groups")
        try:
            groups = [group for page in self._reads.pages(read) for group in page.parts("Groups")]
            names = dict.fromkeys((group.text("GroupName"), group.text("Arn")) for group in groups)
            return [("group", *named) for named in names]
        except AwsUnavailableError as error:
            self._gap(f"the groups of user {name}", error, (PolicyType.IDENTITY,), self._arn())
            return []

    # --- the policies of a user, group or role

    def _inline(self, kind: str, name: str, arn: str) -> None:
        word = kind.capitalize()
        entity = (f"{word}Name", name)
        try:
            pages = self._reads.pages(Read(f"iam:List{word}Policies", (entity,), "PolicyNames"))
            names = dict.fromkeys(policy for page in pages for policy in page.texts("PolicyNames"))
        except AwsUnavailableError as error:
            self._gap(f"the inline policies of {kind} {name}", error, (PolicyType.IDENTITY,), arn)
            return
        for policy in names:
            read = Read(f"iam:Get{word}Policy", (entity, ("PolicyName", policy)))
            source = PolicySource(policy, (f"{kind} {name}",))
            try:
                answer = self._reads.answer(read)
                if (answer.text(entity[0]), answer.text("PolicyName")) != (name, policy):
                    raise answer.unusable("it is about another policy")
                self._identity.append(StoredPolicy(source, _document(answer, "PolicyDocument"), read.operation))
            except AwsUnavailableError as error:
                self._gap(f"the policy {source.label}", error, (PolicyType.IDENTITY,), arn)

    def _attached(self, kind: str, name: str, arn: str) -> Iterator[str]:
        word = kind.capitalize()
        read = Read(f"iam:ListAttached{word}Policies", ((f"{word}Name", name),), "AttachedPolicies")
        try:
            pages = self._reads.pages(read)
            arns = [policy.text("PolicyArn") for page in pages for policy in page.parts("AttachedPolicies")]
        except AwsUnavailableError as error:
            self._gap(f"the managed policies of {kind} {name}", error, (PolicyType.IDENTITY,), arn)
            return
        yield from dict.fromkeys(arns)

    def _managed(self, arn: str, holders: tuple[str, ...], layer: PolicyType) -> StoredPolicy | None:
        try:
            if arn.split(":")[4:5] not in (["aws"], [self._principal.account_id]):
                raise AwsUnavailableError("its ARN is of another account", operation="iam:GetPolicy")
            answer = self._reads.answer(Read("iam:GetPolicy", (("PolicyArn", arn),)))
            policy = _part(answer, "Policy")
            if policy.text("Arn") != arn:
                raise answer.unusable("it is about another policy")
            default = policy.text("DefaultVersionId")
            read = Read("iam:GetPolicyVersion", (("PolicyArn", arn), ("VersionId", default)))
            answer = self._reads.answer(read)
            version = _part(answer, "PolicyVersion")
            if version.text("VersionId") != default:
                raise answer.unusable("it is about another version")
            source = PolicySource(arn.rpartition("/")[2], holders, arn)
            return StoredPolicy(source, _document(version, "Document"), read.operation)
        except AwsUnavailableError as error:
            word = "permissions boundary" if layer is PolicyType.BOUNDARY else "policy"
            self._gap(f"the {word} {arn}", error, (layer,), arn)
            return None

    # --- what could not be read

    def _arn(self) -> str:
        return self._who.policy_source_arn or self._who.arn

    def _gap(self, what: str, error: AwsUnavailableError, layers: tuple[PolicyType, ...], arn: str) -> None:
        grant_on = arn if is_access_denied(error) else ""
        self._gaps.append(AccountGap(what, str(error), layers, error.operation, grant_on, error.code or ""))


def _part(answer: AwsAnswer, member: str) -> AwsAnswer:
    part = answer.part(member)
    if part is None:
        raise answer.unusable(f"{member} is missing from the answer")
    return part


def _document(answer: AwsAnswer, member: str) -> object:
    document = answer.data.get(member)
    if not document:
        raise answer.unusable(f"{member} is missing from the answer")
    return document


def _tags(entity: AwsAnswer) -> Mapping[str, str]:
    """The tags; IAM leaves the member out where there are none, and values may be empty."""
    tags: dict[str, str] = {}
    for tag in entity.parts("Tags"):
        value = tag.data.get("Value")
        if not isinstance(value, str):
            raise tag.unusable("the value of a tag is missing")
        tags[tag.text("Key")] = value
    return tags
