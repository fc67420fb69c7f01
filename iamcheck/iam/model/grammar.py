"""Reads the statements of a policy document from JSON values, or refuses it with the place.

An element that is not understood is refused and never skipped, for a skipped Deny would turn a denial into an allow.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import UnsupportedElementError
from iamcheck.iam.model.elements import (
    PRINCIPALS,
    Check,
    action_problem,
    key_problem,
    resource_problem,
    sid_problem,
    unstored_resource_problem,
    variable_problem,
)
from iamcheck.iam.model.evaluation import PolicyType
from iamcheck.iam.model.json_text import JsonNode, Number, shown
from iamcheck.iam.model.nearest import nearest
from iamcheck.iam.model.operators import Family, Operator, parse_operator
from iamcheck.iam.model.rcp import check_rcp_statement
from iamcheck.iam.model.statement import Condition, Effect, Principals, Statement
from iamcheck.iam.model.values import storable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iamcheck.iam.model.position import Position

__all__ = ["ParsedDocument", "document_of"]

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_DOCUMENT: Final = ("Version", "Id", "Statement")
_STATEMENT: Final = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_EFFECTS: Final = tuple(effect.value for effect in Effect)
_WITH_VARIABLES: Final = (Family.STRING, Family.ARN)


class ParsedDocument(NamedTuple):
    """What a policy document says."""

    statements: tuple[Statement, ...]
    version: str
    id: str | None


def document_of(root: JsonNode, *, layer: PolicyType | None, stored: bool) -> ParsedDocument:
    """Reads a document; `Policy.parse` says what the arguments mean."""
    elements = _object(root, "a policy document", _DOCUMENT)
    version = _choice(elements["Version"], "Version", _VERSIONS) if "Version" in elements else "2008-10-17"
    if "Statement" not in elements:
        raise root.error("Statement is missing", "a policy holds at least one statement")
    statement = elements["Statement"]
    nodes = statement.value if isinstance(statement.value, list) else [statement]
    if not nodes:
        raise statement.error("Statement is empty", "a policy holds at least one statement")
    rules = _Rules(version == "2012-10-17", layer, stored)
    statements: list[Statement] = []
    before = statement.start + 1
    for index, node in enumerate(nodes):
        start, end = (node.source.position(before), node.source.position(node.end)) if node.source else (None, None)
        statements.append(rules.statement(node, index, start, end, is_only=len(nodes) == 1))
        before = node.end
    if stored:
        _unique_sids(nodes, statements)
    ident = _text(elements["Id"], "Id") if "Id" in elements else None
    return ParsedDocument(tuple(statements), version, ident)


class _Rules:
    """The rules that one document is read by."""

    def __init__(self, variables: bool, layer: PolicyType | None, stored: bool) -> None:
        self.variables = variables
        """Policy variables are variables; under the older Version they are literal."""
        self.layer = layer
        self.stored = stored

    def statement(
        self, node: JsonNode, index: int, start: Position | None, end: Position | None, *, is_only: bool
    ) -> Statement:
        elements = _object(node, "a statement", _STATEMENT)
        if "Effect" not in elements:
            raise node.error("Effect is missing", "Allow or Deny")
        effect = Effect(_choice(elements["Effect"], "Effect", _EFFECTS))
        place = node.source.position(node.start) if node.source else None
        _one_of(node, elements, "Action", "NotAction")
        self._principal_fits(node, elements, effect)
        principal = "Principal" in elements or "NotPrincipal" in elements
        if not principal or "Resource" in elements or "NotResource" in elements:
            # a trust policy names no resource: it is that of the role it stands on
            _one_of(node, elements, "Resource", "NotResource")
        # policies on resources are stored by the services of these, not by IAM
        stored_by_iam = self.stored and not principal
        sid = elements.get("Sid")
        if sid and not principal and self.stored:
            _checked(sid, _text(sid, "Sid"), sid_problem, "Sid")
        statement = Statement(
            effect=effect,
            sid=_text(sid, "Sid") if sid else None,
            actions=_texts(elements.get("Action"), "Action", action_problem),
            not_actions=_texts(elements.get("NotAction"), "NotAction", action_problem),
            resources=self._resources(elements, "Resource", stored_by_iam=stored_by_iam),
            not_resources=self._resources(elements, "NotResource", stored_by_iam=stored_by_iam),
            principals=_principals(elements.get("Principal"), "Principal"),
            not_principals=_principals(elements.get("NotPrincipal"), "NotPrincipal"),
            conditions=tuple(self._conditions(elements["Condition"])) if "Condition" in elements else (),
            index=index,
            start=start,
            end=end,
            line=None if place is None else place.line,
            column=None if place is None else place.column,
        )
        if self.layer is PolicyType.RCP and self.stored:
            check_rcp_statement(node, elements, statement, is_only=is_only)
        return statement

    def _principal_fits(self, node: JsonNode, elements: dict[str, JsonNode], effect: Effect) -> None:
        """Policies of identities name no principal, those of resources must.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
        """
        named = [element for element in ("Principal", "NotPrincipal") if element in elements]
        if len(named) == 2:
            raise elements["NotPrincipal"].error("Principal and NotPrincipal stand in one statement", "keep one")
        if "NotPrincipal" in elements and effect is Effect.ALLOW:
            raise elements["NotPrincipal"].error("NotPrincipal stands beside Effect Allow", "it goes with Deny only")
        if self.layer is None:
            return
        if self.layer in (PolicyType.RESOURCE, PolicyType.RCP):
            if not named:
                raise node.error(
                    f"Principal is missing: {self.layer} policies name one", "say whom the statement is about"
                )
        elif named:
            raise elements[named[0]].error(f"{named[0]} has no place in {self.layer} policies", "is it the right file?")

    def _resources(self, elements: dict[str, JsonNode], name: str, *, stored_by_iam: bool) -> tuple[str, ...] | None:
        def problem(text: str) -> str:
            return (
                resource_problem(text)
                or (variable_problem(text) if self.variables else "")
                or (unstored_resource_problem(text, is_excepted=name == "NotResource") if stored_by_iam else "")
            )

        return _texts(elements.get(name), name, problem)

    def _conditions(self, block: JsonNode) -> Iterable[Condition]:
        # an empty block, or an operator without keys, asks for nothing: AWS's console writes both
        for name, tests in _object(block, "a condition block").items():
            try:
                operator = parse_operator(name)
            except UnsupportedElementError as error:
                raise tests.error(error.what, error.cure) from None
            for key, values in _object(tests, f"{name}").items():
                _checked(values, key, key_problem, "the key")
                yield Condition(operator, key, tuple(self._values(operator, values)))

    def _is_checked(self, family: Family) -> bool:
        # of the values in session policies, AssumeRole was seen to check base64 and nothing else, September 2026
        return self.stored or (self.layer is PolicyType.SESSION and family is Family.BINARY)

    def _values(self, operator: Operator, node: JsonNode) -> Iterable[str]:
        """The values of one key, as text.

        No values at all never match a positive operator, says the page access-analyzer-reference-policy-checks
        ("Empty array condition"); what they do under a negated one is not documented.
        """
        nodes = node.value if isinstance(node.value, list) else [node]
        if not nodes and (operator.negated or operator.family is Family.NULL):
            raise node.error(f"no values under {operator}", "give at least one value, or drop the condition")
        for one in nodes:
            text = _scalar(one)
            if operator.family not in _WITH_VARIABLES:
                if self.stored and self.variables and "${" in text:
                    raise one.error(f"a policy variable in a value of {operator}", "only String and Arn operators")
            elif self.variables:
                _checked(one, text, variable_problem, "the value")
            if not storable(operator.family, text) and self._is_checked(operator.family):
                raise one.error(
                    f"the value {shown(text)} is none that {operator} can compare with, and IAM does not store it"
                )
            yield text


def _object(node: JsonNode, what: str, known: tuple[str, ...] = ()) -> dict[str, JsonNode]:
    if not isinstance(node.value, dict):
        raise node.error(f"{what} is a JSON object, not {_kind(node)}")
    if known:
        for key, member in node.value.items():
            if key not in known:
                raise member.error(f"unknown element {shown(key)} in {what}", nearest(key, known))
    return node.value


def _text(node: JsonNode, what: str) -> str:
    if not isinstance(node.value, str):
        raise node.error(f"{what} is a text, not {_kind(node)}")
    return node.value


def _scalar(node: JsonNode) -> str:
    value = node.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        return value.text
    raise node.error(f"a condition value is a text, a number or a boolean, not {_kind(node)}")


def _texts(node: JsonNode | None, what: str, check: Check) -> tuple[str, ...] | None:
    """One text or a list of them; IAM refuses an empty list ("Policy statement must contain actions")."""
    if node is None:
        return None
    nodes = node.value if isinstance(node.value, list) else [node]
    if not nodes:
        raise node.error(f"{what} is an empty list", "name at least one")
    texts: list[str] = []
    for one in nodes:
        text = one.value if type(one.value) is str else _text(one, what)
        if check(text):
            _checked(one, text, check, what)
        texts.append(text)
    return tuple(texts)


def _checked(node: JsonNode, text: str, check: Check, what: str) -> str:
    problem = check(text)
    if problem:
        raise node.error(f"{what} {shown(text)} {problem}")
    return text


def _choice(node: JsonNode, what: str, known: tuple[str, ...]) -> str:
    text = _text(node, what)
    if text not in known:
        raise node.error(f"unknown {what} {shown(text)}", nearest(text, known))
    return text


def _one_of(node: JsonNode, elements: dict[str, JsonNode], name: str, other: str) -> None:
    if name in elements and other in elements:
        raise elements[other].error(f"{name} and {other} stand in one statement", "keep one of them")
    if name not in elements and other not in elements:
        raise node.error(f"{name} is missing", f"name {name} or {other}")


def _principals(node: JsonNode | None, what: str) -> Principals | None:
    if node is None:
        return None
    if node.value == "*":
        return Principals(aws=("*",), everyone=True)
    if not isinstance(node.value, dict):
        raise node.error(f'{what} is "*" or an object, not {_kind(node)}', 'such as {"AWS": "*"}')
    members = _object(node, what, tuple(PRINCIPALS))
    if not members:
        raise node.error(f"{what} names nobody", 'such as {"AWS": "*"}')
    aws, service, federated, canonical = (_texts(members.get(kind), kind, check) for kind, check in PRINCIPALS.items())
    return Principals(aws or (), service or (), federated or (), canonical or ())


def _unique_sids(nodes: list[JsonNode], statements: list[Statement]) -> None:
    """IAM wants the Sids of a policy unique (reference_policies_elements_sid); resource policies are not IAM's."""
    seen: dict[str, int] = {}
    for node, statement in zip(nodes, statements, strict=True):
        if not statement.sid or statement.principals or statement.not_principals:
            continue
        first = seen.setdefault(statement.sid, statement.index)
        if first != statement.index:
            where = node.value["Sid"] if isinstance(node.value, dict) else node
            raise where.error(f"the Sid {shown(statement.sid)} stands twice", f"the first is Statement[{first}]")


def _kind(node: JsonNode) -> str:
    value = node.value
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, Number):
        return f"the number {shown(value.text).strip(chr(39))}"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else "a boolean"
