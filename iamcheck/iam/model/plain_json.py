"""Reads the JSON text of a policy by the standard library's quick reader, with the places of its statements alone.

Whatever that reader takes otherwise than `json_text` does (a key given twice, NaN), and whatever is wrong, is left to
`json_text`, which says where it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import JsonNode, Number, SourceText, Step, read_object

if TYPE_CHECKING:
    from typing import NoReturn

    from iamcheck.iam.model.json_text import Json

__all__ = ["read_plainly"]

_LONGEST: Final = 2_000_000
"""Characters: a text of no more has no more values than `json_text` takes, unless it is made of almost nothing else."""
_BLANKS: Final = " \t\n\r"


class _OtherwiseError(ValueError):
    """The text has something that `json_text` takes otherwise."""


def read_plainly(text: str) -> JsonNode | None:
    """The document in a text; None: `json_text` must read it.

    The statements know their places, and nothing in them does.
    """
    if len(text) > _LONGEST:
        return None
    try:
        return _document(text)
    except (ValueError, IndexError, RecursionError, InvalidInputError):
        return None


def _document(text: str) -> JsonNode:
    source = SourceText(text)
    start = offset = _after(text, 0, "{") - 1
    members: dict[str, JsonNode] = {}
    offset = _skip(text, offset + 1)
    while True:
        key, end = _DECODER.raw_decode(text, offset)
        if type(key) is not str or key in members:
            raise _OtherwiseError
        begin = _skip(text, _after(text, end, ":"))
        step = Step(None, key)
        if key == "Statement" and text[begin] == "[":
            value, end = _statements(text, begin, step, source)
        else:
            plain, end = _DECODER.raw_decode(text, begin)
            value = read_object(plain, step, 1).value
        members[key] = JsonNode(value, step, source, begin, end, offset)
        offset = _skip(text, end)
        if text[offset] == "}":
            break
        offset = _skip(text, _after(text, offset, ","))
    if text[offset + 1 :].strip(_BLANKS):
        raise _OtherwiseError
    return JsonNode(members, None, source, start, offset + 1, start)


def _statements(text: str, start: int, path: Step, source: SourceText) -> tuple[Json, int]:
    items: list[JsonNode] = []
    offset = _skip(text, start + 1)
    while True:
        plain, end = _DECODER.raw_decode(text, offset)
        step = Step(path, len(items))
        items.append(JsonNode(read_object(plain, step, 2).value, step, source, offset, end, offset))
        offset = _skip(text, end)
        if text[offset] == "]":
            return items, offset + 1
        offset = _skip(text, _after(text, offset, ","))


def _skip(text: str, offset: int) -> int:
    while text[offset] in _BLANKS:
        offset += 1
    return offset


def _after(text: str, offset: int, sign: str) -> int:
    """The place behind a sign that must come next."""
    offset = _skip(text, offset)
    if text[offset] != sign:
        raise _OtherwiseError
    return offset + 1


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _OtherwiseError
    return members


def _refuse(_: str) -> NoReturn:
    raise _OtherwiseError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=Number, parse_float=Number, parse_constant=_refuse
)
