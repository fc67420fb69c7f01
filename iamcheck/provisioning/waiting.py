"""Waits until an endpoint is in service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import random as _dice
from typing import TYPE_CHECKING, Final, cast

from iamcheck.aws.clients import call
from iamcheck.aws.refusals import redact
from iamcheck.errors import AwsUnavailableError
from iamcheck.explain.messages import explain_messages
from iamcheck.provisioning.arguments import require_client, require_seconds
from iamcheck.provisioning.failures import EndpointFailedError
from iamcheck.provisioning.outcomes import CallOutcome, outcome_of
from iamcheck.provisioning.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import DescribeEndpointOutputTypeDef

    from iamcheck.aws.clients import AwsAnswer

__all__ = ["wait_in_service"]

_OPERATION: Final = "sagemaker:DescribeEndpoint"
VISIBLE_WITHIN: Final = 60.0
"""Seconds that an endpoint which has just been created may be missing from AWS's answers."""
_IN_SERVICE: Final = "InService"
_ENDED: Final = {
    "Failed": "it failed",
    "UpdateRollbackFailed": "the update failed, and so did going back: it needs an operator",
    "OutOfService": "it takes no requests",
    "Deleting": "it is being deleted",
}
"""States that do not become InService by themselves.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""
_ROLLING_BACK: Final = "RollingBack"
REVERTED: Final = 2
"""Sightings in a row of the endpoint config before that tell a rolled back update from a stale read."""


@dataclass(frozen=True)
class _Seen:
    """What has been seen of the endpoint on the way."""

    status: str = ""
    pending: str | None = None
    """The endpoint config of the deployment under way, as AWS named it."""
    rolling_back: bool = False
    reverted: int = 0
    """How often in a row it was in service with another endpoint config than that."""

    def then(self, answer: AwsAnswer) -> _Seen:
        summary = answer.part("PendingDeploymentSummary")
        pending = self.pending if summary is None else summary.text("EndpointConfigName")
        status = answer.text("EndpointStatus")
        is_other = status == _IN_SERVICE and pending not in (None, answer.text("EndpointConfigName"))
        return _Seen(
            status, pending, self.rolling_back or status == _ROLLING_BACK, self.reverted + 1 if is_other else 0
        )


def wait_in_service(
    client: SageMakerClient,
    endpoint_name: str,
    *,
    endpoint_config_name: str | None = None,
    timeout: float = 1800.0,
    poll: float = 15.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[], float] = _dice,
    on_status: Callable[[str], None] | None = None,
) -> DescribeEndpointOutputTypeDef:
    """Waits until an endpoint is InService.

    Args:
        client: A boto3 client for SageMaker.
        endpoint_name: Name of the endpoint.
        endpoint_config_name: The endpoint config that it must be in service with; None: that of the deployment under
            way, where AWS names one. After an update, give it: a read just after UpdateEndpoint may still say
            InService of the state before.
        timeout: Seconds for all.
        poll: Seconds between two looks at most; half of them at least.
        clock: Seconds that never run backwards.
        sleep: Waits so many seconds.
        random: A number from 0 to 1, not 1 itself, by which pauses are shortened.
        on_status: Called with each status that differs from the one before.

    Returns:
        What DescribeEndpoint answered last.

    Raises:
        EndpointFailedError: It failed, is going away, or the update was rolled back; with AWS's reason, explained.
        AwsUnavailableError: The time is up, and the text says what was seen last; or AWS refuses the read, or has not
            heard of the endpoint for a minute: `code` is AWS's.
        InvalidInputError: The client, the name or a number cannot be used.
    """
    require_client(client, "describe_endpoint")
    require_seconds(poll, "poll")
    pace = Pace.of(timeout, clock, sleep, random)
    began = clock()
    seen = _Seen()
    last: AwsUnavailableError | None = None
    while True:
        try:
            answer = call(client, _OPERATION, pace.deadline, EndpointName=endpoint_name)
            before, seen, last = seen, seen.then(answer), None
        except AwsUnavailableError as error:
            _require_patience(error, endpoint_name, seen, waited=clock() - began)
            last = error
        else:
            if on_status is not None and seen.status != before.status:
                on_status(seen.status)
            if _is_there(answer, endpoint_name, seen, endpoint_config_name):
                return cast("DescribeEndpointOutputTypeDef", answer.data)
        if not pace.rest(poll * (0.5 + pace.random() / 2)):
            raise _too_late(endpoint_name, endpoint_config_name, pace, seen, last) from last


def _is_there(answer: AwsAnswer, name: str, seen: _Seen, wanted_config: str | None) -> bool:
    if seen.status in _ENDED:
        raise _failed(answer, name, seen.status, _ENDED[seen.status])
    if seen.status != _IN_SERVICE:
        return False
    config = answer.text("EndpointConfigName")
    if config == wanted_config:
        return True
    # one such read could be of the state before the update
    if seen.rolling_back or seen.reverted >= REVERTED:
        raise _failed(answer, name, seen.status, f"the update was rolled back: it serves with {config}, as before")
    return wanted_config is None and not seen.reverted


def _require_patience(error: AwsUnavailableError, name: str, seen: _Seen, *, waited: float) -> None:
    outcome = outcome_of(error)
    if outcome is CallOutcome.ENDPOINT_NOT_FOUND:
        if waited < VISIBLE_WITHIN:
            return  # one that was just seen can be missing from the next read too
        if seen.status:
            raise EndpointFailedError(name, seen.status, None, "it is gone: somebody deleted it") from error
    elif outcome in (CallOutcome.NO_ANSWER, CallOutcome.THROTTLED):
        return
    raise error


def _failed(answer: AwsAnswer, name: str, status: str, what: str) -> EndpointFailedError:
    failure = answer.data.get("FailureReason")
    reason = failure if isinstance(failure, str) and failure else None
    messages = () if reason is None else explain_messages(reason)
    if reason is not None:
        what += f': "{redact(reason)}"'
    if not messages:
        return EndpointFailedError(name, status, reason, what)
    cause = messages[0]
    cure = cause.remedy.text if cause.remedy else ""
    return EndpointFailedError(name, status, reason, what, cause.meaning, cure, cause.source, cause.family)


def _too_late(
    name: str, config: str | None, pace: Pace, seen: _Seen, last: AwsUnavailableError | None
) -> AwsUnavailableError:
    status = f"its status was {seen.status}" if seen.status else "it was never seen"
    with_config = f" with {config}" if config else ""
    return AwsUnavailableError(
        f"the endpoint {name} was not in service{with_config} within {pace.deadline.seconds:g} seconds; last: {status}"
        + ("" if last is None else f", then: {last.reason}"),
        operation=_OPERATION,
        endpoint=None if last is None else last.endpoint,
        code=None if last is None else last.code,
    )
