"""An account's IAM state: the JSON of `aws iam get-account-authorization-details`, looked up by name.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from iamcheck._dataclass import dataclass
from iamcheck.errors import InvalidInputError
from iamcheck.model import PolicyType
from iamcheck.simulators.local_iam.documents import parse_document

if TYPE_CHECKING:
    from iamcheck.model import Policy

__all__ = ["AttachedPolicy", "Entity", "IamState", "InlinePolicy", "pathless"]

_LISTS: Final = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
_NAMES: Final = {"user": "UserName", "group": "GroupName", "role": "RoleName"}
_INLINE: Final = {"user": "UserPolicyList", "group": "GroupPolicyList", "role": "RolePolicyList"}
_ROOT: Final = "authorization_details"


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """A policy embedded in a user, group or role."""

    kind: str
    entity: str
    name: str
    document: object
    where: str

    @property
    def source_id(self) -> str:
        """The SourcePolicyId that AWS gives to its statements."""
        return f"{self.kind}_{self.entity}_{self.name}"

    def parse(self) -> Policy:
        """Reads the document.

        Raises:
            InvalidInputError: It is not a policy, or not one that is understood.
        """
        return parse_document(self.document, PolicyType.IDENTITY, self.source_id, self.where)


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A managed policy that reaches an entity, by attachment or as its boundary."""

    arn: str
    where: str

    @property
    def aws_managed(self) -> bool:
        """True for policies of AWS's own, whose ARN has `aws` in place of an account."""
        return self.arn.split(":")[4:5] == ["aws"]


@dataclass(frozen=True, slots=True)
class Entity:
    """A user, group or role with all that reaches it, a user's groups included."""

    kind: str
    name: str
    arn: str
    inline: tuple[InlinePolicy, ...]
    attached: tuple[AttachedPolicy, ...]
    """Each managed policy once, however often it arrives."""
    boundary: AttachedPolicy | None


def pathless(arn: str) -> str:
    """Returns the ARN of a managed policy without the policy's path."""
    head, slash, resource = arn.partition("/")
    return f"{head}{slash}{resource.rpartition('/')[2]}"


class IamState:
    """The users, groups, roles and managed policies of one account.

    Documents may be objects, as boto3 and the AWS CLI decode them, or text: JSON, also URL-encoded as the API sends
    it. Positions of statements are those of the (decoded) text; for an object, those of the text that
    `json.dumps(document)` makes of it, since nobody knows the original.

    Args:
        details: The JSON of `aws iam get-account-authorization-details`, all pages of it.

    Raises:
        InvalidInputError: It is not of that shape, or is one page of several.
    """

    def __init__(self, details: Mapping[str, object]) -> None:
        if not isinstance(details, Mapping):
            raise InvalidInputError(
                "not a JSON object", where=_ROOT, cure="give what get-account-authorization-details prints"
            )
        if details.get("IsTruncated"):
            raise InvalidInputError("one page of several", where=_ROOT, cure="join the pages of all four lists")
        self._entities: dict[tuple[str, str], tuple[Mapping[str, object], str]] = {}
        for kind, key in _LISTS.items():
            for entry, where in _entries(details, key, _ROOT):
                self._entities[kind, _text(entry, _NAMES[kind], where)] = entry, where
        self._managed = {
            _text(entry, "Arn", where): (entry, where) for entry, where in _entries(details, "Policies", _ROOT)
        }
        self._parsed: dict[str, Policy] = {}

    def find(self, kind: str, name: str) -> Entity | None:
        """Looks an entity up by its name, as IAM does: the path plays no part.

        Raises:
            InvalidInputError: What the details say of it is incomplete: a group or list that is not there.
        """
        if (kind, name) not in self._entities:
            return None
        entry, where = self._entities[kind, name]
        sources: list[tuple[str, Mapping[str, object], str]] = [(kind, entry, where)]
        if kind == "user":
            for group in _texts(entry, "GroupList", where):
                if ("group", group) not in self._entities:
                    raise InvalidInputError(
                        f"user {name} is in the group {group}, which is not in GroupDetailList",
                        where=where,
                        cure="take the details with Group in --filter, or without a filter",
                    )
                sources.append(("group", *self._entities["group", group]))
        attached = {
            arn: AttachedPolicy(arn, place)
            for _, source, at in sources
            for each, place in _entries(source, "AttachedManagedPolicies", at)
            if (arn := _text(each, "PolicyArn", place))
        }
        return Entity(
            kind=kind,
            name=name,
            arn=_text(entry, "Arn", where),
            inline=tuple(inline for each, source, at in sources for inline in _inline(each, source, at)),
            attached=tuple(attached.values()),
            boundary=_boundary(entry, where),
        )

    def managed(self, policy: AttachedPolicy) -> Policy:
        """Reads the default version of a managed policy.

        Raises:
            InvalidInputError: The details do not hold it. A policy that cannot be read could deny or allow anything,
                so it is never left out.
        """
        if policy.arn not in self._managed:
            raise InvalidInputError(
                f"{policy.arn} is attached, and its document is not in Policies",
                where=policy.where,
                cure="take the details with AWSManagedPolicy and LocalManagedPolicy in --filter, or without a filter",
            )
        if policy.arn not in self._parsed:
            entry, where = self._managed[policy.arn]
            version, place = _default_version(entry, where)
            name = _text(entry, "PolicyName", where)
            self._parsed[policy.arn] = parse_document(
                version.get("Document"), PolicyType.IDENTITY, name, f"{place}.Document"
            )
        return self._parsed[policy.arn]


