"""Puts the values that a user gives (`--set ADDRESS.attribute=VALUE`) in place of what a plan leaves open."""

from __future__ import annotations

import re
from dataclasses import replace
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.deployment.terraform._attributes import attributes, operation_of
from iamcheck.deployment.terraform._document import is_true
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_kinds, request_members
from iamcheck.iam.model.json_text import Number, shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan

__all__ = ["with_values"]

Steps: TypeAlias = "tuple[str | int, ...]"

_STEP: Final = r'\.([\w-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]'
_NUMBER: Final = r"-?\d{1,18}(?:\.\d{1,18})?"
_TRUTHS: Final = {"true": True, "false": False}
_TAGS: Final = ("tags", "tags_all")


def with_values(plan: TerraformPlan, values: Mapping[str, str]) -> TerraformPlan:
    """The plan with values for what it leaves open.

    Args:
        plan: The plan.
        values: The address of an attribute -> its value. A text, number or truth value is written as it is, a block, a
            list or a map as JSON; `null`: the attribute is not set.

    Raises:
        InvalidInputError: There is no such resource or attribute, the plan does not leave it open, or the value is not
            one of the attribute's.
    """
    if not values:
        return plan
    settable = {
        resource.address: resource
        for resource in plan.resources
        if operation_of(resource.type) and not resource.action.is_gone and not resource.is_deposed
    }
    for key, value in values.items():
        ends = (match.start() for match in re.finditer(r"\.", key))
        address = max((key[:end] for end in ends if key[:end] in settable), key=len, default=None)
        if address is None:
            close = nearest(key.rpartition(".")[0], settable)
            raise InvalidInputError("the plan has no such resource", where=f"--set {shown(key)}", cure=close)
        settable[address] = _with_value(settable[address], _steps(key, key[len(address) :]), value, f"--set {key}")
    return replace(plan, resources=tuple(_changed(resource, settable) for resource in plan.resources))


def _changed(resource: PlannedResource, changed: Mapping[str, PlannedResource]) -> PlannedResource:
    return resource if resource.action.is_gone or resource.is_deposed else changed.get(resource.address, resource)


def _steps(key: str, path: str) -> Steps:
    steps: list[str | int] = []
    offset = 0
    while offset < len(path):
        match = re.compile(_STEP).match(path, offset)
        if match is None:
            raise InvalidInputError(f"{shown(path[offset:])} is no step to an attribute", where=f"--set {shown(key)}")
        offset = match.end()
        steps.append(match[1] or (int(match[2]) if match[2] else str(JSONDecoder().decode(match[3]))))
    return tuple(steps)


def _with_value(resource: PlannedResource, steps: Steps, value: str, where: str) -> PlannedResource:
    if steps[0] in _TAGS:
        resource, steps = _with_tags(resource, steps)
    known = _at(resource.after, steps)
    typed = _typed(resource.type, steps, value, where)
    marks = (resource.unknown, resource.sensitive)
    if any(_at(tree, steps[:end]) is True for tree in marks for end in range(1, len(steps))):
        raise InvalidInputError("the plan leaves more open than this", where=where, cure="give the whole value as JSON")
    if not any(is_true(_at(tree, steps)) for tree in marks):
        if known == typed:
            return resource
        # the value itself is not shown: tags_all loses the marks of what is sensitive
        problem = "the plan has another value" if known else "the plan does not set it"
        raise InvalidInputError(problem, where=where, cure="leave it out: only what is open can be given")
    after = _put(resource.after, steps, typed, where)
    unknown, sensitive = (_put(tree, steps, False, "") if _at(tree, steps) is not None else tree for tree in marks)
    return replace(resource, after=_mapping(after), unknown=_mapping(unknown), sensitive=_mapping(sensitive))


