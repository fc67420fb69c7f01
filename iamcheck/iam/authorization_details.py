"""Reads the entries of `aws iam get-account-authorization-details`: users, groups, roles, managed policies.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Policy, PolicyType

if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = [
    "LISTS",
    "NAMES",
    "PAGED",
    "AttachedPolicy",
    "InlinePolicy",
    "attached_policies",
    "boundary_of",
    "decoded",
    "default_version",
    "entries",
    "groups_of",
    "inline_policies",
    "parse_document",
    "text",
]

LISTS: Final = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
"""The lists of the details, by the kind of their entries; managed policies are in `Policies`."""
NAMES: Final = {"user": "UserName", "group": "GroupName", "role": "RoleName"}
_INLINE: Final = {"user": "UserPolicyList", "group": "GroupPolicyList", "role": "RolePolicyList"}

PAGED: Final = ("IsTruncated", "Marker", "NextToken")
"""Members that say that there is more: of the API's pages, and of the AWS CLI's output under `--max-items`."""

Entry: TypeAlias = "Mapping[str, object]"


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


def inline_policies(kind: str, entry: Entry, where: str) -> Iterator[InlinePolicy]:
    """The policies embedded in an entry of this kind.

    Raises:
        InvalidInputError: The entry is not of its shape.
    """
    entity = text(entry, NAMES[kind], where)
    for policy, place in entries(entry, _INLINE[kind], where):
        name = text(policy, "PolicyName", place)
        yield InlinePolicy(kind, entity, name, policy.get("PolicyDocument"), f"{place}.PolicyDocument")


def attached_policies(entry: Entry, where: str) -> Iterator[AttachedPolicy]:
    """The managed policies attached to an entry.

    Raises:
        InvalidInputError: The entry is not of its shape.
    """
    for each, place in entries(entry, "AttachedManagedPolicies", where):
        yield AttachedPolicy(text(each, "PolicyArn", place), place)


def boundary_of(entry: Entry, where: str) -> AttachedPolicy | None:
    """The permissions boundary of an entry; AWS leaves the member out where there is none.

    Raises:
        InvalidInputError: The entry is not of its shape.
    """
    boundary = entry.get("PermissionsBoundary")
    if not boundary:
        return None
    place = f"{where}.PermissionsBoundary"
    if not isinstance(boundary, Mapping):
        raise InvalidInputError("not a JSON object", where=place)
    return AttachedPolicy(text(boundary, "PermissionsBoundaryArn", place), place)


def groups_of(entry: Entry, where: str) -> tuple[str, ...]:
    """The names of the groups that a user is in.

    Raises:
        InvalidInputError: The entry is not of its shape.
    """
    names = _list(entry, "GroupList", where)
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise InvalidInputError("not a text", where=f"{where}.GroupList[{index}]")
    return tuple(str(name) for name in names)


def default_version(entry: Entry, where: str) -> tuple[Entry, str]:
    """The default version of a managed policy, and its place.

    Raises:
        InvalidInputError: It is not there, or the members that name it differ.
    """
    defaults = [
        (version, place)
        for version, place in entries(entry, "PolicyVersionList", where)
        if version.get("IsDefaultVersion") is True or version.get("VersionId") == entry.get("DefaultVersionId", "")
    ]
    if len(defaults) > 1:
        raise InvalidInputError(
            "two versions are the default", where=f"{where}.PolicyVersionList", cure="one of them is"
        )
    if defaults:
        return defaults[0]
    raise InvalidInputError("the default version is not there", where=f"{where}.PolicyVersionList")


def parse_document(document: object, layer: PolicyType, name: str, where: str) -> Policy:
    """Parses a stored document; positions are those of its text, for an object those of `json.dumps` of it.

    Raises:
        InvalidInputError: It is neither an object nor a text, or not a policy that is understood.
    """
    if isinstance(document, Mapping):
        document = json.dumps(document)
    elif not isinstance(document, str):
        raise InvalidInputError("no policy document: neither an object nor a text", where=where)
    try:
        return Policy.parse(decoded(document), name=name, layer=layer, stored=False)
    except InvalidInputError as error:
        raise error.at(where) from error


def decoded(document: str) -> str:
    """The text of a document; IAM's API sends it URL-encoded, and boto3 and the AWS CLI decode it."""
    if not document.lstrip().startswith("%"):
        return document
    from urllib.parse import unquote

    return unquote(document)


def entries(holder: Entry, key: str, where: str) -> Iterator[tuple[Entry, str]]:
    """The objects in the list `key`, each with its place; none where the list is left out.

    Raises:
        InvalidInputError: It is no list of objects.
    """
    for index, entry in enumerate(_list(holder, key, where)):
        place = f"{where}.{key}[{index}]"
        if not isinstance(entry, Mapping):
            raise InvalidInputError("not a JSON object", where=place)
        yield entry, place


def text(holder: Entry, key: str, where: str) -> str:
    """The text `key`.

    Raises:
        InvalidInputError: It is missing, empty or no text.
    """
    member = holder.get(key)
    if not isinstance(member, str) or not member:
        raise InvalidInputError(f"{key} is missing or not a text", where=where)
    return member


def _list(holder: Entry, key: str, where: str) -> Sequence[object]:
    member = holder.get(key, ())
    if isinstance(member, str) or not isinstance(member, Sequence):
        raise InvalidInputError("not a list", where=f"{where}.{key}")
    return member
