"""Creates an endpoint: repeats what AWS has not seen yet, and never twice in effect."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from random import random as _dice
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, cast

from iamcheck.aws.clients import call, endpoint_of
from iamcheck.aws.refusals import redact
from iamcheck.errors import AwsUnavailableError, IamcheckError, InvalidInputError
from iamcheck.provisioning.arguments import require_client
from iamcheck.provisioning.outcomes import CallOutcome, outcome_of
from iamcheck.provisioning.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import CreateEndpointOutputTypeDef

    from iamcheck.aws.clients import AwsAnswer

__all__ = ["create_endpoint"]

_EVENT: Final = "sagemaker.CreateEndpoint"
_CREATE: Final = "sagemaker:CreateEndpoint"
_DESCRIBE: Final = "sagemaker:DescribeEndpoint"
ROUGH: Final = timedelta(seconds=2)
"""An HTTP date has no fraction of a second."""


@dataclass(frozen=True)
class _Try:
    """One request that gave no answer of use."""

    error: Exception
    outcome: CallOutcome


def create_endpoint(
    client: SageMakerClient,
    *,
    timeout: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[], float] = _dice,
    **request: Any,  # noqa: ANN401  the arguments of boto3's create_endpoint
) -> CreateEndpointOutputTypeDef:
    """`client.create_endpoint(**request)`, repeated where AWS did nothing yet and will, and nowhere else.

    Repeated, with pauses, are AWS's stale read ("Could not find endpoint configuration",
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html) and throttling: in both AWS has
    done nothing. A denial, ResourceLimitExceeded and every other refusal end it at once, with boto3's own exception.
    After a failure that leaves open whether AWS has done it (connection lost, no answer in time, server error, an
    answer that is cut off), DescribeEndpoint is asked first: what was created since that attempt, with this endpoint
    config, is what was asked for. The repetition that follows where nothing is there cannot create a second endpoint
    either, for AWS holds names unique; a refusal for the name is looked into likewise.

    The client's own retries of this one operation are off meanwhile, for they do not look; that is done by handlers on
    `client.meta.events`, which botocore does not guard: one thread at a time for a client.

    Args:
        client: A boto3 client for SageMaker. Its time limits hold for each attempt.
        timeout: Seconds in which attempts start.
        clock: Seconds that never run backwards.
        sleep: Waits so many seconds.
        random: A number from 0 to 1, not 1 itself, by which pauses are shortened.
        request: The arguments of `create_endpoint`.

    Returns:
        What CreateEndpoint answered; `EndpointArn`, with the metadata of the look, where only looking could tell.

    Raises:
        botocore.exceptions.ClientError: AWS refused; the endpoint was not created.
        AwsUnavailableError: Nobody can tell whether it was created.
        InvalidInputError: The client or `timeout` cannot be used; or after a failure that left it open, an endpoint of
            this name is there that is another.
    """
    require_client(client, "create_endpoint", "describe_endpoint")
    pace = Pace.of(timeout, clock, sleep, random)
    in_doubt_since: float | None = None
    failures = 0
    while True:
        began = clock()
        tried = _try(client, request)
        if not isinstance(tried, _Try):
            return tried
        if tried.outcome is CallOutcome.NO_ANSWER and in_doubt_since is None:
            in_doubt_since = began
        if in_doubt_since is not None and tried.outcome in (CallOutcome.NO_ANSWER, CallOutcome.NAME_TAKEN):
            existing = _look(client, str(request["EndpointName"]), pace, tried)
            if existing is not None:
                return _ours(existing, request, timedelta(seconds=clock() - in_doubt_since), tried)
        elif tried.outcome not in (CallOutcome.CONFIG_NOT_FOUND, CallOutcome.THROTTLED):
            raise tried.error
        if not pace.pause(failures):
            if in_doubt_since is None:
                raise tried.error
            raise _in_doubt(tried, "it was not there when looked for", endpoint_of(client)) from tried.error
        failures += 1


def _try(client: SageMakerClient, request: dict[str, Any]) -> CreateEndpointOutputTypeDef | _Try:
    """One request: the answer, or what became of it; an exception from before the request went out is raised."""
    with _alone(client) as went_out:
        try:
            answer: object = client.create_endpoint(**request)
        except IamcheckError:
            raise
        except Exception as error:
            if not went_out():
                raise
            return _Try(error, outcome_of(error))
    arn = answer.get("EndpointArn") if isinstance(answer, dict) else None
    if isinstance(arn, str) and arn:
        return cast("CreateEndpointOutputTypeDef", answer)
    return _Try(ValueError("the answer has no EndpointArn"), CallOutcome.NO_ANSWER)


@contextmanager
def _alone(client: SageMakerClient) -> Iterator[Callable[[], bool]]:
    """Keeps the client from repeating what this thread asks; what it gives tells whether a request went out."""
    thread, sent = get_ident(), [False]

    def no_more(**_: object) -> bool | None:
        # botocore takes the first answer of its handlers that is not None
        return False if get_ident() == thread else None

    def note(**_: object) -> None:
        sent[0] = sent[0] or get_ident() == thread

    # the stubs of botocore know no handler that answers
    handlers: tuple[tuple[str, Any], ...] = ((f"needs-retry.{_EVENT}", no_more), (f"before-send.{_EVENT}", note))
    for event, handler in handlers:
        client.meta.events.register_first(event, handler)
    try:
        yield lambda: sent[0]
    finally:
        for event, handler in handlers:
            client.meta.events.unregister(event, handler)


def _look(client: SageMakerClient, name: str, pace: Pace, tried: _Try) -> AwsAnswer | None:
    """The endpoint; None where AWS says that there is none."""
    failures = 0
    while True:
        try:
            answer = call(client, _DESCRIBE, pace.deadline, EndpointName=name)
            answer.text("EndpointArn")
        except AwsUnavailableError as error:
            outcome = outcome_of(error)
            if outcome is CallOutcome.ENDPOINT_NOT_FOUND:
                return None
            patient = outcome in (CallOutcome.NO_ANSWER, CallOutcome.THROTTLED)
            if not patient or not pace.pause(failures):
                raise _in_doubt(tried, f"looking failed too: {error.reason}", error.endpoint, error.code) from error
            failures += 1
        else:
            return answer


def _ours(existing: AwsAnswer, request: dict[str, Any], elapsed: timedelta, tried: _Try) -> CreateEndpointOutputTypeDef:
    """The answer that was lost, where what was found is what was asked for.

    Both times are AWS's own, so that a wrong clock on this machine does not matter.
    """
    config, created, now = (
        existing.text("EndpointConfigName"),
        existing.data.get("CreationTime"),
        _answered_at(existing),
    )
    is_other = config != request.get("EndpointConfigName")
    if not is_other and (not isinstance(created, datetime) or now is None):
        raise _in_doubt(
            tried, "one is there, and when it was created cannot be read", existing.endpoint
        ) from tried.error
    if not is_other and isinstance(created, datetime) and now is not None and created >= now - elapsed - ROUGH:
        lost = {
            "EndpointArn": existing.text("EndpointArn"),
            "ResponseMetadata": existing.data.get("ResponseMetadata", {}),
        }
        return cast("CreateEndpointOutputTypeDef", lost)
    raise InvalidInputError(
        f"an endpoint {request['EndpointName']} exists, and it is not the one that this call asked for: "
        f"it has the endpoint config {config} and was created at {created}" + ("" if is_other else ", before the call"),
        where="EndpointName",
        cure="take another name, or update that endpoint",
    ) from tried.error


def _answered_at(answer: AwsAnswer) -> datetime | None:
    metadata = answer.part("ResponseMetadata")
    headers = None if metadata is None else metadata.part("HTTPHeaders")
    try:
        when = parsedate_to_datetime(str(headers.data.get("date"))) if headers else None
    except ValueError:
        return None
    return when if when is not None and when.tzinfo is not None else None


def _in_doubt(tried: _Try, why: str, endpoint: str | None, code: str | None = None) -> AwsUnavailableError:
    return AwsUnavailableError(
        f"nobody can tell whether the endpoint was created: {why}; "
        f"before that: {redact(f'{type(tried.error).__name__}: {tried.error}')}",
        operation=_CREATE,
        endpoint=endpoint,
        code=code,
    )
