"""Reads JSON text or Python objects into values that know their place.

The standard library's reader keeps no places, takes the last of two equal keys, accepts NaN and ends in a
RecursionError for deep nesting; a policy with any of these is refused here instead.

Source: RFC 8259; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from json import decoder
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from iamcheck.errors import InvalidInputError, UnsupportedElementError
from iamcheck.iam.model.position import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LONGEST_POLICY", "JsonNode", "Number", "SourceText", "Step", "decode", "read_object", "read_text", "shown"]

_DEEPEST: Final = 32
"""Levels of nesting that are read; the deepest valid policy has six."""
LONGEST_POLICY: Final = 131_072
"""Characters: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html.

People give no longer ones; of AWS's own policies one has more.
"""
_MOST_VALUES: Final = 200_000
"""A policy or template of the longest that AWS takes has fewer, unless it is made to cost time."""
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"-?[A-Za-z]+")
# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_NEWLINE: Final = r"\r\n|\r|\n"
_SURROGATE: Final = "[\ud800-\udfff]"
_PLAIN_STEP: Final = r"[\w:/@.+=-]{1,100}"
# documented in the standard library's source only; the stubs leave it out
_scan_string: Final[Callable[[str, int, bool], tuple[str, int]]] = decoder.scanstring  # type: ignore[attr-defined]
_new: Final = tuple.__new__
_LITERALS: Final = {"true": True, "false": False, "null": None}


class Number(NamedTuple):
    """A JSON number in its own spelling, so that no digit is lost."""

    text: str


class Step(NamedTuple):
    """One step of a JSON path: a key or a place in a list, from 0."""

    parent: Step | None
    step: str | int


Json: TypeAlias = "dict[str, JsonNode] | list[JsonNode] | str | Number | bool | None"


class SourceText:
    """The text that values were read from."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(_NEWLINE, self.text))]

    def position(self, offset: int) -> Position:
        """The place of the character at `offset` (from 0); CR, LF and CRLF are each one newline."""
        line = bisect_right(self._lines, offset)
        return Position(line, offset - self._lines[line - 1] + 1)


class JsonNode(NamedTuple):
    """A parsed JSON value with its place; offsets are from 0, and mean nothing without a source."""

    value: Json
    path: Step | None
    source: SourceText | None = None
    start: int = 0
    end: int = 0
    """The offset after the value's last character."""
    named: int = 0
    """Where the key stands that leads to the value; for an item of a list, the value itself."""

    @property
    def where(self) -> str:
        """The line, where there is a text, and the JSON path."""
        return _where(self.path, self.source, self.named)

    def error(self, what: str, cure: str = "") -> UnsupportedElementError:
        """The refusal of this value."""
        return UnsupportedElementError(what, where=self.where, cure=cure)


def _where(path: Step | None, source: SourceText | None, offset: int) -> str:
    steps: list[str] = []
    while path:
        step = path.step
        if isinstance(step, str) and re.fullmatch(_PLAIN_STEP, step):
            steps.append(f".{step}")
        else:
            steps.append(f"[{shown(step) if isinstance(step, str) else step}]")
        path = path.parent
    name = "".join(reversed(steps)).removeprefix(".")
    if source is None:
        return name or "document"
    return f"line {source.position(offset).line}{f', {name}' if name else ''}"


def shown(text: str) -> str:
    """`text` on one line, quoted, and cut where it is long; for errors."""
    return ascii(text if len(text) <= 100 else f"{text[:97]}...")


def decode(data: bytes) -> str:
    """Bytes -> text.

    Raises:
        InvalidInputError: The bytes are not UTF-8.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInputError("the text is UTF-16, not UTF-8", cure="save it as UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}",
            where=f"line {line}",
            cure="save it as UTF-8",
        ) from None


def read_text(
    text: str, deepest: int = _DEEPEST, *, longest: int | None = None, repeated: list[JsonNode] | None = None
) -> JsonNode:
    """Reads JSON text; a byte order mark before it is passed over and not counted in positions.

    Args:
        text: The text.
        deepest: Levels of nesting that are read; at most 300, for each level takes two of Python's own.
        longest: Characters that are read, where there is a limit to the text. Of any text 200,000 values are read at
            most, for each keeps its place and takes some 400 bytes.
        repeated: Where the earlier of two members with one key goes, for readers that count the last one; None: such
            members are refused.

    Raises:
        InvalidInputError: It is not JSON, or nested too deeply, or too long, or an object has a key twice.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip(" \t\r\n"):
        raise InvalidInputError("empty: no policy document", cure="give a JSON policy document")
    if text.startswith("%7B"):
        raise InvalidInputError("the document is URL-encoded", cure="decode it first: IAM's API returns it encoded")
    return _Reader(text, deepest, len(text) if longest is None else longest, repeated).document()


