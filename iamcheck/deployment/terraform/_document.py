"""Reads the text of a plan into plain JSON values, without those parts that nothing here depends on.

`terraform show -json` prints plans of tens of megabytes. Most of that is the state before (`prior_state`), the values
once more (`planned_values`) and the resources of other services, which are dropped as soon as they are read.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import Number, shown
from iamcheck.iam.model.position import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CURE",
    "LARGEST",
    "READ_TYPES",
    "PlanDocument",
    "is_true",
    "items",
    "members",
    "plan_of",
    "require_plan",
    "text",
]

READ_TYPES: Final = ("aws_sagemaker_", "aws_appautoscaling_", "aws_cloudwatch_metric_alarm")
"""The types of resources whose attributes are read begin so."""
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a plan that are read."""
CURE: Final = "give what `terraform show -json PLANFILE` prints"
_KEPT: Final = frozenset(
    {
        *("action_invocations", "configuration", "deferred_action_invocations", "deferred_changes", "errored"),
        *("format_version", "resource_changes", "variables"),
    }
)
_PLAN_ONLY: Final = frozenset({"planned_values", "resource_changes", "values"})
"""Members that only a plan or a state has beside `format_version`."""
_IDENTITY: Final = ("address", "module_address", "mode", "type", "name", "deposed")
# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_BLANKS: Final = r"[ \t\n\r]*"
_BEGINS: Final = r'\s*\{\s*"format_version"\s*:'


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan as plain JSON values: dicts, lists, texts, `Number`, truth values, None.

    Args:
        members: The members of the whole that matter here.
        names: The names of all its members.
        positions: Where the items of `resource_changes` stand, in order.
    """

    members: Mapping[str, object]
    names: frozenset[str]
    positions: tuple[Position, ...] = ()


def plan_of(source: str) -> PlanDocument | None:
    """The plan in a text; None where the text is something else, such as a template.

    Args:
        source: The text of a file.

    Raises:
        InvalidInputError: It begins as a plan does and is not JSON, or is nested too deeply.
    """
    if '"format_version"' not in source or not source.lstrip(" \t\r\n").startswith("{"):
        return None
    begins = re.match(_BEGINS, source) is not None
    try:
        document = _read(source)
    except JSONDecodeError as error:
        if not begins:
            return None
        what = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise InvalidInputError(what, where=f"line {error.lineno}", cure=f"is it cut off? {CURE}") from None
    except RecursionError:
        if not begins:
            return None
        raise InvalidInputError("nested too deeply", cure=CURE) from None
    except InvalidInputError:
        if not begins:
            return None
        raise
    if "format_version" not in document.names or (not begins and document.names.isdisjoint(_PLAN_ONLY)):
        return None
    return document


def require_plan(document: PlanDocument) -> None:
    """Returns where the document is a plan that Terraform could complete.

    Raises:
        InvalidInputError: It is a state, a plan that Terraform could not complete, or of a format that is not known.
    """
    version = text(document.members["format_version"]) or ""
    if not re.fullmatch(r"[01]\.\d+", version):
        raise InvalidInputError(
            f"the plan's format {shown(version)} is not known", where="format_version", cure="0.x and 1.x are read"
        )
    if document.names.isdisjoint(("planned_values", "resource_changes")):
        is_state = "values" in document.names
        what = "this is a Terraform state, which deploys nothing" if is_state else "not a Terraform plan"
        raise InvalidInputError(what, cure=CURE)
    if document.members.get("errored") is True:
        raise InvalidInputError("Terraform could not complete this plan", where="errored", cure="plan again")


def members(value: object, where: str) -> Mapping[str, object]:
    """The members of an object; none where it is null or left out.

    Raises:
        InvalidInputError: It is anything else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputError("an object is due here", where=where, cure=CURE)
    return value


