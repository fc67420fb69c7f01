"""Reads the arguments of `aws iam simulate-custom-policy` from words of a command line and from `--cli-input-json`.

Source: https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.json_text import Number, read_text
from iamcheck.iam.model.nearest import nearest
from iamcheck.simulators.simulate.documents import PolicyDocument, is_file, read_documents, read_word
from iamcheck.simulators.simulate.entries import Entry, read_entries
from iamcheck.simulators.simulate.shorthand import read_shorthand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.iam.model import Policy
    from iamcheck.iam.model.json_text import JsonNode

__all__ = ["FIELDS", "ArgumentKind", "Field", "Inputs", "absent_keys", "read_inputs"]


class ArgumentKind(Enum):
    """How the words of an argument are read: whether there may be several, and what help calls one."""

    POLICIES = True, "POLICY"
    LEVELS = True, "LEVEL"
    ENTRIES = True, "ENTRY"
    TEXTS = True, "TEXT"
    POLICY = False, "POLICY"
    TEXT = False, "TEXT"
    NUMBER = False, "NUMBER"

    @property
    def many(self) -> bool:
        """True for lists."""
        return self.value[0]

    @property
    def metavar(self) -> str:
        """One word, in help."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Field:
    """One argument: its member in the API, how it is read, and what to say of it."""

    member: str
    kind: ArgumentKind
    help: str

    @property
    def flag(self) -> str:
        """`--policy-input-list`."""
        return "".join(f"-{char.lower()}" if char.isupper() else char for char in f"-{self.member}")


FIELDS: Final = (
    Field("PolicyInputList", ArgumentKind.POLICIES, "Identity policies."),
    Field("PermissionsBoundaryPolicyInputList", ArgumentKind.POLICIES, "The permissions boundary, at most one."),
    Field(
        "OrderedOrganizationPolicyInputList",
        ArgumentKind.LEVELS,
        "Service control policies, root first, as the API has them.",
    ),
    Field("ActionNames", ArgumentKind.TEXTS, "The actions to simulate."),
    Field("ResourceArns", ArgumentKind.TEXTS, "The ARNs of the resources; otherwise *."),
    Field("ResourcePolicy", ArgumentKind.POLICY, "The policy of the resources."),
    Field("ResourceOwner", ArgumentKind.TEXT, "An ARN whose account owns the resources."),
    Field("CallerArn", ArgumentKind.TEXT, "The user, group or role that makes the calls."),
    Field(
        "ContextEntries",
        ArgumentKind.ENTRIES,
        "Condition keys with their values, in the shorthand of the AWS CLI or as JSON.",
    ),
    Field("ResourceHandlingOption", ArgumentKind.TEXT, "An EC2 scenario, such as EC2-VPC-EBS."),
    Field("MaxItems", ArgumentKind.NUMBER, "Show at most so many actions."),
    Field("Marker", ArgumentKind.TEXT, "Where to start: the Marker of the answer before."),
)
"""Adding an argument is adding a row here and a line to `Inputs`."""

_BY_MEMBER: Final = {field.member: field for field in FIELDS}
_LEVEL: Final = "ServiceControlPolicyInputList"


@dataclass(frozen=True)
class Inputs:
    """What is asked, read and resolved."""

    policies: tuple[PolicyDocument, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...] | None = None
    boundaries: tuple[PolicyDocument, ...] = ()
    levels: tuple[tuple[PolicyDocument, ...], ...] = ()
    resource_policy: PolicyDocument | None = None
    entries: tuple[Entry, ...] = ()
    texts: Mapping[str, str] | None = None
    """CallerArn, ResourceOwner, ResourceHandlingOption and Marker, where they are given."""
    max_items: int | None = None

    @property
    def caller(self) -> str | None:
        """The CallerArn."""
        return (self.texts or {}).get("CallerArn")

    @property
    def keys(self) -> frozenset[str]:
        """The names of the context entries, as given."""
        return frozenset(str(entry["ContextKeyName"]) for entry in self.entries if "ContextKeyName" in entry)

    def document(self, layer: PolicyType, level: int | None, source: int) -> PolicyDocument | None:
        """The document at a place in a layer, as a `StatementRef` names it; None where there is none."""
        documents = {
            PolicyType.IDENTITY: self.policies,
            PolicyType.BOUNDARY: self.boundaries,
            PolicyType.RESOURCE: (self.resource_policy,) if self.resource_policy else (),
            PolicyType.SCP: self.levels[level or 0] if self.levels else (),
        }.get(layer, ())
        return documents[source] if source < len(documents) else None

    def parameters(self) -> dict[str, object]:
        """The arguments of boto3's `simulate_custom_policy`, but for MaxItems."""
        arguments: dict[str, object] = {
            "PolicyInputList": [document.text for document in self.policies],
            "ActionNames": list(self.actions),
            **(self.texts or {}),
        }
        if self.resources is not None:
            arguments["ResourceArns"] = list(self.resources)
        if self.boundaries:
            arguments["PermissionsBoundaryPolicyInputList"] = [document.text for document in self.boundaries]
        if self.levels:
            arguments["OrderedOrganizationPolicyInputList"] = [
                {_LEVEL: [document.text for document in level]} for level in self.levels
            ]
        if self.resource_policy:
            arguments["ResourcePolicy"] = self.resource_policy.text
        if self.entries:
            arguments["ContextEntries"] = [dict(entry) for entry in self.entries]
        return arguments


