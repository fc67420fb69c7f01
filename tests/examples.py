"""The deployments that the documentation shows, and requests as readers give them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from iamcheck.deployment.located import Member, Pattern, Unknown, WrittenRequest
from iamcheck.iam.model import Place

if TYPE_CHECKING:
    from typing import Literal

CASES: Final = Path(__file__).parent / "cases"
EXAMPLES: Final = {path.stem: path for path in sorted((CASES / "requests").glob("*.json"))}
"""The deployments that AWS's documentation shows, by name."""


def example(name: str) -> dict[str, Any]:
    """The requests of an example: endpoint, config and models."""
    read: dict[str, Any] = json.loads(EXAMPLES[name].read_text(encoding="utf-8"))
    return read


RequestValue: TypeAlias = (
    "str | int | float | bool | Unknown | Pattern | list[RequestValue] | dict[str, RequestValue] | None"
)
"""A value of a request in the API's shape, without its place."""


def member_of(value: RequestValue, place: Place, path: str = "") -> Member:
    """Gives each part of a value its place, as a reader does.

    Args:
        value: The value, in the API's shape.
        place: Where the whole is written; each member's place adds its path.
        path: Where the value stands in the API's request.
    """
    here = place._replace(path=path)
    if isinstance(value, dict):
        members = {name: member_of(part, place, f"{path}.{name}" if path else name) for name, part in value.items()}
        return Member(members, path, here)
    if isinstance(value, list):
        return Member(tuple(member_of(item, place, f"{path}[{i}]") for i, item in enumerate(value)), path, here)
    return Member(value, path, here)


def request_of(
    operation: Literal["CreateEndpoint", "CreateEndpointConfig", "CreateModel"],
    members: RequestValue,
    place: str = "here",
) -> WrittenRequest:
    """A request of an operation."""
    return WrittenRequest(operation, member_of(members, Place(place)), Place(place))


def endpoint_of(members: RequestValue) -> WrittenRequest:
    return request_of("CreateEndpoint", members, "endpoint.json")


def config_of(members: RequestValue) -> WrittenRequest:
    return request_of("CreateEndpointConfig", members, "config.json")


def model_of(members: RequestValue) -> WrittenRequest:
    return request_of("CreateModel", members, "model.json")
