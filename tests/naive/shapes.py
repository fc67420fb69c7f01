"""Judges a request by botocore's own service model: a second, obvious reading that shares no code with the check.

What a regular expression in Java's dialect matches is not read twice: `test_patterns.py` judges that.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import botocore
from botocore.loaders import Loader

from iamcheck.checks.request_valid.patterns import matches
from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PERHAPS", "ShapeFinding", "model_of_service", "shape_findings"]

PERHAPS: Final = object()
"""A value that is not known, of a member that may not even be there."""
PAGES: Final = {
    "sagemaker": "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_",
    "application-autoscaling": "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_",
    "cloudwatch": "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_",
}
NUMBERS: Final = {"integer": 2**31, "long": 2**63, "float": 2**128, "double": 2**1024}
"""https://smithy.io/2.0/spec/simple-types.html"""
TAKEN: Final = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "string": "text",
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
}
HIDDEN: Final = {"EnvironmentKey", "EnvironmentValue"}
ARN: Final = (
    "this is an ARN, and the API takes a name: in a template Ref of a resource gives its ARN, and Fn::GetAtt its name"
)
SHORT: Final = 100


class ShapeFinding(NamedTuple):
    """A finding of the second reading.

    Args:
        path: The member; of a missing one where it belongs.
        where: The path of the place: of a missing member that of what it belongs to.
        what: The text.
        source: The page.
        kind: `problem`, `unjudged` or `on trust`.
    """

    path: str
    where: str
    what: str
    source: str
    kind: str = "problem"


@cache
def model_of_service(service: str) -> dict[str, Any]:
    """The model of a service as botocore has it."""
    model: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return model


def shape_findings(service: str, operation: str, value: object) -> Iterator[ShapeFinding]:
    """What a request's shape breaks."""
    model = model_of_service(service)
    name = model["operations"][operation]["input"]["shape"]
    yield from _walk(service, name, value, "", operation, operation)


def _walk(service: str, name: str, value: Any, path: str, page: str, operation: str) -> Iterator[ShapeFinding]:  # noqa: ANN401
    shape = model_of_service(service)["shapes"][name]
    kind, source = shape["type"], f"{PAGES[service]}{page}.html"
    if isinstance(value, Pattern) and value.text.startswith("arn:") and "pattern" in shape and _of_names(shape):
        yield ShapeFinding(path, path, ARN, source)
    elif value in (UNKNOWN, PERHAPS) or isinstance(value, Pattern):
        has_bounds = "min" in shape or "max" in shape
        if kind != "boolean" and (kind not in NUMBERS or has_bounds):
            is_free = kind == "string" and "enum" not in shape and value is not PERHAPS
            what = "known only when the deployment is made"
            yield ShapeFinding(path, path, what, source, "on trust" if is_free else "unjudged")
    elif not _is_taken(value, kind):
        yield ShapeFinding(path, path, f"this is {_word(value)}: the API takes {TAKEN[kind]} here", source)
    elif kind == "structure":
        inner = shape["members"]
        own_page = name if path else operation
        of_members = f"{PAGES[service]}{own_page}.html"
        for required in shape.get("required", ()):
            if required not in value:
                what = "the API requires this member, and it is missing"
                yield ShapeFinding(_joined(path, required), path, what, of_members)
        for member, item in value.items():
            if member in inner:
                yield from _walk(service, inner[member]["shape"], item, _joined(path, member), own_page, operation)
            else:
                what = f"{own_page} has no member {member!a} ({nearest(member, inner)})"
                yield ShapeFinding(_joined(path, member), _joined(path, member), what, of_members)
    elif kind == "map":
        yield from _sized(shape, len(value), "members", path, source)
        for key, item in value.items():
            there = _joined(path, key)
            yield from _walk(service, shape["key"]["shape"], key, there, page, operation)
            yield from _walk(service, shape["value"]["shape"], item, there, page, operation)
    elif kind == "list":
        inner_name = shape["member"]["shape"]
        is_text = model_of_service(service)["shapes"][inner_name]["type"] == "string"
        certain = [item for item in value if item is not PERHAPS and (is_text or item is not UNKNOWN)]
        fewest = max(len(certain), min(len(value), shape.get("min", 0)))
        yield from _sized(shape, fewest, "items", path, source)
        for at, item in enumerate(value):
            yield from _walk(service, inner_name, item, f"{path}[{at}]", page, operation)
    elif kind == "string":
        yield from _text(name, shape, value, path, source)
    elif kind != "boolean":
        if not abs(value) < NUMBERS[kind]:
            yield ShapeFinding(path, path, f"this number is no {kind} of the API: it is too large, or none", source)
        elif not shape.get("min", value) <= value <= shape.get("max", value):
            yield ShapeFinding(path, path, f"{value} is out of bounds: the API takes {_bounds(shape)}", source)


def _text(name: str, shape: dict[str, Any], value: str, path: str, source: str) -> Iterator[ShapeFinding]:
    cut = value if len(value) <= SHORT else f"{value[: SHORT - 3]}..."
    shown = "this" if shape.get("sensitive") or name in HIDDEN else ascii(cut)
    if "enum" in shape and value not in shape["enum"]:
        near = nearest(value, shape["enum"])
        what = f"{shown} is no {name} that the API has in botocore {botocore.__version__} ({near})"
        yield ShapeFinding(path, path, what, source)
    sized = list(_sized(shape, len(value), "characters", path, source))
    yield from sized
    if "pattern" in shape and not sized and not matches(shape["pattern"], value):
        why = f"; {ARN}" if value.startswith("arn:") and _of_names(shape) else ""
        yield ShapeFinding(path, path, f"{shown} does not match the pattern of {name}, {shape['pattern']}{why}", source)


def _sized(shape: dict[str, Any], size: int, unit: str, path: str, source: str) -> Iterator[ShapeFinding]:
    if not shape.get("min", size) <= size <= shape.get("max", size):
        yield ShapeFinding(path, path, f"{size} {unit}: the API takes {_bounds(shape)}", source)


def _bounds(shape: dict[str, Any]) -> str:
    if "max" not in shape:
        return f"{shape['min']} or more"
    return f"{shape['min']} to {shape['max']}" if "min" in shape else f"at most {shape['max']}"


def _of_names(shape: dict[str, Any]) -> bool:
    """Whether a pattern is one of names: what is written like `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}` takes no colon."""
    pattern = shape["pattern"]
    for part in ("a-z", "A-Z", "0-9", "\\-", "{0,62}", "{0,63}", "{0,61}", "{0,56}"):
        pattern = pattern.replace(part, "")
    return not set(pattern) - set("[]()^$*+?-")


def _is_taken(value: object, kind: str) -> bool:
    match kind:
        case "structure" | "map":
            return isinstance(value, dict)
        case "list":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "float" | "double":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case _:
            return isinstance(value, int) and not isinstance(value, bool)


def _word(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _joined(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member