def items(value: object, where: str) -> list[object]:
    """The items of a list; none where it is null or left out.

    Raises:
        InvalidInputError: It is anything else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidInputError("a list is due here", where=where, cure=CURE)
    return value


def text(value: object) -> str | None:
    """A text; None for anything else."""
    return value if isinstance(value, str) else None


def is_true(value: object) -> bool:
    """True where anything in a tree is true, as in `after_unknown`."""
    if isinstance(value, dict):
        return any(map(is_true, value.values()))
    if isinstance(value, list):
        return any(map(is_true, value))
    return value is True


def _read(source: str) -> PlanDocument:
    """Reads member after member, so that those that are dropped are never in memory together."""
    keep = JSONDecoder(object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_refuse_constant)
    drop = JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    kept: dict[str, object] = {}
    positions: tuple[Position, ...] = ()
    names: list[str] = []
    offset = _after("{", source, 0)
    separator = ","
    while separator == ",":
        if source[offset : offset + 1] != '"':
            raise JSONDecodeError("Expecting property name", source, offset)
        name, offset = drop.raw_decode(source, offset)
        names.append(name)
        offset = _after(":", source, offset)
        if name == "resource_changes" and source[offset : offset + 1] == "[":
            kept[name], positions, offset = _changes(source, offset, keep)
        else:
            value, offset = (keep if name in _KEPT else drop).raw_decode(source, offset)
            if name in _KEPT:
                kept[name] = value
        separator, offset = _separator("}", source, offset)
    if offset != len(source):
        raise JSONDecodeError("Extra data", source, offset)
    if len(set(names)) != len(names):
        raise InvalidInputError("the plan has a member twice", cure=CURE)
    return PlanDocument(kept, frozenset(names), positions)


def _changes(source: str, offset: int, decoder: JSONDecoder) -> tuple[list[object], tuple[Position, ...], int]:
    """The items of `resource_changes`, each reduced to what matters of it, where each stands, and the offset after."""
    changes: list[object] = []
    positions: list[Position] = []
    offset = _after("[", source, offset)
    if source[offset : offset + 1] == "]":
        return changes, (), offset + 1
    separator, line, begins, counted = ",", 1, 0, 0
    while separator == ",":
        line += source.count("\n", counted, offset)
        begins = max(begins, source.rfind("\n", counted, offset) + 1)
        counted = offset
        positions.append(Position(line, offset - begins + 1))
        change, offset = decoder.raw_decode(source, offset)
        changes.append(_reduced(change))
        separator, offset = _separator("]", source, offset)
    return changes, tuple(positions), offset


def _reduced(change: object) -> object:
    if not isinstance(change, dict) or str(change.get("type")).startswith(READ_TYPES):
        return change
    details = change.get("change")
    if isinstance(details, dict):
        unknown = details.get("after_unknown")
        marks = {name: is_true(mark) for name, mark in unknown.items()} if isinstance(unknown, dict) else unknown
        details = {"actions": details.get("actions"), "after_unknown": marks}
    return {**{name: change[name] for name in _IDENTITY if name in change}, "change": details}


def _after(sign: str, source: str, offset: int) -> int:
    """The offset of what follows a sign."""
    offset = _skip(source, offset)
    if source[offset : offset + 1] != sign:
        raise JSONDecodeError(f"Expecting {sign!r}", source, offset)
    return _skip(source, offset + 1)


def _separator(end: str, source: str, offset: int) -> tuple[str, int]:
    """The comma or the end after a value, and the offset of what follows it."""
    offset = _skip(source, offset)
    sign = source[offset : offset + 1]
    if sign not in (",", end) or not sign:
        raise JSONDecodeError(f"Expecting ',' or {end!r}", source, offset)
    return sign, _skip(source, offset + 1)


def _skip(source: str, offset: int) -> int:
    match = re.compile(_BLANKS).match(source, offset)
    return offset if match is None else match.end()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInputError(f"an object has the key {shown(twice)} twice", cure=CURE)
    return members


def _refuse_constant(name: str) -> object:
    raise InvalidInputError(f"{name} is not JSON", cure=CURE)
