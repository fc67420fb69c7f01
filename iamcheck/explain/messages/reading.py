"""Finds AWS's messages in a text: which families, where, with which named parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from iamcheck.explain.messages.facts import facts_of, is_cut_arn
from iamcheck.explain.messages.families import FAMILIES
from iamcheck.explain.messages.normalizing import normalized, unwrapped
from iamcheck.explain.messages.screening import literal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.explain.messages.families import MessageFamily

__all__ = ["LONGEST", "Message", "messages_in"]

LONGEST: Final = 100_000
"""Characters; the longest messages have an encoded part of a few thousand."""
_TELLS: Final = {"denied-in-part": 1, "denied-unnamed": 1, "denied": 2, "explicit-deny-untyped": 2}
"""How much a message tells, by its family; those of other families tell more, and those that are cut the least."""
_MOST, _LEAST = 3, 1
_MARKS: Final = "\"'`"
_OUTCOMES: Final = frozenset({"endpoint-failed", "rollback-alarm"})
"""Families that name an outcome: another message of the same text names the cause, and stands first."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of AWS in a text.

    Args:
        family: Its family.
        groups: Its named parts.
        start: Where it begins in the normalized text.
        end: Where it ends.
        is_cut: A name in it has no end.
    """

    family: MessageFamily
    groups: Mapping[str, str | None]
    start: int
    end: int
    is_cut: bool


def messages_in(text: str, *, last_first: bool = False) -> tuple[Message, ...]:
    """The messages of a text in their order, each once; those that name a cause stand before those that do not.

    Args:
        text: The text, with whatever stands around the messages in a log; `LONGEST` characters of it are read.
        last_first: The text is a log: its end is read, and the last message stands first.
    """
    read = text[-LONGEST:] if last_first else text[:LONGEST]
    as_written = _messages(normalized(read), last_first=last_first)
    joined = unwrapped(read)
    if joined is None:
        return as_written
    when_joined = _messages(normalized(joined.text), last_first=last_first)
    tells_when_joined, tells_as_written = _detail(when_joined), _detail(as_written)
    # where both tell as much, a line as long as the terminal is wide may have ended there by chance
    is_joined = tells_when_joined > tells_as_written or (tells_when_joined == tells_as_written and joined.is_certain)
    return when_joined if is_joined else as_written


def _detail(messages: Sequence[Message]) -> tuple[int, int]:
    """How much the messages tell: by their families, and by the number of their named parts."""
    families = sum(_LEAST if message.is_cut else _TELLS.get(message.family.id, _MOST) for message in messages)
    return families, sum(1 for message in messages for part in message.groups.values() if part)


def _messages(plain: str, *, last_first: bool) -> tuple[Message, ...]:
    chosen: list[Message] = []
    is_read = bytearray(len(plain))
    for message in _all(plain):
        if not any(is_read[message.start : message.end]):
            is_read[message.start : message.end] = b"\1" * (message.end - message.start)
            chosen.append(message)
    there = {message.family.id for message in chosen}
    kept = [message for message in chosen if there.isdisjoint(message.family.yields_to)]
    kept.sort(key=lambda message: (message.family.id in _OUTCOMES, -message.start if last_first else message.start))
    return tuple(_distinct(kept))


def _distinct(messages: Sequence[Message]) -> Iterator[Message]:
    """The messages without those that repeat another one, or say less than another one of their family."""
    first: dict[tuple[str, frozenset[tuple[str, str]]], Message] = {}
    for message in messages:
        parts = frozenset((name, text) for name, text in message.groups.items() if text)
        first.setdefault((message.family.id, parts), message)
    of_family: dict[str, list[frozenset[tuple[str, str]]]] = {}
    for id_, parts in first:
        of_family.setdefault(id_, []).append(parts)
    for (id_, parts), message in first.items():
        if not any(parts < other for other in of_family[id_]):
            yield message


def _all(plain: str) -> Iterator[Message]:
    """Every match, the more telling families first."""
    for family in FAMILIES:
        for pattern in family.patterns:
            if _literal(pattern) not in plain:
                continue
            for match in _compiled(pattern).finditer(plain):
                if not (family.not_followed_by and _compiled(family.not_followed_by).match(plain, match.end())):
                    yield Message(family, match.groupdict(), match.start(), match.end(), is_cut=_is_cut(match))


def _is_cut(match: re.Match[str]) -> bool:
    """Whether a name in the message has no end: the start of an ARN, or a mark before it and none behind it."""
    groups = match.groupdict()
    for name, part in groups.items():
        if not part:
            continue
        before, behind = match.string[: match.start(name)][-1:], match.string[match.end(name) :].lstrip(".")[:1]
        if (before and before in _MARKS and behind != before) or is_cut_arn(part.strip(_MARKS)):
            return True
    return bool(groups.get("resource")) and facts_of(groups).resource is None


_literal = cache(literal_of)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
