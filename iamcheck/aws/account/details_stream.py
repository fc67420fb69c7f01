"""Walks through authorization details of any size, and keeps only the entries that matter.

ijson gives the events of the JSON text as it comes; what is not needed is passed over event by event and never built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from iamcheck.errors import InvalidInputError
from iamcheck.iam.authorization_details import LISTS, NAMES, PAGED
from iamcheck.iam.files import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

__all__ = ["POLICIES", "Parse", "Wishes", "read"]

POLICIES: Final = "Policies"
_TELLING: Final = {**{LISTS[kind]: (name, "Arn") for kind, name in NAMES.items()}, POLICIES: ("Arn",)}
"""By list, the members of an entry that tell whether it is needed; the first of them in the entry does."""
_OPENS: Final = frozenset({"start_map", "start_array"})
_CLOSES: Final = frozenset({"end_map", "end_array"})
_DEEPEST: Final = 64
"""Levels of nesting that are built; an entry with the deepest valid policy has about fifteen."""

Events: TypeAlias = "Iterator[tuple[str, object]]"
Parse: TypeAlias = "Callable[[Rest], Events]"
"""Makes events of bytes, as `ijson.basic_parse` with `use_float` does."""


class Wishes(Protocol):
    """Who knows which entries are needed."""

    place: str
    """The entry that the walk has come to, for errors."""

    def begins(self, list_name: str) -> None:
        """A list begins."""

    def wants(self, list_name: str, name: str) -> bool:
        """Whether the entry is needed: by its name, or an ARN that ends with it; a managed policy by its ARN."""

    def take(self, list_name: str, entry: Mapping[str, object], where: str) -> None:
        """Takes an entry that is needed, whole."""

    def enough(self) -> bool:
        """Whether nothing more of the text matters."""


class Rest:
    """What is left of a file whose first bytes were looked at."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; a parser that asks for none wants to see that they are bytes."""
        if self._head and size:
            head, self._head = self._head, b""
            return head
        return self._file.read(size)


def read(path: str | Path, wishes: Wishes, *, stdin: BinaryIO | None = None, parse: Parse | None = None) -> None:
    """Reads a file once, to its end or until it is enough.

    Args:
        path: The file; `-` is standard input.
        wishes: Who takes what is needed.
        stdin: What to read for `-`, None: the process's standard input.
        parse: Makes events of bytes; None: ijson's quickest parser that is installed.

    Raises:
        InvalidInputError: The file cannot be read, is no authorization details, or is one page of several.
    """
    import ijson

    with opened(path, stdin=stdin) as file:
        head = file.read(4096)
        if not head.strip():
            raise InvalidInputError("the file is empty", cure="give what get-account-authorization-details prints")
        if head.startswith(b"\x1f\x8b"):
            raise InvalidInputError("it is compressed", cure="unpack it first")
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise InvalidInputError("not UTF-8 but UTF-16", cure="save it as UTF-8")
        wishes.place = ""
        try:
            rest = Rest(head.removeprefix(b"\xef\xbb\xbf"), file)
            # numbers as `json` and boto3 have them; without it, ijson 3.6 crashes on integers of thousands of digits
            events = parse(rest) if parse else ijson.basic_parse(rest, use_float=True)
            _walk(events, wishes)
        except InvalidInputError:
            raise
        # beside its own errors ijson lets some of Python's JSON through
        except (ijson.JSONError, ValueError, StopIteration) as error:
            raise _no_json(error, f"in or after {wishes.place}" if wishes.place else "") from None


def _no_json(error: Exception, where: str) -> InvalidInputError:
    """The error for text that is no JSON; parsers' own texts span lines and quote the file."""
    import ijson

    if any(sign in str(error) for sign in ("invalid bytes in UTF8", "'utf-8' codec")):
        return InvalidInputError("not UTF-8", where=where, cure="save it as UTF-8")
    if isinstance(error, (StopIteration, ijson.IncompleteJSONError)):
        return InvalidInputError("not JSON, or cut off", where=where, cure="is it whole?")
    return InvalidInputError("not JSON", where=where, cure="join pages list by list")


