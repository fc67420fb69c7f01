"""Reads YAML as CloudFormation takes it into a node.

Aliases are not followed: CloudFormation takes none.

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
from iamcheck.iam.yaml_text import YamlKind, YamlNestingError, yaml_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.iam.yaml_text import YamlEvent

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
    try:
        return _document(yaml_events(text))
    except YamlNestingError as error:
        raise InvalidInputError(_TOO_DEEP, where=error.where, cure=_NOT_SO_DEEP) from None


def _document(events: Iterator[YamlEvent]) -> TemplateDocument:
    count = 0
    repeated: list[TemplateNode] = []

    def value(event: YamlEvent, step: Step | None, depth: int, start: YamlEvent) -> TemplateNode:
        nonlocal count
        count += 1
        if count > _MOST:
            raise event.error(f"more than {_MOST:,} values", "no template is so large")
        if event.kind is YamlKind.ALIAS:
            raise event.error("YAML aliases are not allowed in templates", "`aws cloudformation package` resolves them")
        if event.kind not in (YamlKind.SCALAR, YamlKind.LIST, YamlKind.MAPPING):
            raise event.error("not YAML: a value is missing")
        if depth == DEEPEST:
            raise event.error(_TOO_DEEP, _NOT_SO_DEEP)
        function = _function(event)
        plain: TemplateValue
        if event.kind is YamlKind.SCALAR:
            plain = _scalar(event, function)
        elif event.kind is YamlKind.LIST:
            items: list[TemplateNode] = []
            while (item := next(events)).kind is not YamlKind.END:
                items.append(value(item, Step(step, len(items)), depth + 1, item))
            plain = tuple(items)
        else:
            plain = mapping(step, depth)
        made = TemplateNode(plain, step, start.line, start.column)
        return made.put({function: made}) if function else made

    def mapping(step: Step | None, depth: int) -> dict[str, TemplateNode]:
        members: dict[str, TemplateNode] = {}
        while (key := next(events)).kind is not YamlKind.END:
            if key.kind is not YamlKind.SCALAR or _function(key):
                raise key.error("a key that is no text", "CloudFormation takes texts for keys")
            if key.value == "<<" and key.is_plain:
                raise key.error("YAML merges (<<) are not allowed in templates", "write the members out")
            if key.value in members:
                repeated.append(members[key.value])
            members[key.value] = value(next(events), Step(step, key.value), depth + 1, key)
        return members

    first = next(events, None)
    if first is None:
        raise InvalidInputError("no YAML document", cure="give a template")
    root = value(first, None, 0, first)
    next(events, None)  # what follows a document is refused where it is read
    return TemplateDocument(root, tuple(repeated))


def _function(event: YamlEvent) -> str:
    """The function that the value's tag stands for; empty where there is no such tag."""
    tag = event.tag
    if tag in ("", "!"):
        return ""
    if tag in _TAGS:
        return _TAGS[tag]
    if tag.startswith(_STANDARD) and tag.removeprefix(_STANDARD) in (*_BARE, "str", "map", "seq"):
        return ""
    raise event.error(f"the tag {shown(tag)} is not CloudFormation's", nearest(tag, _TAGS))


def _scalar(event: YamlEvent, function: str) -> TemplateValue:
    text = event.value
    if function == "Fn::GetAtt":
        resource, _, attribute = text.partition(".")
        return TemplateNode(resource, None, event.line), TemplateNode(attribute, None, event.line)
    standard = event.tag.removeprefix(_STANDARD)
    # a plain scalar without a tag is what it looks like
    if function or not (event.is_plain or standard in _BARE):
        return text
    if re.fullmatch(_NULL, text):
        return None
    return Bare(text) if re.fullmatch(_WORD, text) or re.fullmatch(_NUMBER, text) else text
