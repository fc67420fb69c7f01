"""Looks up an account's IAM state by name: the JSON of `aws iam get-account-authorization-details`.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.authorization_details import (
    LISTS,
    NAMES,
    PAGED,
    attached_policies,
    boundary_of,
    default_version,
    entries,
    groups_of,
    inline_policies,
    parse_document,
    text,
)
from iamcheck.iam.model import PolicyType

if TYPE_CHECKING:
    from iamcheck.iam.authorization_details import AttachedPolicy, InlinePolicy
    from iamcheck.iam.model import Policy

__all__ = ["Entity", "IamState", "pathless"]

_ROOT: Final = "authorization_details"


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
        if any(map(details.get, PAGED)):
            raise InvalidInputError("one page of several", where=_ROOT, cure="join the pages of all four lists")
        self._entities: dict[tuple[str, str], tuple[Mapping[str, object], str]] = {}
        for kind, key in LISTS.items():
            for entry, where in entries(details, key, _ROOT):
                self._entities[kind, text(entry, NAMES[kind], where)] = entry, where
        self._managed = {
            text(entry, "Arn", where): (entry, where) for entry, where in entries(details, "Policies", _ROOT)
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
            for group in groups_of(entry, where):
                if ("group", group) not in self._entities:
                    raise InvalidInputError(
                        f"user {name} is in the group {group}, which is not in GroupDetailList",
                        where=where,
                        cure="take the details with Group in --filter, or without a filter",
                    )
                sources.append(("group", *self._entities["group", group]))
        attached = {policy.arn: policy for _, source, at in sources for policy in attached_policies(source, at)}
        return Entity(
            kind=kind,
            name=name,
            arn=text(entry, "Arn", where),
            inline=tuple(inline for each, source, at in sources for inline in inline_policies(each, source, at)),
            attached=tuple(attached.values()),
            boundary=boundary_of(entry, where),
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
            version, place = default_version(entry, where)
            name = text(entry, "PolicyName", where)
            self._parsed[policy.arn] = parse_document(
                version.get("Document"), PolicyType.IDENTITY, name, f"{place}.Document"
            )
        return self._parsed[policy.arn]
