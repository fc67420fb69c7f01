"""Holds a template's values with their places, before and after the template's functions are worked out.

A `TemplateNode` is not yet a `Member` of a request: it may be a function, its numbers have the spelling of the file,
and its path is the template's. `_requests.Conversion` makes members of nodes.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from iamcheck.deployment.located import UNKNOWN, Pattern, Unknown
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import JsonNode, Number, SourceText, read_text
from iamcheck.iam.model.position import Position

if TYPE_CHECKING:
    from iamcheck.deployment.unsettled import OpenCause
    from iamcheck.iam.model.json_text import Step

__all__ = [
    "DEEPEST",
    "Bare",
    "TemplateDocument",
    "TemplateNode",
    "TemplateValue",
    "bare_text",
    "is_truth",
    "node_of",
    "read_json",
    "require_size",
    "shape_of",
    "text_of",
]

DEEPEST: Final = 100
"""Levels of nesting that are read: each takes several of Python's own."""
LARGEST: Final = 1_048_576
"""Bytes that CloudFormation takes, from a bucket; so much is read in about a second.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
# what every reader of numbers writes as it was read; an account id has leading zeros
_FAITHFUL: Final = r"-?(?:0|[1-9][0-9]*)(?:\.(?:0|[0-9]*[1-9]))?|[0-9]+"


@dataclass(frozen=True, slots=True)
class Bare:
    """A number or truth value in its own spelling: what it is depends on the member that takes it."""

    text: str


TemplateValue: TypeAlias = "str | Bare | Unknown | Pattern | tuple[TemplateNode, ...] | dict[str, TemplateNode] | None"


class TemplateNode(NamedTuple):
    """A value of a template: as it is written, or as its functions make it.

    Args:
        value: Text, number, truth value, null, a list, or members by name; a template as it is read has no `UNKNOWN`
            and no `Pattern`.
        step: The way to it from the top.
        line: Line, from 1.
        column: Column, from 1.
        named: Resource whose name or ARN the value is, by its logical id.
        made_of: What the value was worked out of, where it is not known: of the same, the same is made.
        causes: Why it is not known.
        may_be_absent: Whether it is not known and may be absent (`AWS::NoValue`).
    """

    value: TemplateValue
    step: Step | None
    line: int
    column: int = 1
    named: str | None = None
    made_of: TemplateNode | None = None
    causes: tuple[OpenCause, ...] = ()
    may_be_absent: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the value is not known, or in part."""
        return isinstance(self.value, (Pattern, Unknown))

    def place(self, template: Place) -> Place:
        """The place of the value in its template."""
        path = JsonNode(None, self.step).where if self.step else ""
        return template._replace(line=self.line, column=self.column, path=path)

    def error(self, what: str, cure: str = "") -> InvalidInputError:
        """The refusal of this value, with its line and path."""
        return InvalidInputError(what, where=str(self.place(Place())), cure=cure)

    def put(self, value: TemplateValue, named: str | None = None) -> TemplateNode:
        """Another value, at the same place."""
        return TemplateNode(value, self.step, self.line, self.column, named)

    def steps(self) -> tuple[str | int, ...]:
        """The way to the value from the top of the document."""
        path: list[str | int] = []
        step = self.step
        while step is not None:
            path.append(step.step)
            step = step.parent
        return tuple(reversed(path))


class TemplateDocument(NamedTuple):
    """A document as it was read.

    Args:
        root: The whole.
        repeated: Members whose key came again in the same mapping: the last one counts, and these do not.
    """

    root: TemplateNode
    repeated: tuple[TemplateNode, ...]


def read_json(text: str, *, is_template: bool = True) -> TemplateDocument:
    """Reads JSON text as a template.

    Args:
        text: The text.
        is_template: Whether CloudFormation takes it, which bounds its size.

    Raises:
        InvalidInputError: It is not JSON, or is nested too deeply, or larger than CloudFormation takes.
    """
    if is_template:
        require_size(text)
    repeated: list[JsonNode] = []
    root = read_text(text, DEEPEST, repeated=repeated)
    return TemplateDocument(node_of(root), tuple(node_of(json_node) for json_node in repeated))


def require_size(text: str) -> None:
    """Returns where a template is no larger than CloudFormation takes.

    Raises:
        InvalidInputError: It is.
    """
    if len(text) > LARGEST or len(text.encode()) > LARGEST:
        raise InvalidInputError(f"larger than the {LARGEST:,} bytes that CloudFormation takes", cure="split the stack")


def shape_of(node: TemplateNode) -> str:
    """A value as one text: two of them are equal where the values are, wherever these stand."""
    value = node.value
    if isinstance(value, dict):
        return f"{{{','.join(f'{name!r}:{shape_of(member)}' for name, member in value.items())}}}"
    if isinstance(value, tuple):
        return f"[{','.join(shape_of(item) for item in value)}]"
    return repr(value)


def node_of(json_node: JsonNode) -> TemplateNode:
    """Makes a template's node of parsed JSON."""
    value: TemplateValue
    if isinstance(json_node.value, dict):
        value = {name: node_of(member) for name, member in json_node.value.items()}
    elif isinstance(json_node.value, list):
        value = tuple(node_of(item) for item in json_node.value)
    elif isinstance(json_node.value, bool):
        value = Bare("true" if json_node.value else "false")
    elif isinstance(json_node.value, Number):
        value = Bare(json_node.value.text)
    else:
        value = json_node.value
    position = (
        json_node.source.position(json_node.named) if isinstance(json_node.source, SourceText) else Position(1, 1)
    )
    return TemplateNode(value, json_node.path, position.line, position.column)


def bare_text(bare: Bare) -> str | Unknown:
    """A number or truth value where a text is due; unknown for spellings that its readers change, such as `1.10`."""
    folded = bare.text.lower()
    if folded in ("true", "false"):
        return folded
    return bare.text if re.fullmatch(_FAITHFUL, bare.text) else UNKNOWN


def text_of(node: TemplateNode) -> str | Pattern | Unknown | None:
    """The value as a text; None where it is none."""
    value = node.value
    if isinstance(value, Bare):
        return bare_text(value)
    return value if isinstance(value, (str, Pattern, Unknown)) else None


def is_truth(text: str, *, bare: bool) -> bool | None:
    """The truth value of that spelling; None where it is none. Only a bare `yes` is one."""
    folded = text.lower()
    if not bare and folded not in ("true", "false"):
        return None
    return True if folded in _TRUE else False if folded in _FALSE else None