def _with_tags(resource: PlannedResource, steps: Steps) -> tuple[PlannedResource, Steps]:
    """The resource with its tags in one attribute, and the way to what is given of them.

    The provider makes `tags_all` of `tags` and its own `default_tags`: what is open in one of them is open in both.
    """
    is_whole = len(steps) == 1
    # where the provider's own tags are not known yet, tags_all says nothing
    kept = "tags" if not is_whole and resource.unknown.get("tags_all") is True else "tags_all"
    dropped = "tags_all" if kept == "tags" else "tags"
    after, unknown, sensitive = (
        {name: member for name, member in tree.items() if name not in _TAGS}
        for tree in (resource.after, resource.unknown, resource.sensitive)
    )
    after[kept] = resource.after.get(kept)
    unknown[kept] = _both(resource.unknown.get(kept), resource.unknown.get(dropped), is_whole=is_whole)
    sensitive[kept] = _both(resource.sensitive.get(kept), resource.sensitive.get(dropped), is_whole=is_whole)
    if not is_whole and True in (resource.sensitive.get("tags"), resource.sensitive.get("tags_all")):
        sensitive[kept] = True
    return replace(resource, after=after, unknown=unknown, sensitive=sensitive), (kept, *steps[1:])


def _both(kept: object, dropped: object, *, is_whole: bool) -> object:
    """The marks of both attributes, of each tag, or of the tags as a whole."""
    if is_whole:
        return is_true(kept) or is_true(dropped)
    return True if kept is True else {**_mapping(dropped), **_mapping(kept)}


def _typed(type_: str, steps: Steps, value: str, where: str) -> object:
    """The value as the plan would have it."""
    structure, kind = operation_of(type_), ""
    for number, step in enumerate(steps):
        if isinstance(step, int):
            continue
        if structure not in request_members() or (number == 0 and step in (*_TAGS, "name", "region")):
            structure, kind = "", ""
            continue
        member = attributes(structure).get(step)
        if member is None:
            close = nearest(step, attributes(structure))
            raise InvalidInputError(f"there is no attribute {shown(step)}", where=where, cure=close)
        structure, kind = request_members()[structure][member], request_kinds().get(structure, {}).get(member, "")
    if value == "null":
        return None
    if kind == "boolean" and value in _TRUTHS:
        return _TRUTHS[value]
    if kind and kind != "boolean" and re.fullmatch(_NUMBER, value):
        return Number(value)
    if kind:
        what = "true or false" if kind == "boolean" else "a number"
        raise InvalidInputError(f"{shown(value)} is not {what}", where=where)
    is_tags = steps[0] in _TAGS and len(steps) == 1
    if is_tags or (structure and not isinstance(steps[-1], int)) or value[:1] in ("[", "{"):
        return _json(value, where)
    return value


def _json(value: str, where: str) -> object:
    try:
        return JSONDecoder(parse_int=Number, parse_float=Number).decode(value)
    except (JSONDecodeError, RecursionError):
        raise InvalidInputError("not JSON", where=where, cure="write blocks, lists and maps as JSON") from None


def _at(tree: object, steps: Sequence[str | int]) -> object:
    """What stands at a path; None where nothing does."""
    for step in steps:
        if isinstance(step, str):
            tree = tree.get(step) if isinstance(tree, dict) else None
        else:
            tree = tree[step] if isinstance(tree, list) and step < len(tree) else None
    return tree


def _put(tree: object, steps: Sequence[str | int], value: object, where: str) -> object:
    """A copy of a tree with another value at a path."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, str):
        members = dict(tree) if isinstance(tree, dict) else {}
        return {**members, step: _put(members.get(step), rest, value, where)}
    items = list(tree) if isinstance(tree, list) else []
    if step >= len(items):
        raise InvalidInputError(f"the plan has no block or item {step}", where=where, cure="they count from 0")
    return [*items[:step], _put(items[step], rest, value, where), *items[step + 1 :]]


def _mapping(tree: object) -> Mapping[str, object]:
    return tree if isinstance(tree, dict) else {}
