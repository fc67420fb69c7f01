"""Reads the policies of a principal from the JSON of `aws iam get-account-authorization-details`, however large.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, Final

from iamcheck.aws.account.details_stream import POLICIES, read
from iamcheck.aws.account.exported import details_file, exported_key_policy
from iamcheck.aws.account.policies import (
    ENTITY_KINDS,
    AccountGap,
    PolicySource,
    StoredPolicy,
    assembled,
    without_policies,
)
from iamcheck.aws.principals import parse_principal, with_source
from iamcheck.errors import InvalidInputError
from iamcheck.iam.authorization_details import (
    LISTS,
    NAMES,
    attached_policies,
    boundary_of,
    default_version,
    entries,
    groups_of,
    inline_policies,
    text,
)
from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from iamcheck.aws.account.details_stream import Parse
    from iamcheck.aws.account.policies import AttachedPolicies, KeptPolicies
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.iam.model import Policy

__all__ = ["AccountDetails", "read_account", "read_details"]

_CANDIDATES: Final = 5000
"""Names that are kept for a suggestion, where the principal is not there."""
_GROUPS: Final = LISTS["group"]
_ASK_FOR_ALL: Final = "take the details without --filter"

Kept: TypeAlias = "tuple[Mapping[str, object], str]"


def read_details(
    path: str | Path, principal: PrincipalIdentity | str, *, stdin: BinaryIO | None = None, parse: Parse | None = None
) -> AttachedPolicies:
    """Reads the policies of a principal from authorization details: a session's are those of its role.

    The file is read once where its lists have AWS's order, in which what an entry refers to comes after it, and once
    more for each reference that looks back. Memory is that of the principal's own entries. What the file leaves out
    of what reaches the principal (AWS managed policies, say) is among `unread`.

    Args:
        path: The file, or a folder of `iamcheck account export`; `-` is standard input, which must have AWS's order.
        principal: Who, or the ARN.
        stdin: What to read for `-`, None: the process's standard input.
        parse: Makes events of bytes; None: ijson's quickest parser that is installed.

    Raises:
        InvalidInputError: The file cannot be read, is no authorization details or one page of them, is of another
            account, or does not have the principal.
    """
    who = parse_principal(principal) if isinstance(principal, str) else principal
    known = without_policies(who)
    if known is not None:
        return known
    path = details_file(path)
    place = "standard input" if path == "-" else path
    entries = _PrincipalEntries(ENTITY_KINDS[who.kind], who.name)
    try:
        read(path, entries, stdin=stdin, parse=parse)
        while entries.look_back():
            if path == "-":
                raise InvalidInputError("its lists are in an order that takes two readings", cure="give a file's name")
            read(path, entries, parse=parse)
        return _policies(who, entries)
    except InvalidInputError as error:
        raise error.at(place) from None


def read_account(path: str | Path, *, parse: Parse | None = None) -> AccountDetails:
    """Reads the whole of authorization details once: every user, group, role and managed policy.

    Args:
        path: The file, or a folder of `iamcheck account export`; `-` is standard input.
        parse: Makes events of bytes; None: ijson's quickest parser that is installed.

    Raises:
        InvalidInputError: The file cannot be read, or is no authorization details or one page of them.
    """
    file = details_file(path)
    place = "standard input" if file == "-" else file
    details = AccountDetails(place, str(path))
    try:
        read(file, details, parse=parse)
    except InvalidInputError as error:
        raise error.at(place) from None
    return details


class AccountDetails:
    """The entries of authorization details, as texts: an account of thousands of principals takes little memory.

    Made by `read_account`.
    """

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        """The file."""
        self._source = source
        self.place = ""
        self._lists: dict[str, dict[str, list[tuple[str, str]]]] = {
            POLICIES: {},
            **{each: {} for each in LISTS.values()},
        }
        self._kept: KeptPolicies = {}
        self._decoded = lru_cache(maxsize=512)(json.loads)

    # --- what the walk asks

    def begins(self, list_name: str) -> None:
        """A list begins."""

    def wants(self, list_name: str, name: str) -> bool:  # noqa: ARG002  the walk's signature
        """Whether the entry is needed: each is."""
        return True

    def take(self, list_name: str, entry: Mapping[str, object], where: str) -> None:
        """Keeps an entry."""
        key = "Arn" if list_name == POLICIES else next(NAMES[kind] for kind in LISTS if LISTS[kind] == list_name)
        name = entry.get(key)
        if not isinstance(name, str):
            name = str(entry.get("Arn")).rpartition("/")[2]
        # what is wrong with an entry is said to whoever asks for it
        self._lists[list_name].setdefault(name, []).append((json.dumps(entry), where))

    def enough(self) -> bool:
        """Nothing is."""
        return False

    # --- what was read

    def principals(self) -> Iterator[str]:
        """The ARNs of the users, then of the roles."""
        for kind in ("user", "role"):
            for (content, where), *_ in self._lists[LISTS[kind]].values():
                yield text(json.loads(content), "Arn", f"{self.name}, {where}")

    def key_policy(self, arn: str) -> Policy | None:
        """The policy of a KMS key, where the details come from a folder that has it and the key is of their account.

        Raises:
            InvalidInputError: The file of the key holds no policy that is understood.
        """
        first = next(self.principals(), None)
        if first is None or first.split(":")[4] != arn.split(":")[4]:
            return None
        return exported_key_policy(self._source, arn)

    def kinds_without(self) -> Iterator[str]:
        """The kinds of principals, `user` and `role`, of which there is none: the file may have been filtered."""
        yield from (kind for kind in ("user", "role") if not self._lists[LISTS[kind]])

    def policies_of(self, principal: PrincipalIdentity | str) -> AttachedPolicies:
        """The policies of a principal, as `read_details` gives them.

        Raises:
            InvalidInputError: The file does not have the principal, or an entry is not of its shape.
        """
        who = parse_principal(principal) if isinstance(principal, str) else principal
        known = without_policies(who)
        if known is not None:
            return known
        entries = _PrincipalEntries(ENTITY_KINDS[who.kind], who.name)
        entries.lists = {name for name, found in self._lists.items() if found}
        try:
            self._give(entries, LISTS[entries.kind], who.name)
            if entries.entity is None:
                self._suggest(entries)
            for name in tuple(entries.groups):
                self._give(entries, _GROUPS, name)
            for arn in tuple(entries.managed):
                self._give(entries, POLICIES, arn)
            return _policies(who, entries, self._kept)
        except InvalidInputError as error:
            raise error.at(self.name) from None

    def _give(self, entries: _PrincipalEntries, list_name: str, name: str) -> None:
        for content, where in self._lists[list_name].get(name, ()):
            entries.take(list_name, self._decoded(content), where)

    def _suggest(self, entries: _PrincipalEntries) -> None:
        """Tells of the names that are there."""
        for list_name in LISTS.values():
            for name in self._lists[list_name]:
                entries.wants(list_name, name)


class _PrincipalEntries:
    """A principal's entries in a file: those that are needed, and those that were read; an entry may need others."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.entity: Kept | None = None
        self.groups: dict[str, Kept | None] = {}
        self.managed: dict[str, Kept | None] = {}
        self.like: list[str] = []
        """Names of the same kind that are about as long."""
        self.elsewhere: set[str] = set()
        """Other kinds that have an entity of this name."""
        self.lists: set[str] = set()
        """Those that the file has."""
        self.place = ""
        self._begun: set[str] = set()
        self._late: set[str] = set()
        self._again = False

    # --- what the walk asks

    def begins(self, list_name: str) -> None:
        self.lists.add(list_name)
        self._begun.add(list_name)

    def wants(self, list_name: str, name: str) -> bool:
        if list_name == POLICIES:
            return name in self.managed and self._is_new(self.managed[name])
        name = name.rpartition("/")[2]
        is_needed = list_name == LISTS[self.kind] and name == self.name and self._is_new(self.entity)
        if list_name == _GROUPS and name in self.groups:
            return self._is_new(self.groups[name]) or is_needed
        if not is_needed and not self._again:
            self._note(list_name, name)
        return is_needed

    def take(self, list_name: str, entry: Mapping[str, object], where: str) -> None:
        kept = entry, where
        if list_name == POLICIES:
            _put(self.managed, text(entry, "Arn", where), kept)
            return
        kind = next(kind for kind, name in LISTS.items() if name == list_name)
        name = text(entry, NAMES[kind], where)
        if name != text(entry, "Arn", where).rpartition("/")[2]:
            raise InvalidInputError(f"its ARN is not that of {name}", where=where)
        if kind == self.kind:
            if self.entity is not None:
                raise InvalidInputError(f"{kind} {name} is there twice", where=where, cure="join the pages once")
            self.entity = kept
            if kind == "user":
                self._want(_GROUPS, self.groups, groups_of(entry, where))
            boundary = boundary_of(entry, where)
            self._want(POLICIES, self.managed, (boundary.arn,) if boundary else ())
        else:
            _put(self.groups, name, kept)
        self._want(POLICIES, self.managed, (policy.arn for policy in attached_policies(entry, where)))

    def enough(self) -> bool:
        """On the first reading nothing is: that it is one page of several stands behind the lists."""
        return self._again and not any(self._missing().values())

    # --- how it goes on

    def look_back(self) -> bool:
        """Whether another reading may find what is missing: the need for it came when its list had begun already."""
        late = any(missing and name in self._late for name, missing in self._missing().items())
        self._late.clear()
        self._begun.clear()
        self._again = True
        return late

    def _missing(self) -> Mapping[str, list[str]]:
        return {
            _GROUPS: [name for name, kept in self.groups.items() if kept is None],
            POLICIES: [arn for arn, kept in self.managed.items() if kept is None],
        }

    def _want(self, list_name: str, kept: dict[str, Kept | None], names: Iterator[str] | tuple[str, ...]) -> None:
        for name in names:
            if name not in kept:
                kept[name] = None
                if list_name in self._begun:
                    self._late.add(list_name)

    def _is_new(self, kept: Kept | None) -> bool:
        # on the first reading what is there twice is taken twice, and refused
        return kept is None or not self._again

    def _note(self, list_name: str, name: str) -> None:
        if list_name != LISTS[self.kind]:
            if name == self.name:
                self.elsewhere.add(next(kind for kind, lists in LISTS.items() if lists == list_name))
        elif self.entity is None and abs(len(name) - len(self.name)) <= 2 and len(self.like) < _CANDIDATES:
            self.like.append(name)


