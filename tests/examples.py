"""The deployments that the documentation shows, and requests as readers give them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from iamcheck.deployment.located import WrittenRequest, member_of
from iamcheck.iam.model import Place

if TYPE_CHECKING:
    from typing import Literal

    from iamcheck.deployment.located import Plain

CASES: Final = Path(__file__).parent / "cases"
EXAMPLES: Final = {path.stem: path for path in sorted((CASES / "requests").glob("*.json"))}
"""The deployments that AWS's documentation shows, by name."""


def example(name: str) -> dict[str, Any]:
    """The requests of an example: endpoint, config and models."""
    read: dict[str, Any] = json.loads(EXAMPLES[name].read_text(encoding="utf-8"))
    return read


def request_of(
    operation: Literal["CreateEndpoint", "CreateEndpointConfig", "CreateModel"], members: Plain, place: str = "here"
) -> WrittenRequest:
    """A request of an operation."""
    return WrittenRequest(operation, member_of(members, Place(place)), Place(place))


def endpoint_of(members: Plain) -> WrittenRequest:
    return request_of("CreateEndpoint", members, "endpoint.json")


def config_of(members: Plain) -> WrittenRequest:
    return request_of("CreateEndpointConfig", members, "config.json")


def model_of(members: Plain) -> WrittenRequest:
    return request_of("CreateModel", members, "model.json")