class _Reader:
    def __init__(self, text: str, deepest: int, longest: int, repeated: list[JsonNode] | None) -> None:
        self.repeated = repeated
        self.text = text
        self.source = SourceText(text)
        self.deepest = deepest
        self.longest = longest
        self.values_left = _MOST_VALUES

    def document(self) -> JsonNode:
        root = self.value(self.skip(0), None, 0, None)
        rest = self.skip(root.end)
        if root.end > self.longest or rest > self.longest:
            raise self.too_long()
        if rest != len(self.text):
            raise self.error("text after the end of the JSON document", rest, None, "one document per file")
        return root

    def skip(self, offset: int) -> int:
        match = _BLANKS.match(self.text, offset)
        return match.end() if match else offset

    def error(self, what: str, offset: int, path: Step | None, cure: str = "") -> InvalidInputError:
        return InvalidInputError(what, where=_where(path, self.source, offset), cure=cure)

    def too_long(self) -> InvalidInputError:
        return InvalidInputError(f"longer than {self.longest:,} characters", cure="is it the right file?")

    def unexpected(self, expected: str, offset: int, path: Step | None) -> InvalidInputError:
        if offset >= len(self.text):
            return self.error(f"not JSON: the text ends where {expected} is due", offset, path, "is it cut off?")
        column = self.source.position(offset).column
        what = f"not JSON: expected {expected} at column {column}, found {shown(self.text[offset])}"
        return self.error(what, offset, path)

    def value(self, offset: int, path: Step | None, depth: int, named: int | None) -> JsonNode:
        if offset > self.longest:
            raise self.too_long()
        if not self.values_left:
            raise self.error(f"more than {_MOST_VALUES:,} values", offset, path, "is it the right file?")
        self.values_left -= 1
        first = self.text[offset : offset + 1]
        value: Json
        if first == '"':
            value, end = self.string(offset, path)
        elif first in ("{", "["):
            if depth == self.deepest:
                cure = "no policy is so deep" if self.deepest == _DEEPEST else "is it the right file?"
                raise self.error(f"nested more than {self.deepest} levels deep", offset, path, cure)
            value, end = (self.object if first == "{" else self.array)(offset, path, depth + 1)
        elif number := _NUMBER.match(self.text, offset):
            value, end = Number(number.group()), number.end()
        else:
            value, end = self.literal(offset, path)
        return JsonNode(value, path, self.source, offset, end, offset if named is None else named)

    def literal(self, offset: int, path: Step | None) -> tuple[bool | None, int]:
        word = _WORD.match(self.text, offset)
        if not word:
            raise self.unexpected("a value", offset, path)
        if word.group() not in _LITERALS:
            raise self.error(
                f"not JSON: {shown(word.group())} is no value", offset, path, "texts stand in double quotes"
            )
        return _LITERALS[word.group()], word.end()

    def string(self, offset: int, path: Step | None) -> tuple[str, int]:
        try:
            text, end = _scan_string(self.text, offset + 1, True)
        except decoder.JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                raise self.error("not JSON: a text without its closing quote", offset, path, "is it cut off?") from None
            what = error.msg.removesuffix(" at")
            raise self.error(f"not JSON: {what[0].lower()}{what[1:]}", error.pos, path) from None
        if not text.isascii() and re.search(_SURROGATE, text):
            raise self.error("half of a surrogate pair is no character", offset, path)
        return text, end

    def object(self, offset: int, path: Step | None, depth: int) -> tuple[Json, int]:
        members: dict[str, JsonNode] = {}
        offset = self.skip(offset + 1)
        if self.text[offset : offset + 1] == "}":
            return members, offset + 1
        while True:
            if self.text[offset : offset + 1] != '"':
                raise self.unexpected("a key in double quotes", offset, path)
            key, colon = self.string(offset, path)
            step = Step(path, key)
            if key in members and self.repeated is not None:
                self.repeated.append(members[key])
            elif key in members:
                first = self.source.position(members[key].named).line
                raise self.error(f"duplicate key {shown(key)}", offset, step, f"the first is on line {first}; keep one")
            colon = self.skip(colon)
            if self.text[colon : colon + 1] != ":":
                raise self.unexpected("a colon", colon, step)
            members[key] = node = self.value(self.skip(colon + 1), step, depth, offset)
            offset = self.skip(node.end)
            if self.text[offset : offset + 1] == "}":
                return members, offset + 1
            if self.text[offset : offset + 1] != ",":
                raise self.unexpected("a comma or }", offset, path)
            offset = self.skip(offset + 1)

    def array(self, offset: int, path: Step | None, depth: int) -> tuple[Json, int]:
        items: list[JsonNode] = []
        offset = self.skip(offset + 1)
        if self.text[offset : offset + 1] == "]":
            return items, offset + 1
        while True:
            items.append(self.value(offset, Step(path, len(items)), depth, None))
            offset = self.skip(items[-1].end)
            if self.text[offset : offset + 1] == "]":
                return items, offset + 1
            if self.text[offset : offset + 1] != ",":
                raise self.unexpected("a comma or ]", offset, path)
            offset = self.skip(offset + 1)