def _put(kept: dict[str, Kept | None], name: str, row: Kept) -> None:
    if kept.get(name) is not None:
        raise InvalidInputError(f"{name} is there twice", where=row[1], cure="join the pages once")
    kept[name] = row


def _policies(who: PrincipalIdentity, entries: _PrincipalEntries, kept: KeptPolicies | None = None) -> AttachedPolicies:
    if entries.entity is None:
        raise _not_there(entries)
    kind, (entry, where) = entries.kind, entries.entity
    arn = text(entry, "Arn", where)
    entity = with_source(who, arn)
    if entity is None:
        raise InvalidInputError(
            f"{arn} is not {who.arn}", where=where, cure="give the details of the principal's account"
        )
    gaps: list[AccountGap] = []
    holders: list[tuple[str, str, Kept]] = [(kind, who.name, entries.entity)]
    for name in groups_of(entry, where) if kind == "user" else ():
        group = entries.groups[name]
        if group is not None:
            holders.append(("group", name, group))
            continue
        why = f"the file does not have it ({_ASK_FOR_ALL}, or with Group in it)"
        gaps.append(AccountGap(f"the policies of group {name}", why, (PolicyType.IDENTITY,)))
    identity: list[StoredPolicy] = []
    attached: dict[str, list[str]] = {}
    for each, name, (holder, at) in holders:
        identity += [
            StoredPolicy(PolicySource(inline.name, (f"{each} {name}",)), inline.document)
            for inline in inline_policies(each, holder, at)
        ]
        for policy in attached_policies(holder, at):
            attached.setdefault(policy.arn, []).append(f"{each} {name}")
    for policy_arn, names in attached.items():
        managed = _managed(entries, policy_arn, tuple(names), PolicyType.IDENTITY)
        gaps.append(managed) if isinstance(managed, AccountGap) else identity.append(managed)
    limit = boundary_of(entry, where)
    boundary = limit and _managed(entries, limit.arn, (), PolicyType.BOUNDARY)
    trust = PolicySource("trust policy", (f"role {who.name}",))
    unique_id = entry.get(f"{kind.capitalize()}Id")
    return assembled(
        entity,
        identity=identity,
        boundary=boundary if isinstance(boundary, StoredPolicy) else None,
        trust=StoredPolicy(trust, entry.get("AssumeRolePolicyDocument")) if kind == "role" else None,
        unique_id=unique_id if isinstance(unique_id, str) else None,
        tags=_tags(entry, where),
        gaps=[*gaps, *([boundary] if isinstance(boundary, AccountGap) else [])],
        kept=kept,
    )


