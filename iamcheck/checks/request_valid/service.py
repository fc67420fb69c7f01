"""Reads the shapes of requests from the service models that botocore carries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.checks.request_valid.findings import API

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AUTO_SCALING",
    "CLOUDWATCH",
    "OPERATIONS",
    "SAGEMAKER",
    "JudgedService",
    "ServiceShape",
    "input_of",
    "shapes",
    "version",
]


class JudgedService(NamedTuple):
    """A service whose requests are judged.

    Args:
        name: Its name in botocore.
        pages: How the pages of its API reference begin; the name of an operation or a structure follows.
    """

    name: str
    pages: str


SAGEMAKER: Final = JudgedService("sagemaker", API)
AUTO_SCALING: Final = JudgedService(
    "application-autoscaling", "https://docs.aws.amazon.com/autoscaling/application/APIReference/API_"
)
CLOUDWATCH: Final = JudgedService("cloudwatch", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_")

OPERATIONS: Final[Mapping[str, JudgedService]] = {
    "CreateEndpoint": SAGEMAKER,
    "CreateEndpointConfig": SAGEMAKER,
    "CreateInferenceComponent": SAGEMAKER,
    "CreateModel": SAGEMAKER,
    "CreateModelPackage": SAGEMAKER,
    "CreateModelPackageGroup": SAGEMAKER,
    "UpdateEndpoint": SAGEMAKER,
    "PutScalingPolicy": AUTO_SCALING,
    "RegisterScalableTarget": AUTO_SCALING,
    "PutMetricAlarm": CLOUDWATCH,
}
"""The operations whose requests are judged, and the service of each."""

_SENSITIVE: Final = frozenset({"EnvironmentKey", "EnvironmentValue"})
"""An environment may hold what nobody should read in a report, whatever the model says of it."""


@dataclass(frozen=True, slots=True)
class ServiceShape:
    """One shape of the API: the kinds are structure, list, map, string, integer, long, float, double and boolean.

    Args:
        name: Its name.
        kind: Its kind.
        members: The shapes' names by member, of a structure; of a list and a map `member`, `key` and `value`.
        required: Members that a request must have.
        enum: The texts that are taken; none: any.
        pattern: Regular expression for the whole text, in Java's dialect.
        least: Lower bound of a number, a length or a count.
        most: Upper bound, likewise.
        sensitive: Whether values are never shown.
    """

    name: str
    kind: str
    members: Mapping[str, str]
    required: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    pattern: str | None = None
    least: float | None = None
    most: float | None = None
    sensitive: bool = False


@lru_cache(maxsize=len({*OPERATIONS.values()}))
def _service(service: JudgedService) -> tuple[Mapping[str, str], Mapping[str, ServiceShape]]:
    from botocore.loaders import Loader

    # botocore's own model alone: a verdict does not depend on the models that this machine has besides
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    model: dict[str, Any] = dict(loader.load_service_model(service.name, "service-2"))
    inputs: dict[str, str] = {
        name: model["operations"][name]["input"]["shape"] for name, of in OPERATIONS.items() if of == service
    }
    shapes: dict[str, ServiceShape] = {}
    waiting = list(inputs.values())
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = _shape(name, model["shapes"][name])
            waiting += shapes[name].members.values()
    return inputs, shapes


def _shape(name: str, raw: Mapping[str, Any]) -> ServiceShape:
    members = raw.get("members") or {part: raw[part] for part in ("member", "key", "value") if part in raw}
    return ServiceShape(
        name,
        raw["type"],
        {member: reference["shape"] for member, reference in members.items()},
        tuple(raw.get("required", ())),
        tuple(raw.get("enum", ())),
        raw.get("pattern"),
        raw.get("min"),
        raw.get("max"),
        raw.get("sensitive", False) or name in _SENSITIVE,
    )


def shapes(service: JudgedService = SAGEMAKER) -> Mapping[str, ServiceShape]:
    """Every shape of the requests to a service that are judged, by name."""
    return _service(service)[1]


def input_of(operation: str) -> ServiceShape:
    """The shape of an operation's request."""
    inputs, input_shapes = _service(OPERATIONS[operation])
    return input_shapes[inputs[operation]]


def version() -> str:
    """The version of the botocore whose model this is; AWS may take more since."""
    import botocore

    return botocore.__version__
