"""Puts values that somebody gives in place of members that a template leaves open.

A value is named by `LOGICAL_ID.MEMBER`, with members of members and items of lists:
`Config.ProductionVariants[0].ModelName`. Members are those of SageMaker's API.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.cloudformation._nodes import TemplateNode, node_of, text_of
from iamcheck.deployment.located import Pattern
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_kinds, request_members
from iamcheck.iam.model.json_text import read_text, shown
from iamcheck.iam.model.nearest import nearest
from iamcheck.iam.model.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.cloudformation._template import Template

__all__ = ["put_values", "require_used", "require_values"]

_FLAG: Final = "--set"
_STEP: Final = r"\.?([A-Za-z][A-Za-z0-9]*)|\[([0-9]{1,4})\]"


class _Target(NamedTuple):
    flag: str
    """The path with its logical id, as somebody gave it."""
    value: str


def put_values(properties: TemplateNode, logical: str, operation: str, values: Mapping[str, str]) -> TemplateNode:
    """Puts the values that are for one resource in place.

    Args:
        properties: The resource's properties, worked out.
        logical: Its logical id.
        operation: The API's operation that makes it.
        values: All values that were given, by `LOGICAL_ID.MEMBER`.

    Raises:
        InvalidInputError: The API has no such member, the list no such item, or the template has another value there.
    """
    for key, value in values.items():
        name, _, path = key.partition(".")
        if name == logical:
            properties = _put(properties, _steps(key, path), (operation, ""), _Target(key, value))
    return properties


def require_values(templates: tuple[Template, ...], values: Mapping[str, str]) -> None:
    """Refuses a value for a resource that no template has.

    Raises:
        InvalidInputError: There is one, or it names no member.
    """
    known = {logical: None for template in templates for logical in template.resources}
    for key in values:
        logical, _, path = key.partition(".")
        if not path:
            raise InvalidInputError(f"{shown(key)} names no member", where=_FLAG, cure="give LOGICAL_ID.MEMBER=VALUE")
        if logical not in known:
            raise InvalidInputError(
                f"the template has no resource {shown(logical)}", where=_FLAG, cure=nearest(logical, known)
            )


def require_used(values: Mapping[str, str], used: set[str]) -> None:
    """Refuses a value that nothing takes.

    Args:
        values: The values for the resources of one template, by `LOGICAL_ID.MEMBER`.
        used: Those that were taken.

    Raises:
        InvalidInputError: There is one.
    """
    for key in values:
        if key not in used:
            raise InvalidInputError(
                f"no endpoint of the template uses {shown(key)}",
                where=_FLAG,
                cure="name a member that the report says is open",
            )


def _steps(key: str, path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        match = re.compile(_STEP).match(path, position)
        if match is None:
            raise InvalidInputError(
                f"{shown(key)} is no path", where=_FLAG, cure="give Config.ProductionVariants[0].ModelName, say"
            )
        steps.append(match[1] or int(match[2]))
        position = match.end()
    return steps


def _put(node: TemplateNode, steps: list[str | int], about: tuple[str, str], target: _Target) -> TemplateNode:
    """The node with a value at the end of the steps.

    Args:
        node: A value of the request.
        steps: The way to go on.
        about: Structure of the value in the API and kind of its scalars; both empty for texts.
        target: What to put, for whom.
    """
    if not steps:
        return _replaced(node, about, target)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = node.value if isinstance(node.value, tuple) else ()
        if step >= len(items):
            what = (
                f"the template has {counted(len(items), 'item')} there" if items else "the template has no list there"
            )
            raise InvalidInputError(what, where=f"{_FLAG} {target.flag}", cure="items are counted from 0")
        return node.put((*items[:step], _put(items[step], rest, about, target), *items[step + 1 :]))
    members = request_members().get(about[0], {})
    if step not in members:
        raise InvalidInputError(
            f"{about[0] or 'a text'} has no member {shown(step)}",
            where=f"{_FLAG} {target.flag}",
            cure=nearest(step, members),
        )
    inner = members[step], request_kinds().get(about[0], {}).get(step, "")
    inside = node.value if isinstance(node.value, dict) else {}
    if node.is_open and node.value is not None and not isinstance(node.value, dict):
        raise InvalidInputError(
            "nothing is known of what is around it", where=f"{_FLAG} {target.flag}", cure="give the whole, as JSON"
        )
    placed = inside.get(step, node.put(None))
    return node.put({**inside, step: _put(placed, rest, inner, target)})


def _replaced(node: TemplateNode, about: tuple[str, str], target: _Target) -> TemplateNode:
    known = text_of(node)
    if isinstance(known, str) and known != target.value:
        raise InvalidInputError(
            f"{shown(target.value)} is given, and the template says {shown(known)}",
            where=f"{_FLAG} {target.flag}",
            cure="leave one of them out",
        )
    if isinstance(known, Pattern) and not _fits(known.text, target.value):
        raise InvalidInputError(
            f"{shown(target.value)} is given, and the template says {shown(known.text)}",
            where=f"{_FLAG} {target.flag}",
            cure="give one that can come of it",
        )
    if target.value[:1] in ("[", "{"):
        try:
            return node_of(read_text(target.value))._replace(step=node.step, line=node.line, column=node.column)
        except InvalidInputError as error:
            raise error.at(f"{_FLAG} {target.flag}") from None
    if about[0]:
        raise InvalidInputError(
            f"{about[0]} is a structure, not a text", where=f"{_FLAG} {target.flag}", cure="give it as JSON"
        )
    return node.put(target.value)


def _fits(pattern: str, text: str) -> bool:
    first, *rest = pattern.split("*")
    return text.startswith(first) and (not rest or text.endswith(rest[-1]))