def read_inputs(
    words: Mapping[str, Sequence[str]],
    *,
    cli_input_json: str | None = None,
    boundary: str | None = None,
    scps: Sequence[Sequence[Policy]] = (),
) -> Inputs:
    """Reads the arguments.

    Args:
        words: By member (`PolicyInputList`), what stands behind its flag; a flag that was not given is left out.
        cli_input_json: JSON text, `file://PATH` or a path: the arguments by member. `words` win over it.
        boundary: A word for the boundary, in place of PermissionsBoundaryPolicyInputList.
        scps: Levels of SCPs, root first, in place of OrderedOrganizationPolicyInputList.

    Raises:
        InvalidInputError: Something is wrong with a word; the flag, file, line and JSON path are named.
    """
    members = {member: (_BY_MEMBER[member].flag, list(word)) for member, word in words.items()}
    if cli_input_json is not None:
        members = {**_members(cli_input_json), **members}
    for flag, value, member in (
        ("--boundary", boundary, "PermissionsBoundaryPolicyInputList"),
        ("--scp", scps, "OrderedOrganizationPolicyInputList"),
    ):
        if value and member in members:
            raise InvalidInputError(f"{members[member][0]} says the same", where=flag, cure="give one of the two")
    if boundary:
        members["PermissionsBoundaryPolicyInputList"] = "--boundary", [boundary]
    for member in ("PolicyInputList", "ActionNames"):
        if member not in members:
            raise InvalidInputError("not given", where=_BY_MEMBER[member].flag, cure="see iamcheck simulate --help")
    actions = tuple(_texts(members, "ActionNames") or ())
    if commas := [action for action in actions if "," in action]:
        raise InvalidInputError(
            f"{commas[0]!r} is not an action", where=members["ActionNames"][0], cure="separate actions by spaces"
        )
    resource_policies = _policies(members, "ResourcePolicy", PolicyType.RESOURCE)
    if "ResourcePolicy" in members and len(resource_policies) != 1:
        raise InvalidInputError(
            f"{len(resource_policies)} policies", where=members["ResourcePolicy"][0], cure="a resource has one policy"
        )
    return Inputs(
        policies=_policies(members, "PolicyInputList", PolicyType.IDENTITY),
        actions=actions,
        resources=_texts(members, "ResourceArns"),
        boundaries=_policies(members, "PermissionsBoundaryPolicyInputList", PolicyType.BOUNDARY),
        levels=tuple(tuple(PolicyDocument(policy.to_json(), policy) for policy in level) for level in scps)
        or _levels(members),
        resource_policy=resource_policies[0] if resource_policies else None,
        entries=tuple(read_entries(members["ContextEntries"][1], where=members["ContextEntries"][0]))
        if "ContextEntries" in members
        else (),
        texts={
            field.member: text
            for field in FIELDS
            if field.kind is ArgumentKind.TEXT
            for text in (_texts(members, field.member) or ())[:1]
        },
        max_items=_number(members, "MaxItems"),
    )


def absent_keys(keys: Iterable[str], inputs: Inputs) -> tuple[str, ...]:
    """The keys of `--absent`, checked against the context entries.

    Raises:
        InvalidInputError: A key is empty, or is given too.
    """
    absent = tuple(keys)
    known = {key.lower() for key in inputs.keys}
    for key in absent:
        if not key.strip():
            raise InvalidInputError("an empty name", where="--absent", cure="name a context key")
        if key.lower() in known:
            raise InvalidInputError(
                f"{key} is given by --context-entries too", where="--absent", cure="it is one or the other"
            )
    return absent