def read_object(value: object, path: Step | None = None, depth: int = 0) -> JsonNode:
    """Copies a Python value of dicts, lists, texts, numbers and booleans, as `json.loads` makes it.

    Raises:
        InvalidInputError: It holds anything else, is nested too deeply, or has keys that are no texts.
    """
    copied: Json
    kind = type(value)
    if kind is str and value.isascii():  # type: ignore[attr-defined]  # mypy does not narrow by `kind`
        # a policy has texts by the thousand: what `JsonNode` itself does, without its call
        return _new(JsonNode, (value, path, None, 0, 0, 0))
    if kind in (dict, list) or (isinstance(value, (Mapping, list, tuple)) and kind is not Number):
        copied = _container(value, path, depth)  # type: ignore[arg-type]  # likewise
    elif isinstance(value, str):
        # a subclass, such as an Enum, may print as something else
        copied = str.__str__(value)
        if not copied.isascii() and re.search(_SURROGATE, copied):
            raise JsonNode(None, path).error("half of a surrogate pair is no character")
    elif value is None or isinstance(value, (bool, Number)):
        copied = value
    elif isinstance(value, (int, float)):
        copied = _number(value, path)
    else:
        raise JsonNode(None, path).error(
            f"a value of type {kind.__name__} is not JSON",
            'quote it: "2012-10-17"' if kind.__name__ == "date" else "use dict, list, str, int, float or bool",
        )
    return _new(JsonNode, (copied, path, None, 0, 0, 0))


def _container(value: Mapping[object, object] | Sequence[object], path: Step | None, depth: int) -> Json:
    if depth == _DEEPEST:
        raise JsonNode(None, path).error(f"nested more than {_DEEPEST} levels deep", "no policy is so deep")
    if not isinstance(value, (dict, Mapping)):
        return [read_object(item, _new(Step, (path, index)), depth + 1) for index, item in enumerate(value)]
    copied: dict[str, JsonNode] = {}
    for key, member in value.items():
        if not isinstance(key, str):
            raise JsonNode(None, path).error(f"the key {shown(str(key))} is not a text", "write it as a text")
        name = str.__str__(key)
        copied[name] = read_object(member, _new(Step, (path, name)), depth + 1)
    return copied


def _number(value: float, path: Step | None) -> Number:
    import json

    try:
        return Number(json.dumps(value, allow_nan=False))
    except ValueError:
        # NaN, an infinity, or an int with more digits than Python prints
        raise JsonNode(None, path).error("the number cannot be written as JSON", "write it as a text") from None
