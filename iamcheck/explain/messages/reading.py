"""Finds AWS's messages in a text: which families, where, with which named parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from iamcheck.explain.messages.families import FAMILIES
from iamcheck.explain.messages.normalizing import normalized, unwrapped
from iamcheck.explain.messages.screening import literal_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.explain.messages.families import MessageFamily

__all__ = ["LONGEST", "Message", "messages_in"]

LONGEST: Final = 100_000
"""Characters; the longest messages have an encoded part of a few thousand."""
_IN_PART: Final = "denied-in-part"
"""The family of a denial that was not read to its end."""
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
    """

    family: MessageFamily
    groups: Mapping[str, str | None]
    start: int
    end: int


def messages_in(text: str, *, last_first: bool = False) -> tuple[Message, ...]:
    """The messages of a text in their order, each once; those that name a cause stand before those that do not.

    Args:
        text: The text, with whatever stands around the messages in a log; `LONGEST` characters of it are read.
        last_first: The text is a log: its end is read, and the last message stands first.
    """
    read = text[-LONGEST:] if last_first else text[:LONGEST]
    found = _messages(normalized(read), last_first=last_first)
    if any(message.family.id != _IN_PART for message in found):
        return found
    whole = unwrapped(read)
    return found if whole is None else _messages(normalized(whole), last_first=last_first) or found


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
                    yield Message(family, match.groupdict(), match.start(), match.end())


_literal = cache(literal_of)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
