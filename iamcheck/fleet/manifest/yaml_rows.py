"""Reads the rows of a YAML manifest, each by itself, so that a row that is no YAML costs none after it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from iamcheck.errors import InvalidInputError
from iamcheck.fleet.manifest.rows import NOT_UTF8, is_not_utf8, members, row_values, text_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.fleet.manifest.rows import Line, ReadRow

__all__ = ["yaml_rows"]

_LONGEST: Final = 100_000
"""Characters of a row: what a row says are names of files, and short words, and YAML is slow to read."""
_MOST_VALUES: Final = 20_000
"""Values of a row, each alias counted as what it stands for."""
_MOST_ANCHORS: Final = 1_000
"""Anchors that later rows can refer to."""
_LIST: Final = "write one `- ` item for each row; of a template, give --from FILE"
_ANCHOR: Final = re.compile(r"&([\w-]+)")
_TEXTS: Final = frozenset({"str", "int", "float", "timestamp", "value"})
"""Tags of what is read as it is written: an account id has leading zeros."""
_TRUTH: Final[Mapping[str, bool]] = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False
}  # fmt: skip


def yaml_rows(file: io.RawIOBase) -> Iterator[ReadRow]:
    """The rows of a YAML list.

    Raises:
        InvalidInputError: It is no list.
    """
    lines = text_lines(file)
    before: list[Line] = []
    for line in lines:
        before.append(line)
        text = line.text.strip()
        if text and not text.startswith(("#", "%")) and text.partition("#")[0].rstrip() != "---":
            break
    if not before:
        return
    indent = _indent(before[-1].text)
    if _begins_item(before[-1].text, indent):
        anchors: dict[str, yaml.Node] = {}
        for item in _items(before[-1], lines, indent):
            yield from _item_rows(item, indent, anchors)
    else:
        yield from _flow_rows(_Lines(before, lines))


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _begins_item(text: str, indent: int) -> bool:
    return _indent(text) == indent and text[indent : indent + 1] == "-" and text[indent + 1 : indent + 2].strip() == ""


def _items(first: Line, lines: Iterator[Line], indent: int) -> Iterator[list[Line]]:
    """The lines of each item of a list that has one item below the other; of a long item, the start."""
    item = [first]
    length = len(first.text)
    for line in lines:
        if line.text.rstrip() in ("---", "..."):
            continue
        if _begins_item(line.text, indent):
            yield item
            item, length = [], 0
        length += len(line.text)
        if length <= _LONGEST or not item or not item[-1].is_long:
            item.append(line._replace(is_long=length > _LONGEST))
    yield item


def _item_rows(item: list[Line], indent: int, anchors: dict[str, yaml.Node]) -> Iterator[ReadRow]:
    """The row of an item; lines after it that belong to no item are a row with an error."""
    row = _item_row(item, anchors)
    if row[1] is not None:
        strays = (place for place, line in enumerate(item) if place and _is_stray(line.text, indent))
        stray = next(strays, None)
        if stray is not None:
            head = _item_row(item[:stray], anchors)
            if head[1] is None:
                error = InvalidInputError("no item of the list", where=f"line {item[stray].number}", cure=_LIST)
                yield head
                yield {}, error
                return
    yield row


def _is_stray(text: str, indent: int) -> bool:
    """Whether a line is no part of an item: not one of its members in the wrong column, say."""
    return _indent(text) <= indent and ":" not in text and text.strip() != "" and text[:1] not in "#\t"


def _item_row(item: list[Line], anchors: dict[str, yaml.Node]) -> ReadRow:
    if item[-1].is_long or len(item[0].text) > _LONGEST:
        return {}, InvalidInputError(f"longer than {_LONGEST:,} characters", cure="is it a row?")
    text = "".join(line.text for line in item)
    if is_not_utf8(text):
        return {}, InvalidInputError(NOT_UTF8, where=f"line {item[0].number}", cure="save it as UTF-8")
    try:
        try:
            node, names = _node(text, {})
        except yaml.composer.ComposerError:
            # an alias of an anchor that a row before has
            own = frozenset(_ANCHOR.findall(text))
            node, names = _node(text, {name: anchors[name] for name in anchors.keys() - own})
        if len(anchors) < _MOST_ANCHORS:
            anchors.update(names)
        return row_values(_Values().value(node, 3))
    except InvalidInputError as error:
        return {}, error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, _not_yaml(error, item)


def _node(text: str, anchors: Mapping[str, yaml.Node]) -> tuple[yaml.Node, dict[str, yaml.Node]]:
    """The one item of a list, and its anchors."""
    loader: Any = yaml.SafeLoader(text)
    loader.anchors = dict(anchors)
    for _ in range(3):  # the starts of the stream, the document and the list
        loader.get_event()
    node: yaml.Node = loader.compose_node(None, None)
    names: dict[str, yaml.Node] = loader.anchors
    for kind in (yaml.SequenceEndEvent, yaml.DocumentEndEvent, yaml.StreamEndEvent):
        if not loader.check_event(kind):
            raise yaml.YAMLError
        loader.get_event()
    return node, names


def _not_yaml(error: Exception, item: list[Line]) -> InvalidInputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None)
    what = f"not YAML: {' '.join(str(problem).split())}" if problem else "not YAML"
    line = item[min(mark.line, len(item) - 1) if mark else 0]
    return InvalidInputError(what, where=f"line {line.number}", cure="is a bracket, a quote or a space missing?")


class _Lines(io.RawIOBase):
    """A file of lines, some of which were looked at."""

    def __init__(self, before: list[Line], lines: Iterator[Line]) -> None:
        self._before, self._lines = iter(before), lines
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # whatever io gives is a buffer
        if not self._rest:
            line = next(self._before, None) or next(self._lines, None)
            if line is None:
                return 0
            if line.is_long:
                raise InvalidInputError("the line is too long", where=f"line {line.number}", cure=_LIST)
            self._rest = line.text.encode(errors="surrogateescape")
        data, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(data)] = data
        return len(data)


def _flow_rows(file: io.RawIOBase) -> Iterator[ReadRow]:
    """The rows of a list in brackets."""
    try:
        loader: Any = yaml.SafeLoader(io.BufferedReader(file, 1 << 16))
        loader.get_event()
        if not loader.check_event(yaml.DocumentStartEvent):
            return
        loader.get_event()
        if not loader.check_event(yaml.SequenceStartEvent):
            raise InvalidInputError("not a list", where="the manifest", cure=_LIST)
        loader.get_event()
        while not loader.check_event(yaml.SequenceEndEvent):
            loader.anchors = {}
            try:
                row = row_values(_Values().value(loader.compose_node(None, None), 3))
            except InvalidInputError as error:
                row = {}, error
            yield row
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        cure = "no row after this one can be read; write one `- ` item for each row"
        yield {}, InvalidInputError("not YAML", where=f"line {mark.line + 1}" if mark else "", cure=cure)


class _Values:
    """Reads the values of a row, and no more of them than a row has."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def value(self, node: yaml.Node, depth: int) -> object:
        """A value: numbers stay texts, as they are written.

        Args:
            node: The value.
            depth: How deeply values may stand in it.

        Raises:
            InvalidInputError: It is nested too deeply, too large, or has a tag or a key that stands twice.
        """
        self._left -= 1
        if self._left < 0:
            raise InvalidInputError(f"more than {_MOST_VALUES:,} values", cure="is it a row?")
        if not depth:
            raise InvalidInputError("nested too deeply", cure="a value is a text or a list of texts")
        tag = node.tag.removeprefix("tag:yaml.org,2002:")
        if isinstance(node, yaml.MappingNode) and tag == "map":
            return self._members(node, depth)
        if isinstance(node, yaml.SequenceNode) and tag == "seq":
            return [self.value(item, depth - 1) for item in node.value]
        return _scalar(tag, node)

    def _members(self, node: yaml.MappingNode, depth: int) -> dict[str, object]:
        """The members of a mapping; `<<` adds those of other mappings that it does not have itself."""
        pairs: list[tuple[str, object]] = []
        merged: dict[str, object] = {}
        for key, value in node.value:
            if key.tag.endswith(":merge"):
                mappings = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for mapping in mappings:
                    members_there = self.value(mapping, depth)
                    if not isinstance(members_there, dict):
                        raise InvalidInputError("no mapping", where="<<", cure="write <<: *ANCHOR of a mapping")
                    merged = {**members_there, **merged}
            else:
                pairs.append((str(self.value(key, 1)), self.value(value, depth - 1)))
        return {**merged, **members(pairs)}


def _scalar(tag: str, node: yaml.Node) -> object:
    """A single value.

    Raises:
        InvalidInputError: It has a tag that says it is something else.
    """
    text = str(node.value)
    if isinstance(node, yaml.ScalarNode):
        if tag in _TEXTS:
            return text
        if tag == "null" and text.lower() in ("", "~", "null"):
            return None
        if tag == "bool" and text.lower() in _TRUTH:
            return _TRUTH[text.lower()]
    spelling = f"!{tag.removeprefix('!')}"[:60]
    raise InvalidInputError(f"the tag {spelling} is not understood", cure="write the value itself")
