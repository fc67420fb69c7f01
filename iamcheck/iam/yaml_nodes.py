"""Reads a policy that is written in YAML into the values that its JSON would give, with their places.

What YAML takes for something else than people mean is refused, not guessed: `no` is false in YAML, and 010 is eight.

Source: https://yaml.org/type/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import JsonNode, Number, SourceText, Step, shown
from iamcheck.iam.yaml_text import YamlKind, YamlNestingError, yaml_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.iam.model.json_text import Json
    from iamcheck.iam.yaml_text import YamlEvent

__all__ = ["read_yaml_node"]

_DEEPEST: Final = 32
_TEXT_TAGS: Final = ("", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_TRUTH: Final = {
    word: truth for truth in (True, False) for word in (str(truth), str(truth).lower(), str(truth).upper())
}
_NULL: Final = ("", "~", "null", "Null", "NULL")
_AMBIGUOUS: Final = re.compile(
    r"(?i:y|n|yes|no|on|off)|[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+|0[xob][0-9a-fA-F_]+"
    r"|\.(?i:inf|nan)|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)"
)
_NO_TAG: Final = "a policy has none; give a template with --from"


def read_yaml_node(text: str, *, longest: int) -> JsonNode:
    """Reads YAML text as JSON values.

    Args:
        text: The text.
        longest: Characters that are read.

    Raises:
        InvalidInputError: It is not YAML, too long or nested too deeply, or has a tag, an alias, a key twice, several
            documents, or a value without quotes that YAML takes for something else.
    """
    if len(text) > longest:
        raise InvalidInputError(f"longer than {longest:,} characters", cure="is it the right file?")
    events = yaml_events(text)
    source = SourceText(text)
    try:
        first = next(events, None)
        if first is None:
            raise InvalidInputError("empty: no policy document", cure="give a policy document in JSON or YAML")
        root = _node(first, events, None, 0, source, first)
        next(events, None)  # what follows a document is refused where it is read
    except YamlNestingError as error:
        raise InvalidInputError(error.what, where=error.where, cure="no policy is so deep") from None
    if isinstance(root.value, (str, Number, bool)) or root.value is None:
        raise InvalidInputError(
            f"not a policy: {shown(text.strip())}", cure="is it JSON or YAML? give the file that has the policy"
        )
    return root


def _node(
    event: YamlEvent, events: Iterator[YamlEvent], path: Step | None, depth: int, source: SourceText, named: YamlEvent
) -> JsonNode:
    if event.kind is YamlKind.ALIAS:
        raise event.error("YAML aliases are not read in policies", "write the value out")
    if event.tag not in _TEXT_TAGS:
        raise event.error(f"the tag {shown(event.tag)}", _NO_TAG)
    if depth == _DEEPEST:
        raise event.error(f"nested more than {_DEEPEST} levels deep", "no policy is so deep")
    value: Json
    if event.kind is YamlKind.SCALAR:
        value = _scalar(event)
    elif event.kind is YamlKind.LIST:
        value = []
        while (item := next(events)).kind is not YamlKind.END:
            value.append(_node(item, events, Step(path, len(value)), depth + 1, source, item))
    else:
        value = {}
        while (key := next(events)).kind is not YamlKind.END:
            name = _key(key)
            if name in value:
                raise key.error(f"duplicate key {shown(name)}", "keep one")
            value[name] = _node(next(events), events, Step(path, name), depth + 1, source, key)
    return JsonNode(value, path, source, event.start, event.end, named.start)


def _key(event: YamlEvent) -> str:
    if event.kind is not YamlKind.SCALAR or event.tag not in _TEXT_TAGS:
        raise event.error("a key that is no text", "a policy has texts for keys")
    if event.value == "<<" and event.is_plain:
        raise event.error("YAML merges (<<) are not read in policies", "write the members out")
    return event.value


def _scalar(event: YamlEvent) -> str | Number | bool | None:
    text = event.value
    if not event.is_plain:
        return text
    if text in _NULL:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _NUMBER.fullmatch(text):
        return Number(text)
    if _AMBIGUOUS.fullmatch(text):
        raise event.error(f"YAML does not take {text} for a text", "put it in quotes")
    return text