def _walk(events: Events, wishes: Wishes) -> None:
    """Walks through the text; StopIteration where the events end before it does."""
    event, _ = next(events)
    if event != "start_map":
        raise InvalidInputError("not a JSON object", cure="give what get-account-authorization-details prints")
    seen: set[str] = set()
    for event, key in events:
        if event == "end_map":
            break
        name = str(key)
        if name in seen:
            raise InvalidInputError("given twice", where=name, cure="join the pages list by list")
        seen.add(name)
        if name in _TELLING:
            wishes.begins(name)
            _list(events, name, wishes)
            if wishes.enough():
                return
        elif name in PAGED:
            event, value = next(events)
            if event != "null" and value is not False:
                raise InvalidInputError("one page of several", where=name, cure="join the pages of all four lists")
        else:
            _pass_over(events, next(events)[0])
    for _ in events:
        raise InvalidInputError("more than one JSON value", cure="join the pages list by list")
    if not seen & _TELLING.keys():
        raise InvalidInputError(
            "none of its four lists is there", cure="give what get-account-authorization-details prints"
        )


def _list(events: Events, name: str, wishes: Wishes) -> None:
    event, _ = next(events)
    if event != "start_array":
        raise InvalidInputError("not a list", where=name)
    # an entry is taken whole in the loop, so that the loop sees its first event alone
    for index, (event, _) in enumerate(events):
        if event == "end_array":
            wishes.place = name
            return
        where = f"{name}[{index}]"
        if event != "start_map":
            raise InvalidInputError("not a JSON object", where=where)
        wishes.place = where
        try:
            entry = _entry(events, name, wishes)
        except InvalidInputError as error:
            raise error.at(where) from None
        if entry is not None:
            wishes.take(name, entry, where)


def _entry(events: Events, name: str, wishes: Wishes) -> Mapping[str, object] | None:
    """The entry that has begun, None where it is not needed."""
    telling = _TELLING[name]
    entry: dict[str, object] = {}
    undecided = True
    for event, key in events:
        if event == "end_map":
            if undecided:
                raise InvalidInputError(f"{telling[0]} is missing or not a text")
            return entry
        member = str(key)
        if member in entry:
            raise InvalidInputError(f"duplicate key {member!r}")
        entry[member] = value = _value(events, *next(events))
        if undecided and member in telling:
            if not isinstance(value, str):
                raise InvalidInputError(f"{member} is missing or not a text")
            if not wishes.wants(name, value):
                _pass_over(events, "start_map")
                return None
            undecided = False
    raise StopIteration


def _value(events: Events, event: str, value: object, depth: int = 0) -> object:
    """The value whose first event this is."""
    if event not in _OPENS:
        return value
    if depth == _DEEPEST:
        raise InvalidInputError(f"nested more than {_DEEPEST} levels deep")
    if event == "start_array":
        items: list[object] = []
        for event, value in events:
            if event == "end_array":
                return items
            items.append(_value(events, event, value, depth + 1))
    members: dict[str, object] = {}
    for event, key in events:
        if event == "end_map":
            return members
        name = str(key)
        if name in members:
            raise InvalidInputError(f"duplicate key {name!r}")
        members[name] = _value(events, *next(events), depth + 1)
    raise StopIteration


def _pass_over(events: Events, event: str) -> None:
    """Passes over the value whose first event this is; the part of the walk that must be quick."""
    if event not in _OPENS:
        return
    depth = 1
    for event, value in events:
        # texts, keys, numbers and booleans have values, and are nine of ten events
        if value is None:
            if event in _OPENS:
                depth += 1
            elif event in _CLOSES:
                depth -= 1
                if not depth:
                    return
    raise StopIteration
