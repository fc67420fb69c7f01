"""Parses policy documents once, into frozen values.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.evaluation import StatementRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model.evaluation import PolicyType
    from iamcheck.iam.model.json_text import JsonNode
    from iamcheck.iam.model.statement import Principals, Statement

__all__ = ["Policy"]

JsonValue: TypeAlias = "str | Sequence[JsonValue] | Mapping[str, JsonValue]"
"""What a policy document is made of; condition values are texts."""


_LONG: Final = 2000
"""Characters of a text from which on the quick reader is worth its import."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document under a name."""

    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    """`2012-10-17` or `2008-10-17`; an absent Version is the latter, under which policy variables are literal."""
    id: str | None = None
    name: str = field(default="", compare=False)
    file: str | None = field(default=None, compare=False)
    """The file that holds the document, as the user named it; None: it is in no file."""

    @classmethod
    def parse(
        cls,
        document: str | bytes | Mapping[str, object],
        *,
        name: str = "",
        layer: PolicyType | None = None,
        stored: bool = True,
        longest: int | None = None,
    ) -> Policy:
        """Reads a policy document, and refuses what it does not understand.

        Args:
            document: JSON text, its UTF-8 bytes, or the object that `json.loads` makes of it, which is copied.
            name: What the policy is called in answers and errors: a file, a policy name.
            layer: Where the policy will stand: policies of identities, boundaries, SCPs and sessions name no
                Principal, those of resources and RCPs must. None: both are taken, statement by statement.
            stored: Refuse also what IAM does not store: condition values that their operator cannot read, Sids of
                other characters or given twice. False for session policies and for the simulator's input, which
                AWS checks less; of values in the layer of sessions it still refuses what is no base64.
            longest: Characters that a text may have; None: as many as there are. An object has none.

        Raises:
            UnsupportedElementError: An element, operator, Version, Effect, variable, principal or value is not
                understood; it names the JSON path and, for text, the line.
            InvalidInputError: It is not JSON at all, or too long, or a key stands twice in an object.

        Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html; what IAM does not
        store was observed in AWS's answers, September 2026.
        """
        from iamcheck.iam.model.json_text import decode, read_object, read_text

        try:
            if isinstance(document, bytes):
                document = decode(document)
            if not isinstance(document, str):
                return cls.from_node(read_object(document), name=name, layer=layer, stored=stored)
            if _LONG < len(document) <= (longest or len(document)):
                from iamcheck.iam.model.plain_json import read_plainly  # few texts are long

                root = read_plainly(document)
                # where something is wrong, the reader that knows every place says where
                with suppress(InvalidInputError):
                    if root is not None:
                        return cls.from_node(root, name=name, layer=layer, stored=stored)
            return cls.from_node(read_text(document, longest=longest), name=name, layer=layer, stored=stored)
        except InvalidInputError as error:
            raise (error.at(name) if name else error) from None

    @classmethod
    def from_node(cls, root: JsonNode, *, name: str, layer: PolicyType | None, stored: bool) -> Policy:
        """Reads a document that is JSON nodes already; `parse` says what the arguments mean.

        Raises:
            UnsupportedElementError: As `parse`.
        """
        from iamcheck.iam.model.grammar import document_of  # loads what a policy that is never parsed does not need

        return cls(*document_of(root, layer=layer, stored=stored), name=name)

    def reference(
        self, statement: Statement, layer: PolicyType, *, name: str = "", level: int | None = None, source: int = 0
    ) -> StatementRef:
        """The place of one of the policy's statements.

        Args:
            statement: The statement.
            layer: Where the policy stands.
            name: What a policy without a name is called.
            level: For SCPs and RCPs, the level from the root, from 0.
            source: Place of the policy in its layer or level, from 0.
        """
        return StatementRef(
            layer,
            self.name or name,
            statement.sid,
            statement.index,
            statement.line,
            statement.start,
            statement.end,
            level,
            source,
            self.file,
            statement.column,
        )

    def to_dict(self) -> dict[str, JsonValue]:
        """The document as an object, ready for `json.dumps`: lists for all that may be one, values as text.

        Raises:
            InvalidInputError: The policy was not parsed, and has one operator and key twice in a statement, for
                which JSON has no form.
        """
        head: dict[str, JsonValue] = {"Version": self.version}
        if self.id is not None:
            head["Id"] = self.id
        return {**head, "Statement": [_statement(statement) for statement in self.statements]}

    def to_json(self, *, indent: int | None = None) -> str:
        """The document as JSON text in ASCII; `Policy.parse` of it equals this policy.

        Raises:
            InvalidInputError: As `to_dict`.
        """
        import json

        return json.dumps(self.to_dict(), indent=indent)


def _statement(statement: Statement) -> dict[str, JsonValue]:
    document: dict[str, JsonValue] = {}
    if statement.sid is not None:
        document["Sid"] = statement.sid
    document["Effect"] = statement.effect.value
    for element, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        if principals is not None:
            document[element] = _principals(principals)
    for element, texts in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if texts is not None:
            document[element] = list(texts)
    block: dict[str, dict[str, JsonValue]] = {}
    for condition in statement.conditions:
        tests = block.setdefault(str(condition.operator), {})
        if condition.key in tests:
            raise InvalidInputError(
                f"{condition.operator} has the key {condition.key!r} twice",
                where=f"Statement[{statement.index}].Condition",
                cure="use two statements",
            )
        tests[condition.key] = list(condition.values)
    if block:
        document["Condition"] = block
    return document


def _principals(principals: Principals) -> JsonValue:
    if principals.everyone:
        return "*"
    named = {
        "AWS": principals.aws,
        "Service": principals.service,
        "Federated": principals.federated,
        "CanonicalUser": principals.canonical_user,
    }
    return {kind: list(texts) for kind, texts in named.items() if texts}