def _managed(
    entries: _PrincipalEntries, arn: str, holders: tuple[str, ...], layer: PolicyType
) -> StoredPolicy | AccountGap:
    kept = entries.managed[arn]
    if kept is None:
        which = "AWSManagedPolicy" if ":aws:policy/" in arn else "LocalManagedPolicy"
        why = f"the file does not have its document ({_ASK_FOR_ALL}, or with {which} in it)"
        word = "permissions boundary" if layer is PolicyType.BOUNDARY else "policy"
        return AccountGap(f"the {word} {arn}", why, (layer,))
    entry, where = kept
    version, _ = default_version(entry, where)
    return StoredPolicy(PolicySource(text(entry, "PolicyName", where), holders, arn), version.get("Document"))


def _tags(entry: Mapping[str, object], where: str) -> Mapping[str, str] | None:
    """The tags; None where the file says nothing of tags."""
    if "Tags" not in entry:
        return None
    tags: dict[str, str] = {}
    for tag, place in entries(entry, "Tags", where):
        value = tag.get("Value", "")
        if not isinstance(value, str):
            raise InvalidInputError("Value is not a text", where=place)
        tags[text(tag, "Key", place)] = value
    return tags


def _not_there(entries: _PrincipalEntries) -> InvalidInputError:
    kind, name = entries.kind, entries.name
    if LISTS[kind] not in entries.lists:
        return InvalidInputError(
            f"{LISTS[kind]} is not there", cure=f"{_ASK_FOR_ALL}, or with {kind.capitalize()} in it"
        )
    if entries.elsewhere:
        cure = f"there is a {sorted(entries.elsewhere)[0]} of that name"
    else:
        cure = did_you_mean(name, entries.like) or "are these the details of the principal's account?"
    return InvalidInputError(f"no {kind} {name}", where=LISTS[kind], cure=cure)