def _inline(kind: str, entry: Mapping[str, object], where: str) -> Iterator[InlinePolicy]:
    entity = _text(entry, _NAMES[kind], where)
    for policy, place in _entries(entry, _INLINE[kind], where):
        name = _text(policy, "PolicyName", place)
        yield InlinePolicy(kind, entity, name, policy.get("PolicyDocument"), f"{place}.PolicyDocument")


def _boundary(entry: Mapping[str, object], where: str) -> AttachedPolicy | None:
    boundary = entry.get("PermissionsBoundary")
    if not boundary:
        return None
    place = f"{where}.PermissionsBoundary"
    if not isinstance(boundary, Mapping):
        raise InvalidInputError("not a JSON object", where=place)
    return AttachedPolicy(_text(boundary, "PermissionsBoundaryArn", place), place)


def _default_version(entry: Mapping[str, object], where: str) -> tuple[Mapping[str, object], str]:
    for version, place in _entries(entry, "PolicyVersionList", where):
        if version.get("IsDefaultVersion") is True or version.get("VersionId") == entry.get("DefaultVersionId", ""):
            return version, place
    raise InvalidInputError("the default version is not there", where=f"{where}.PolicyVersionList")


def _entries(holder: Mapping[str, object], key: str, where: str) -> Iterator[tuple[Mapping[str, object], str]]:
    for index, entry in enumerate(_list(holder, key, where)):
        place = f"{where}.{key}[{index}]"
        if not isinstance(entry, Mapping):
            raise InvalidInputError("not a JSON object", where=place)
        yield entry, place


def _texts(holder: Mapping[str, object], key: str, where: str) -> Iterator[str]:
    for index, entry in enumerate(_list(holder, key, where)):
        if not isinstance(entry, str):
            raise InvalidInputError("not a text", where=f"{where}.{key}[{index}]")
        yield entry


def _list(holder: Mapping[str, object], key: str, where: str) -> Sequence[object]:
    found = holder.get(key, ())
    if isinstance(found, str) or not isinstance(found, Sequence):
        raise InvalidInputError("not a list", where=f"{where}.{key}")
    return found


def _text(holder: Mapping[str, object], key: str, where: str) -> str:
    found = holder.get(key)
    if not isinstance(found, str) or not found:
        raise InvalidInputError(f"{key} is missing or not a text", where=where)
    return found
