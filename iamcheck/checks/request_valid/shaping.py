"""Compares a request with its shape in AWS's service model: members, types, enums, patterns and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import Problem, Unjudged
from iamcheck.checks.request_valid.patterns import matches
from iamcheck.checks.request_valid.reading import spot
from iamcheck.checks.request_valid.service import OPERATIONS, ServiceShape, input_of, shapes, version
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Tool
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["OPTIONAL_IN_CLOUDFORMATION", "findings"]

_RULE: Final = "shape"
_WANTED: Final = {
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
_BITS: Final = {"integer": 31, "long": 63, "float": 128, "double": 1024}
"""Numbers are less than 2 to this power; https://smithy.io/2.0/spec/simple-types.html."""
OPTIONAL_IN_CLOUDFORMATION: Final = frozenset({("TrafficRoutingConfig", "WaitIntervalInSeconds")})
"""Members that the API requires and a template may leave out:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-sagemaker-endpoint-trafficroutingconfig.html"""


_OF_NAMES: Final = r"a-z|A-Z|0-9|\\-|\{[0-9,]+\}|[\[\]()^$*+?-]"
"""What a pattern that takes no colon is written with."""
_ARN_FOR_NAME: Final = (
    "this is an ARN, and the API takes a name: in a template Ref of a resource gives its ARN, and Fn::GetAtt its name"
)


