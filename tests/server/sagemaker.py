"""SageMaker's refusals that moto lacks: names are taken once, endpoints' without regard to case.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.sagemaker.models import sagemaker_backends

from tests.server.wire import Answer, error

if TYPE_CHECKING:
    from tests.server.calls import Call
    from tests.server.identities import Caller


def answer(call: Call, caller: Caller) -> Answer | None:
    """Refuse to create what is there; ``None`` leaves the call to moto."""
    backend = sagemaker_backends[caller.account_id][call.region]
    prefix = f"arn:{call.partition}:sagemaker:{call.region}:{caller.account_id}"
    if call.operation == "CreateEndpoint":
        name = str(call.parameters["EndpointName"])
        if name.lower() in {known.lower() for known in backend.endpoints}:
            return _taken(call, "endpoint", f"{prefix}:endpoint/{name}")
    if call.operation == "CreateEndpointConfig":
        name = str(call.parameters["EndpointConfigName"])
        if name in backend.endpoint_configs:
            return _taken(call, "endpoint configuration", f"{prefix}:endpoint-config/{name}")
    return None


def _taken(call: Call, kind: str, arn: str) -> Answer:
    return error(call.protocol, 400, "ValidationException", f'Cannot create already existing {kind} "{arn}".')
