"""What shapes find is what a second reading of botocore's service model finds, on both sides of every bound."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pytest

from iamcheck.checks.request_valid import validity_of
from iamcheck.checks.request_valid.service import OPERATIONS
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, WrittenRequest
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.iam.model import Place
from tests.naive.shapes import PERHAPS, ShapeFinding, model_of_service, shape_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.request_valid import Problem, Unjudged, Validity
    from iamcheck.deployment.located import Operation

CAUSE = OpenCause("the parameter Stage has no value", "--parameter Stage=VALUE")
DEEPEST = 6
MOST_ITEMS = 150
MOST_CHARACTERS = 3000
KINDS = ("problem", "unjudged", "on trust")


def member_of(value: Any, path: str = "") -> Member:  # noqa: ANN401  JSON
    """The value as a reader gives it, with a cause for what is not known."""
    here = Place("request.json", path=path)
    match value:
        case dict():
            members = {name: member_of(part, f"{path}.{name}" if path else name) for name, part in value.items()}
            return Member(members, path, here)
        case list():
            return Member(tuple(member_of(item, f"{path}[{at}]") for at, item in enumerate(value)), path, here)
        case _:
            is_open = value in (UNKNOWN, PERHAPS)
            known = UNKNOWN if is_open else value
            return Member(known, path, here, (CAUSE,) if is_open else (), may_be_absent=value is PERHAPS)


def places(service: str, operation: str) -> Iterator[tuple[list[str], str]]:
    """The way to each member of each structure, the first that there is, with the member's shape."""
    shapes = model_of_service(service)["shapes"]
    waiting: list[tuple[list[str], str]] = [([], model_of_service(service)["operations"][operation]["input"]["shape"])]
    seen = set()
    while waiting:
        way, name = waiting.pop(0)
        yield way, name
        shape = shapes[name]
        parts = shape.get("members") or {part: shape[part] for part in ("member", "value") if part in shape}
        if name not in seen and len(way) < DEEPEST:
            seen.add(name)
            steps = {"member": "[]", "value": "{}"}
            inner = "members" in shape
            waiting += [([*way, part if inner else steps[part]], of["shape"]) for part, of in parts.items()]


def request(way: list[str], value: object) -> Any:  # noqa: ANN401  JSON
    """The smallest request that has a value at the end of a way."""
    for step in reversed(way):
        value = [value] if step == "[]" else {"key" if step == "{}" else step: value}
    return value


def smallest(service: str, name: str) -> object:
    """A value of about the right kind."""
    shape = model_of_service(service)["shapes"][name]
    kinds: dict[str, object] = {"structure": {}, "map": {}, "list": [], "string": "a", "boolean": True}
    return kinds.get(shape["type"], 1)


def values(service: str, name: str) -> Iterator[object]:
    """Values of each kind, and on both sides of each bound of a shape."""
    yield from (None, UNKNOWN, PERHAPS, Pattern("a*"), Pattern("arn:aws:*"))
    yield from ("text", 7, 7.5, True, [], {})
    shape = model_of_service(service)["shapes"][name]
    bounds = [shape[bound] for bound in ("min", "max") if bound in shape]
    sizes = sorted({int(bound) + step for bound in bounds for step in (-1, 0, 1) if bound + step >= 0})
    match shape["type"]:
        case "string":
            yield from ("", "arn:aws:iam::123456789012:role/r", "-a", "a_b", f"s3://{'a' * 120}")
            yield from (f"{shape['enum'][0]}{end}" for end in ("", "x") if "enum" in shape)
            yield from (shape["enum"][-1].swapcase() for _ in range("enum" in shape))
            yield from ("a" * size for size in sizes if size <= MOST_CHARACTERS)
        case "list":
            item = smallest(service, shape["member"]["shape"])
            for size in (size for size in sizes if size <= MOST_ITEMS):
                yield [item] * size
                yield from ([*[item] * (size - 1), open_item] for open_item in (UNKNOWN, PERHAPS) if size)
                yield [UNKNOWN] * size
        case "map":
            item = smallest(service, shape["value"]["shape"])
            yield {"": item, "k": UNKNOWN, "a" * 1025: item, "1": item}
            yield from ({f"k{at}": item for at in range(size)} for size in sizes if size <= MOST_ITEMS)
        case "structure":
            yield {"Nope": 1}
            yield {f"{member}s": 1 for member in list(shape["members"])[:1]}
        case "integer" | "long" | "float" | "double" as kind:
            largest = 2 ** {"integer": 31, "long": 63, "float": 128, "double": 1024}[kind]
            yield from (largest - 1, largest, -largest, 0, -1, float("nan"), float("inf"), 0.5)
            yield from (bound + step for bound in bounds for step in (-1, 0, 1))
        case _:
            return


def steps(path: str) -> list[tuple[str, int]]:
    """A path as it sorts: by its names, and by its numbers as numbers."""
    return [
        (word, 0) if number == "" else ("", int(number)) for word, number in re.findall(r"([^0-9]+)|([0-9]+)", path)
    ]


def in_order(one: ShapeFinding) -> tuple[int, list[tuple[str, int]], str]:
    return KINDS.index(one.kind), steps(one.path), one.what


def found(validity: Validity) -> list[ShapeFinding]:
    """What the shape of a request breaks, as the check says it."""
    kinds: list[tuple[str, Sequence[Problem | Unjudged]]] = [
        ("problem", validity.problems),
        ("unjudged", validity.unjudged),
        ("on trust", validity.on_trust),
    ]
    return [
        ShapeFinding(one.path, one.place.path, one.what, one.source, kind)
        for kind, findings in kinds
        for one in findings
        if one.rule == "shape"
    ]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_shape_finds_what_the_second_reading_finds(operation: str) -> None:
    service = OPERATIONS[operation].name
    rows = 0
    for way, name in places(service, operation):
        for value in values(service, name):
            whole = request(way, value)
            written = WrittenRequest(cast("Operation", operation), member_of(whole), Place("request.json"))

            validity = validity_of(resources=[written])

            expected = dict.fromkeys(shape_findings(service, operation, whole))
            assert found(validity) == sorted(expected, key=in_order), (way, value)
            open_findings: list[Unjudged] = [*validity.unjudged, *validity.on_trust]
            operations = [*(one.operation for one in validity.problems), *(one.operation for one in open_findings)]
            assert {*operations} <= {operation}
            causes = () if isinstance(value, Pattern) else (CAUSE,)
            assert all(one.causes == causes for one in open_findings if one.rule == "shape")
            rows += 1
    assert rows > 50
