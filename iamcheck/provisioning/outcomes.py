"""Tells what became of a create or describe call from its error: refused, name taken, not seen yet, or unknown."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.aws.refusals import THROTTLED
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

__all__ = ["CallOutcome", "outcome_of"]


class CallOutcome(Enum):
    """What became of a call that gave no answer of use."""

    CONFIG_NOT_FOUND = "AWS does not see the endpoint config"
    ENDPOINT_NOT_FOUND = "AWS does not see the endpoint"
    NAME_TAKEN = "an endpoint of that name exists"
    THROTTLED = "AWS did nothing, and asks for patience"
    NO_ANSWER = "nobody can tell whether AWS did it"
    REFUSED = "AWS did nothing, and will not"


_VALIDATION: Final = frozenset({"ValidationException", "ValidationError"})
_TEXTS: Final = (
    ("Could not find endpoint configuration", CallOutcome.CONFIG_NOT_FOUND),
    ("Could not find endpoint", CallOutcome.ENDPOINT_NOT_FOUND),
    ("Cannot create already existing endpoint", CallOutcome.NAME_TAKEN),
)
"""What validation errors say: neither a missing nor a taken name has an error code of its own.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
"""
_TIMED_OUT: Final = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})


def outcome_of(error: BaseException | None) -> CallOutcome:
    """What the exception of a call says of what became of it; an error of ours is read by its cause.

    Args:
        error: What boto3, botocore or `iamcheck.aws.clients.call` raised.
    """
    from botocore import exceptions as b
    from botocore.parsers import ResponseParserError

    if isinstance(error, AwsUnavailableError):
        return CallOutcome.NO_ANSWER if error.__cause__ is None else outcome_of(error.__cause__)
    if isinstance(error, b.ClientError):
        return _answered(error)
    on_the_way = (b.ConnectionError, b.HTTPClientError, b.IncompleteReadError, b.ResponseStreamingError)
    if isinstance(error, b.BotoCoreError) and not isinstance(error, (*on_the_way, ResponseParserError)):
        return CallOutcome.REFUSED  # nothing was sent: no credentials, parameters that are none
    # botocore's parsers leak whatever a body that is not AWS's makes Python raise
    return CallOutcome.NO_ANSWER


def _answered(error: ClientError) -> CallOutcome:
    details = error.response.get("Error") or {}
    code, message = str(details.get("Code") or ""), str(details.get("Message") or "")
    metadata = error.response.get("ResponseMetadata")
    status = metadata["HTTPStatusCode"] if metadata and "HTTPStatusCode" in metadata else 0
    if code in THROTTLED or status == 429:
        return CallOutcome.THROTTLED
    if status >= 500 or status == 408 or code in _TIMED_OUT:
        return CallOutcome.NO_ANSWER
    if code in _VALIDATION:
        for text, outcome in _TEXTS:
            if text in message:
                return outcome
    return CallOutcome.REFUSED
