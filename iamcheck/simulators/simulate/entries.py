"""Reads `--context-entries`: the AWS CLI's shorthand, and JSON.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import condition_key_type
from iamcheck.iam.model import KeyType
from iamcheck.iam.model.json_text import read_text
from iamcheck.iam.model.nearest import nearest
from iamcheck.simulators.simulate.documents import read_word
from iamcheck.simulators.simulate.shorthand import read_shorthand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iamcheck.iam.model.json_text import JsonNode
    from iamcheck.simulators.simulate.shorthand import Structure

__all__ = ["ENTRY_MEMBERS", "Entry", "read_entries"]

Entry: TypeAlias = "Mapping[str, str | list[str]]"

ENTRY_MEMBERS: Final = ("ContextKeyName", "ContextKeyValues", "ContextKeyType")
_NAME, _VALUES, _TYPE = ENTRY_MEMBERS


def read_entries(words: Iterable[str], *, where: str) -> Iterator[Entry]:
    """Reads context entries, each word by itself: shorthand, a JSON object or a list of them, or a file of these.

    Raises:
        InvalidInputError: A word is none of that, or an entry lacks its type or values.
    """
    for number, word in enumerate(words, 1):
        place = f"{where}, value {number}"
        if "=" in word and not word.startswith("file://") and not word.lstrip().startswith(("{", "[")):
            yield _checked(read_shorthand(word, where=place), place)
            continue
        text, place = read_word(word, where=place)
        if not text.lstrip().startswith(("{", "[")):
            yield _checked(read_shorthand(text.strip(), where=place), place)
            continue
        try:
            root = read_text(text)
            structures = [
                (_structure(item), item.where) for item in (root.value if isinstance(root.value, list) else [root])
            ]
        except InvalidInputError as error:
            raise error.at(place) from None
        for structure, inside in structures:
            yield _checked(structure, f"{place}, {inside}")


def _structure(node: JsonNode) -> Structure:
    if not isinstance(node.value, dict):
        raise InvalidInputError("not a JSON object", where=node.where, cure=f"with {', '.join(ENTRY_MEMBERS)}")
    return {name: _value(name, member) for name, member in node.value.items()}


def _value(name: str, node: JsonNode) -> str | list[str]:
    if isinstance(node.value, str) and name != _VALUES:
        return node.value
    if isinstance(node.value, list) and name == _VALUES:
        texts = [item.value for item in node.value if isinstance(item.value, str)]
        if len(texts) == len(node.value):
            return texts
    cure = '["true"], say' if name == _VALUES else "put it in double quotes"
    raise InvalidInputError("not a list of texts" if name == _VALUES else "not a text", where=node.where, cure=cure)


def _checked(entry: Structure, where: str) -> Entry:
    for name, value in entry.items():
        if name not in ENTRY_MEMBERS:
            raise InvalidInputError(f"unknown member {name!r}", where=where, cure=nearest(name, ENTRY_MEMBERS))
        if name != _VALUES and not isinstance(value, str):
            raise InvalidInputError(f"{name} has several values", where=where, cure="it has one")
    if not entry:
        # IAM ignores it (observed in AWS's answers, September 2026)
        return {}
    key, kind = str(entry.get(_NAME, "")), str(entry.get(_TYPE, ""))
    types = [key_type.value for key_type in KeyType]
    if not key:
        raise InvalidInputError(f"{_NAME} is missing", where=where, cure="name the context key")
    if kind not in types:
        usual = condition_key_type(key)
        cure = f"{_TYPE}={usual}" if usual and not kind else nearest(kind, types)
        raise InvalidInputError(
            f"{key} has the unknown type {kind!r}" if kind else f"{key} has no type", where=where, cure=cure
        )
    values = entry.get(_VALUES, [])
    if not values and not isinstance(values, str):
        raise InvalidInputError(f"{key} has no values", where=where, cure=f"{_VALUES}=VALUE, or --absent {key}")
    return {**entry, _VALUES: [values] if isinstance(values, str) else values}
