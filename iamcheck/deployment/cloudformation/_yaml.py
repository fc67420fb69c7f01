"""YAML as CloudFormation takes it -> a node.

Built from PyYAML's events, one by one, so that nothing is constructed from a tag, nothing is expanded, and depth is
bounded before it is reached. Aliases are not followed: CloudFormation takes none.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation._nodes import (
    DEEPEST,
    Bare,
    TemplateDocument,
    TemplateNode,
    TemplateValue,
    require_size,
)
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import Step, shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event, ScalarEvent

__all__ = ["FUNCTIONS", "read_yaml"]

_MOST: Final = 200_000
"""Values in a template: so many are read in seconds."""
_RULES: Final = ("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll")
FUNCTIONS: Final = (
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
    *_RULES,
)
"""Functions with `Fn::` before them, or `!` in YAML."""
_TAGS: Final = {"!Ref": "Ref", "!Condition": "Condition"} | {f"!{name}": f"Fn::{name}" for name in FUNCTIONS}
_STANDARD: Final = "tag:yaml.org,2002:"
_BARE: Final = ("int", "float", "bool", "null")
_NULL: Final = r"~|null|Null|NULL|"
_WORD: Final = r"(?i:true|false|yes|no|on|off)"
_NUMBER: Final = r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9]+|0[xob][0-9a-fA-F_]+|\.(?i:inf|nan))"


_TOO_DEEP: Final = f"nested more than {DEEPEST} levels deep"
_NOT_SO_DEEP: Final = "no template is so deep"


def read_yaml(text: str) -> TemplateDocument:
    """Reads YAML text as a template.

    Raises:
        InvalidInputError: It is not YAML, or larger than CloudFormation takes, or has aliases, tags that are not
            CloudFormation's, several documents, or is nested too deeply.
    """
    require_size(text)
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _document(iter(yaml.parse(text, Loader=loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}" if mark else ""
        problem = str(error.problem or error.context)
        if "nesting" in problem:
            # libyaml's own limit: https://github.com/yaml/libyaml (MAX_NESTING_LEVEL)
            raise InvalidInputError(_TOO_DEEP, where=line, cure=_NOT_SO_DEEP) from None
        raise InvalidInputError(f"not YAML: {problem}", where=line) from None
    except yaml.YAMLError as error:
        raise InvalidInputError(f"not YAML: {str(error).splitlines()[0]}") from None


def _document(events: Iterator[Event]) -> TemplateDocument:
    from yaml.events import AliasEvent, DocumentStartEvent, ScalarEvent, SequenceStartEvent, StreamEndEvent
    from yaml.events import CollectionEndEvent as End
    from yaml.events import MappingStartEvent as Mapping

    count = 0
    repeated: list[TemplateNode] = []

    def value(event: Event, step: Step | None, depth: int, start: Event) -> TemplateNode:
        nonlocal count
        count += 1
        here = _line(event)
        if count > _MOST:
            raise _error(f"more than {_MOST:,} values", here, "no template is so large")
        if isinstance(event, AliasEvent):
            raise _error(
                "YAML aliases are not allowed in templates", here, "`aws cloudformation package` resolves them"
            )
        if not isinstance(event, (ScalarEvent, SequenceStartEvent, Mapping)):
            raise _error("not YAML: a value is missing", here)
        if depth == DEEPEST:
            raise _error(_TOO_DEEP, here, _NOT_SO_DEEP)
        function = _function(event)
        plain: TemplateValue
        if isinstance(event, ScalarEvent):
            plain = _scalar(event, function)
        elif isinstance(event, SequenceStartEvent):
            items: list[TemplateNode] = []
            while not isinstance(item := next(events), End):
                items.append(value(item, Step(step, len(items)), depth + 1, item))
            plain = tuple(items)
        else:
            plain = mapping(step, depth)
        made = TemplateNode(plain, step, _line(start), _column(start))
        return made.put({function: made}) if function else made

    def mapping(step: Step | None, depth: int) -> dict[str, TemplateNode]:
        members: dict[str, TemplateNode] = {}
        while not isinstance(key := next(events), End):
            line = _line(key)
            if not isinstance(key, ScalarEvent) or _function(key):
                raise _error("a key that is no text", line, "CloudFormation takes texts for keys")
            if key.value == "<<" and key.implicit[0]:
                raise _error("YAML merges (<<) are not allowed in templates", line, "write the members out")
            if key.value in members:
                repeated.append(members[key.value])
            members[key.value] = value(next(events), Step(step, key.value), depth + 1, key)
        return members

    root: TemplateNode | None = None
    for event in events:
        if isinstance(event, DocumentStartEvent):
            if root is not None:
                raise _error("several YAML documents", _line(event), "one template per file")
            first = next(events)
            root = value(first, None, 0, first)
        elif isinstance(event, StreamEndEvent):
            break
    if root is None:
        raise InvalidInputError("no YAML document", cure="give a template")
    return TemplateDocument(root, tuple(repeated))


def _line(event: Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 1


def _column(event: Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.column) + 1


def _error(what: str, line: int, cure: str = "") -> InvalidInputError:
    return InvalidInputError(what, where=f"line {line}", cure=cure)


def _function(event: Event) -> str:
    """The function that the value's tag stands for; empty where there is no such tag."""
    tag = getattr(event, "tag", None)
    if tag is None or tag == "!":
        return ""
    if tag in _TAGS:
        return _TAGS[tag]
    if tag.startswith(_STANDARD) and tag.removeprefix(_STANDARD) in (*_BARE, "str", "map", "seq"):
        return ""
    raise _error(f"the tag {shown(tag)} is not CloudFormation's", _line(event), nearest(tag, _TAGS))


def _scalar(event: ScalarEvent, function: str) -> TemplateValue:
    text = event.value
    if function == "Fn::GetAtt":
        resource, _, attribute = text.partition(".")
        line = _line(event)
        return TemplateNode(resource, None, line), TemplateNode(attribute, None, line)
    standard = (event.tag or "").removeprefix(_STANDARD)
    # a plain scalar without a tag is what it looks like; the style says it too, in a way of each parser's own
    if function or not (event.implicit[0] or standard in _BARE):
        return text
    if re.fullmatch(_NULL, text):
        return None
    return Bare(text) if re.fullmatch(_WORD, text) or re.fullmatch(_NUMBER, text) else text