class _ShapeWalk:
    """One way through one request."""

    def __init__(self, request: WrittenRequest, tool: Tool) -> None:
        self.operation = request.operation
        self.service = OPERATIONS[request.operation]
        self.shapes = shapes(self.service)
        self.tool = tool

    def findings_in(self, member: Member, shape: ServiceShape, page: str) -> Iterator[Problem | Unjudged]:
        value = member.value
        if isinstance(value, Pattern) and shape.pattern is not None and _is_arn_for_name(value.text, shape.pattern):
            yield self._problem(member, _ARN_FOR_NAME, page)
        elif value is UNKNOWN or isinstance(value, Pattern):
            yield from self._not_known(member, shape, page)
        elif not _fits(value, shape.kind):
            yield self._problem(member, f"this is {_kind(value)}: the API takes {_WANTED[shape.kind]} here", page)
        elif isinstance(value, Mapping):
            if shape.kind == "structure":
                yield from self._structure(member, value, shape)
            else:
                yield from self._bounds(member, len(value), "members", shape, page)
                yield from self._map(value, shape, page)
        elif isinstance(value, tuple):
            inner = self.shapes[shape.members["member"]]
            # a text that is not known yet is there; anything else may be left out after all
            certain = sum(
                (inner.kind == "string" and not item.may_be_absent) or item.value is not UNKNOWN for item in value
            )
            size = max(certain, min(len(value), int(shape.least or 0)))
            yield from self._bounds(member, size, "items", shape, page)
            for item in value:
                yield from self.findings_in(item, inner, page)
        elif isinstance(value, str):
            yield from self._text(member, value, shape, page)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from self._number(member, value, shape, page)

    def _structure(
        self, member: Member, members: Mapping[str, Member], shape: ServiceShape
    ) -> Iterator[Problem | Unjudged]:
        page = self.operation if not member.path else shape.name
        for name in shape.required:
            optional = self.tool is Tool.CLOUDFORMATION and (shape.name, name) in OPTIONAL_IN_CLOUDFORMATION
            if name not in members and not optional:
                yield self._problem(spot(member, name), "the API requires this member, and it is missing", page)
        for name, member in members.items():
            if name in shape.members:
                yield from self.findings_in(member, self.shapes[shape.members[name]], page)
            else:
                what = f"{page} has no member {shown(name)} ({nearest(name, shape.members)})"
                yield self._problem(member, what, page)

    def _map(self, members: Mapping[str, Member], shape: ServiceShape, page: str) -> Iterator[Problem | Unjudged]:
        for name, member in members.items():
            yield from self._text(member, name, self.shapes[shape.members["key"]], page)
            yield from self.findings_in(member, self.shapes[shape.members["value"]], page)

    def _text(self, member: Member, value: str, shape: ServiceShape, page: str) -> Iterator[Problem | Unjudged]:
        shown_value = "this" if shape.sensitive else shown(value)
        if shape.enum and value not in shape.enum:
            cure = nearest(value, shape.enum)
            what = f"{shown_value} is no {shape.name} that the API has in botocore {version()} ({cure})"
            yield self._problem(member, what, page)
        broken = list(self._bounds(member, len(value), "characters", shape, page))
        yield from broken
        # a text that is too long already is not worth what a pattern may cost
        matched = matches(shape.pattern, value) if shape.pattern is not None and not broken else True
        if matched is False:
            is_arn = _is_arn_for_name(value, shape.pattern or "")
            why = f"; {_ARN_FOR_NAME}" if is_arn else ""
            yield self._problem(
                member, f"{shown_value} does not match the pattern of {shape.name}, {shape.pattern}{why}", page
            )
        elif matched is None:
            what = f"the pattern of {shape.name} cannot be read here: {shape.pattern}"
            yield Unjudged(self.operation, member.path, member.place, what, f"{self.service.pages}{page}.html", _RULE)

    def _number(self, member: Member, value: float, shape: ServiceShape, page: str) -> Iterator[Problem | Unjudged]:
        if not abs(value) < 2 ** _BITS[shape.kind]:
            yield self._problem(member, f"this number is no {shape.kind} of the API: it is too large, or none", page)
        elif (shape.least is not None and value < shape.least) or (shape.most is not None and value > shape.most):
            yield self._problem(member, f"{value} is out of bounds: the API takes {_range(shape)}", page)

    def _bounds(self, member: Member, size: int, unit: str, shape: ServiceShape, page: str) -> Iterator[Problem]:
        if (shape.least is not None and size < shape.least) or (shape.most is not None and size > shape.most):
            yield self._problem(member, f"{size} {unit}: the API takes {_range(shape)}", page)

    def _not_known(self, member: Member, shape: ServiceShape, page: str) -> Iterator[Unjudged]:
        # what has no bounds has nothing that could be judged
        if shape.kind == "boolean" or (shape.kind in _BITS and shape.least is None and shape.most is None):
            return
        free = shape.kind == "string" and not shape.enum and not member.may_be_absent
        what = "known only when the deployment is made"
        source = f"{self.service.pages}{page}.html"
        yield Unjudged(self.operation, member.path, member.place, what, source, _RULE, free, member.causes)

    def _problem(self, member: Member, what: str, page: str) -> Problem:
        return Problem(self.operation, member.path, member.place, what, f"{self.service.pages}{page}.html", _RULE)


def _is_arn_for_name(text: str, pattern: str) -> bool:
    """Whether a text is an ARN, where a pattern takes letters, digits and hyphens only."""
    return text.startswith("arn:") and re.sub(_OF_NAMES, "", pattern) == ""


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    python_types: dict[str, type | tuple[type, ...]] = {
        "structure": Mapping,
        "map": Mapping,
        "list": tuple,
        "string": str,
        "boolean": bool,
        "float": (int, float),
        "double": (int, float),
    }
    return isinstance(value, python_types.get(kind, int))


def _kind(value: object) -> str:
    kinds = ((bool, "true or false"), (str, "text"), ((int, float), "a number"), (tuple, "a list"))
    return "null" if value is None else next((said for kind, said in kinds if isinstance(value, kind)), "an object")


def _range(shape: ServiceShape) -> str:
    least, most = shape.least, shape.most
    if most is None:
        return f"{least} or more"
    return f"at most {most}" if least is None else f"{least} to {most}"


def findings(request: WrittenRequest, tool: Tool) -> Iterator[Problem | Unjudged]:
    """What a request's shape breaks, in the request's own order.

    Args:
        request: The request.
        tool: What will send it; a template may leave out a little more.
    """
    yield from _ShapeWalk(request, tool).findings_in(request.root, input_of(request.operation), request.operation)
