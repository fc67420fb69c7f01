"""Reads YAML as a row of events: nothing is made of a tag, nothing is expanded, and each event knows its place."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, cast

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.error import Mark
    from yaml.events import Event

__all__ = ["YamlEvent", "YamlKind", "YamlNestingError", "yaml_events"]


class YamlKind(Enum):
    """What an event is: a value, the start of a list or mapping, or the end of one."""

    SCALAR = "scalar"
    LIST = "list"
    MAPPING = "mapping"
    ALIAS = "alias"
    END = "end"


class YamlNestingError(InvalidInputError):
    """The text is nested deeper than libyaml reads (https://github.com/yaml/libyaml: MAX_NESTING_LEVEL)."""


class YamlEvent(NamedTuple):
    """An event.

    Args:
        kind: What it is.
        value: The text of a scalar.
        tag: Its tag; empty: it has none.
        is_plain: Whether it is a scalar without quotes and without a tag, which YAML takes for what it looks like.
        line: The line, from 1.
        column: The column, from 1.
        start: The offset of its first character, from 0.
        end: The offset after its last.
    """

    kind: YamlKind
    value: str
    tag: str
    is_plain: bool
    line: int
    column: int
    start: int
    end: int

    def error(self, what: str, cure: str = "") -> InvalidInputError:
        """The refusal of what stands there."""
        return InvalidInputError(what, where=f"line {self.line}", cure=cure)


def yaml_events(text: str) -> Iterator[YamlEvent]:
    """The events of the values of the document in a text, one by one.

    Raises:
        InvalidInputError: It is not YAML, as far as it was read, or has several documents.
    """
    import yaml  # few files are YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    kinds = {
        yaml.ScalarEvent: YamlKind.SCALAR,
        yaml.SequenceStartEvent: YamlKind.LIST,
        yaml.MappingStartEvent: YamlKind.MAPPING,
        yaml.AliasEvent: YamlKind.ALIAS,
        yaml.SequenceEndEvent: YamlKind.END,
        yaml.MappingEndEvent: YamlKind.END,
    }
    try:
        documents = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = f"line {cast('Mark', event.start_mark).line + 1}"
                    raise InvalidInputError("several YAML documents", where=line, cure="one document per file")
            kind = kinds.get(type(event))
            if kind is not None:
                yield _event(kind, event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}" if mark else ""
        problem = str(error.problem or error.context)
        if "nesting" in problem:
            raise YamlNestingError(f"not YAML: {problem}", where=line) from None
        raise InvalidInputError(f"not YAML: {problem}", where=line) from None
    except yaml.YAMLError as error:
        raise InvalidInputError(f"not YAML: {str(error).splitlines()[0]}") from None


def _event(kind: YamlKind, event: Event) -> YamlEvent:
    start, end = cast("Mark", event.start_mark), cast("Mark", event.end_mark)  # of a text each event has both
    implicit = getattr(event, "implicit", None)
    return YamlEvent(
        kind,
        getattr(event, "value", ""),
        getattr(event, "tag", None) or "",
        # the style says it too, in a way of each parser's own
        kind is YamlKind.SCALAR and isinstance(implicit, tuple) and bool(implicit[0]),
        int(start.line) + 1,
        int(start.column) + 1,
        int(start.index),
        int(end.index),
    )
