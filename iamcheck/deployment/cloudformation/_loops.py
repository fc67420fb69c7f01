"""Tells what a loop (`Fn::ForEach`) may make, without running it.

Source:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode

__all__ = ["FOR_EACH", "may_begin_type", "may_make", "types_made"]

FOR_EACH: Final = "Fn::ForEach::"
_VARIABLE: Final = r"([$&])\{([^{}]*)\}"
"""`${Name}` stands for an item of the loop's list, `&{Name}` for its letters and digits alone."""

_Items: TypeAlias = "Mapping[str, tuple[str, ...] | None]"
"""The list of each loop around a text, by the loop's variable; None: the list is not written out."""


def may_make(sections: Mapping[str, TemplateNode], name: str) -> bool:
    """Tells whether a loop among the members of a section may make a member of that name."""
    return any(
        _may_be(_parts(key, items), name)
        for loop_name, loop in sections.items()
        if loop_name.startswith(FOR_EACH)
        for key, _, items in _members(loop, {})
    )


def types_made(loop: TemplateNode) -> tuple[str, ...]:
    """The types of the resources that a loop makes, each once; an empty text for one that only the loop tells."""
    types = [_type(member) for _, member, _ in _members(loop, {})]
    return tuple(dict.fromkeys("" if re.search(_VARIABLE, text) else text for text in types))


def may_begin_type(loop: TemplateNode, beginning: str) -> bool:
    """Tells whether a loop may make a resource whose type begins so."""
    return any(
        not (text := _type(member)) or _may_begin(_parts(text, items), beginning)
        for _, member, items in _members(loop, {})
    )


def _members(loop: TemplateNode, around: _Items) -> Iterator[tuple[str, TemplateNode, _Items]]:
    """The members that a loop and the loops in it make: name, value, and the lists of the loops around."""
    parts = loop.value if isinstance(loop.value, tuple) else ()
    body = parts[2].value if len(parts) == 3 else None
    if not isinstance(body, dict):
        # what is no loop may be anything
        yield "${}", loop, {"": None}
        return
    variable, listed = parts[:2]
    items = listed.value if isinstance(listed.value, tuple) else None
    texts = None if items is None else tuple(item.value for item in items if isinstance(item.value, str))
    is_written_out = texts is not None and items is not None and len(texts) == len(items)
    here = {**around, str(variable.value): texts if is_written_out else None}
    for name, member in body.items():
        if name.startswith(FOR_EACH):
            yield from _members(member, here)
        else:
            yield name, member, here


def _type(member: TemplateNode) -> str:
    """The type of a resource; empty where a function stands for it."""
    written = member.value.get("Type") if isinstance(member.value, dict) else None
    return written.value if written is not None and isinstance(written.value, str) else ""


def _parts(text: str, items: _Items) -> Iterator[tuple[str, ...] | None]:
    """The parts of a text, each with what it can be; None: any text."""
    pieces = re.split(_VARIABLE, text)
    for index in range(0, len(pieces), 3):
        yield (pieces[index],)
        if index + 2 < len(pieces):
            options = items.get(pieces[index + 2])
            if options is not None and pieces[index + 1] == "&":
                options = tuple(re.sub("[^A-Za-z0-9]", "", option) for option in options)
            yield options


def _may_be(parts: Iterator[tuple[str, ...] | None], text: str) -> bool:
    places = {0}
    for options in parts:
        if not places:
            return False
        any_text = set(range(min(places), len(text) + 1))
        places = any_text if options is None else _places_after(places, options, text)
    return len(text) in places


def _may_begin(parts: Iterator[tuple[str, ...] | None], beginning: str) -> bool:
    places = {0}
    for options in parts:
        if options is None:
            return bool(places)
        if any(option.startswith(beginning[place:]) for place in places for option in options):
            return True
        places = _places_after(places, options, beginning)
    return False


def _places_after(places: set[int], options: tuple[str, ...], text: str) -> set[int]:
    """Where in a text an option may end that begins at one of some places."""
    return {place + len(option) for place in places for option in options if text.startswith(option, place)}