def _policies(
    members: Mapping[str, tuple[str, list[str]]], member: str, layer: PolicyType
) -> tuple[PolicyDocument, ...]:
    flag, words = members.get(member, ("", []))
    return read_documents((word for word in words if not _is_empty_list(word)), where=flag, layer=layer)


def _is_empty_list(word: str) -> bool:
    return word.replace(" ", "") == "[]"


def _texts(members: Mapping[str, tuple[str, list[str]]], member: str) -> tuple[str, ...] | None:
    """The words themselves, those of JSON lists and what stands in files."""
    if member not in members:
        return None
    flag, words = members[member]
    texts: list[str] = []
    for number, word in enumerate(words, 1):
        place = f"{flag}, value {number}"
        text, place = read_word(word, where=place) if is_file(word) else (word, place)
        if text.lstrip().startswith("["):
            try:
                texts.extend(_text(item) for item in _items(read_text(text)))
            except InvalidInputError as error:
                raise error.at(place) from None
        else:
            texts.append(text.strip() if is_file(word) else text)
    return tuple(texts)


def _number(members: Mapping[str, tuple[str, list[str]]], member: str) -> int | None:
    texts = _texts(members, member)
    if not texts:
        return None
    if not (texts[0].isascii() and texts[0].isdecimal() and 0 < len(texts[0]) < 10 and int(texts[0]) > 0):
        raise InvalidInputError(f"{texts[0]!r} is not a number of actions", where=members[member][0], cure="1 or more")
    return int(texts[0])


def _levels(given: Mapping[str, tuple[str, list[str]]]) -> tuple[tuple[PolicyDocument, ...], ...]:
    flag, words = given.get("OrderedOrganizationPolicyInputList", ("", []))
    found: list[tuple[PolicyDocument, ...]] = []
    for number, word in enumerate(words, 1):
        where = f"{flag}, value {number}"
        if word.startswith(f"{_LEVEL}="):
            value = read_shorthand(word, where=where)[_LEVEL]
            found.append(_level([value] if isinstance(value, str) else value, where, len(found)))
            continue
        text, place = read_word(word, where=where)
        try:
            root = read_text(text)
            members = [_object(item, (_LEVEL,)) for item in (root.value if isinstance(root.value, list) else [root])]
            levels = [_words(each[_LEVEL], text) if _LEVEL in each else [] for each in members]
        except InvalidInputError as error:
            raise error.at(place) from None
        for level in levels:
            found.append(_level(level, place, len(found)))
    return tuple(found)


def _level(words: Iterable[str], where: str, index: int) -> tuple[PolicyDocument, ...]:
    level = read_documents(words, where=f"{where}, level {index + 1}", layer=PolicyType.SCP)
    if not level:
        raise InvalidInputError(
            f"level {index + 1} holds no policy", where=where, cure="a level holds one service control policy at least"
        )
    return level


def _members(word: str) -> dict[str, tuple[str, list[str]]]:
    """`--cli-input-json` as words, as if each member had been given by its flag."""
    text, place = read_word(word, where="--cli-input-json")
    try:
        members = _object(read_text(text), _BY_MEMBER)
        return {
            member: (f"{place}, {member}", _words(node, text) if _BY_MEMBER[member].kind.many else [_word(node, text)])
            for member, node in members.items()
        }
    except InvalidInputError as error:
        raise error.at(place) from None


def _object(node: JsonNode, known: Iterable[str]) -> Mapping[str, JsonNode]:
    if not isinstance(node.value, dict):
        raise InvalidInputError("not a JSON object", where=node.where, cure=f"with some of {', '.join(known)}")
    for name, member in node.value.items():
        if name not in known:
            raise InvalidInputError(f"unknown argument {name!r}", where=member.where, cure=nearest(name, known))
    return node.value


def _words(node: JsonNode, text: str) -> list[str]:
    return [_word(item, text) for item in _items(node)]


def _items(node: JsonNode) -> Iterator[JsonNode]:
    if not isinstance(node.value, list):
        raise InvalidInputError("not a list", where=node.where, cure="put it in [ ]")
    yield from node.value


def _word(node: JsonNode, text: str) -> str:
    if isinstance(node.value, str):
        return node.value
    if isinstance(node.value, Number):
        return node.value.text
    if isinstance(node.value, dict):
        return text[node.start : node.end]
    raise InvalidInputError("neither a text nor an object", where=node.where)


def _text(node: JsonNode) -> str:
    if not isinstance(node.value, str):
        raise InvalidInputError("not a text", where=node.where, cure="put it in double quotes")
    return node.value
