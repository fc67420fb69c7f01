"""Checks, one after the other; what those that read SageMaker share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from iamcheck.aws.clients import Deadline, make_client
from iamcheck.aws.reads import RegionReads
from tests.server import Answer, error, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server import Call, LoopbackAws

__all__ = ["NO_ANSWERS", "reads_of"]


def reads_of(aws: LoopbackAws) -> RegionReads:
    """Read this AWS."""
    deadline = Deadline.after(60, time.monotonic)
    session = aws.session()
    return RegionReads(
        lambda service: make_client(session, service, deadline=deadline), region="eu-west-1", deadline=deadline
    )


def refusal(code: str, message: str) -> Callable[[Call], Answer]:
    return lambda call: error(call.protocol, 400, code, message)


NO_ANSWERS: dict[str, Callable[[Call], Answer]] = {
    "empty object": lambda _: json_answer({}),
    "nothing": lambda _: Answer(200, b"", {}),
    "html": lambda _: Answer(200, b"<html>log in</html>", {"Content-Type": "text/html"}),
    "list": lambda _: json_answer([]),
    "null": lambda _: json_answer(None),
    "of another name": lambda _: json_answer(
        {"EndpointName": "other", "EndpointConfigName": "other", "EndpointStatus": "InService"}
    ),
    "names that are no texts": lambda _: json_answer({"EndpointName": 1, "EndpointConfigName": 1, "Endpoints": 1}),
    "entries that are no structures": lambda _: json_answer({"Endpoints": ["churn"]}),
    "entries without names": lambda _: json_answer({"Endpoints": [{"EndpointStatus": "InService"}]}),
    "pages without end": lambda _: json_answer({"Endpoints": [], "NextToken": "again"}),
    "page given twice": lambda call: json_answer(
        {"Endpoints": [{"EndpointName": "other"}], "NextToken": f"{call.parameters.get('NextToken', '')}x"}
    ),
    "another validation error": refusal("ValidationException", "1 validation error detected"),
    "another error that finds nothing": refusal("ResourceNotFound", "Could not find endpoint"),
}
