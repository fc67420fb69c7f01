"""The calls of a provisioning script, by real boto3 clients over loopback HTTP; no test sleeps."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.sagemaker.models import sagemaker_backends

from tests.server import Answer, error, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.server import Call, LoopbackAws

__all__ = [
    "CONFIG",
    "CONFIG_ARN",
    "CREATE",
    "DESCRIBE",
    "DESCRIBE_CONFIG",
    "ENDPOINT",
    "ENDPOINT_ARN",
    "REQUEST",
    "Timing",
    "backend",
    "denied",
    "deploy_config",
    "html",
    "not_found",
    "reset",
    "scripted",
    "truncated",
]

ENDPOINT, CONFIG = "churn", "churn-v7"
REQUEST: dict[str, Any] = {"EndpointName": ENDPOINT, "EndpointConfigName": CONFIG}
ENDPOINT_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
CONFIG_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
CREATE = "sagemaker:CreateEndpoint"
DESCRIBE = "sagemaker:DescribeEndpoint"
DESCRIBE_CONFIG = "sagemaker:DescribeEndpointConfig"


@dataclass
class Timing:
    """A clock that only sleeping moves, and dice that always fall the same."""

    dice: float = 0.5
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def given(self) -> dict[str, Any]:
        """As keyword arguments."""
        return {"clock": lambda: self.now, "sleep": self.sleep, "random": lambda: self.dice}


def backend(aws: LoopbackAws) -> Any:  # noqa: ANN401  moto's classes have no types
    """SageMaker inside the server, which no call reaches."""
    return sagemaker_backends[aws.account_id][aws.region_name]


def deploy_config(aws: LoopbackAws, name: str = CONFIG) -> None:
    """Put a model and an endpoint config into the server."""
    inside = backend(aws)
    inside._models.setdefault("churn", object())
    variants = [{"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}]
    inside.create_endpoint_config(name, variants, {}, {}, [], None)


def scripted(aws: LoopbackAws, action: str, steps: Sequence[Callable[[Call], Answer | None] | None]) -> None:
    """Let the first calls of an action be answered by these, one after the other, and the rest by the server."""
    left = iter(steps)

    def hook(call: Call) -> Answer | None:
        step = next(left, None)
        return None if step is None else step(call)

    aws.hook(action, hook)


def not_found(what: str = "endpoint configuration", arn: str = CONFIG_ARN) -> Callable[[Call], Answer]:
    """AWS's answer about what is not there, or not yet."""
    return lambda call: error(call.protocol, 400, "ValidationException", f'Could not find {what} "{arn}".')


def denied(operation: str) -> Callable[[Call], Answer]:
    text = f"User: arn:aws:iam::123456789012:user/ci is not authorized to perform: {operation} on resource: *"
    return lambda call: error(call.protocol, 400, "AccessDeniedException", text)


def refused(code: str, text: str, status: int = 400) -> Callable[[Call], Answer]:
    return lambda call: error(call.protocol, status, code, text)


def done_then(answer: Callable[[Call], Answer], aws: LoopbackAws) -> Callable[[Call], Answer]:
    """The server creates the endpoint, and then answers so."""

    def step(call: Call) -> Answer:
        backend(aws).create_endpoint(call.parameters["EndpointName"], call.parameters["EndpointConfigName"], [])
        return answer(call)

    return step


def reset(call: Call) -> Answer:
    """The connection is reset, and no answer comes."""
    assert call.connection is not None
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.connection.shutdown(socket.SHUT_RDWR)
    return Answer(200)


def truncated(call: Call) -> Answer:
    """The answer stops in the middle."""
    return Answer(200, b'{"EndpointAr', {"Content-Length": "400"})


def cut_json(call: Call) -> Answer:
    return Answer(200, b'{"EndpointAr')


def html(call: Call) -> Answer:
    """A page of a proxy."""
    return Answer(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})


def empty(call: Call) -> Answer:
    return json_answer({})


def described(status: str, config: str = CONFIG, **more: object) -> Callable[[Call], Answer]:
    """DescribeEndpoint's answer."""
    body: Mapping[str, object] = {
        "EndpointName": ENDPOINT,
        "EndpointArn": ENDPOINT_ARN,
        "EndpointConfigName": config,
        "EndpointStatus": status,
        "CreationTime": 1790000000.0,
        "LastModifiedTime": 1790000000.0,
        **more,
    }
    return lambda _: json_answer(body)
