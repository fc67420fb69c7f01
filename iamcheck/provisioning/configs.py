"""Waits until an endpoint config can be seen."""

from __future__ import annotations

import time
from random import random as _dice
from typing import TYPE_CHECKING, Final, cast

from iamcheck.aws.clients import call
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.provisioning.arguments import require_client
from iamcheck.provisioning.outcomes import CallOutcome, outcome_of
from iamcheck.provisioning.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import DescribeEndpointConfigOutputTypeDef

    from iamcheck.aws.clients import AwsAnswer

__all__ = ["wait_for_endpoint_config"]

_OPERATION: Final = "sagemaker:DescribeEndpointConfig"
_ASKED_AGAIN: Final = (CallOutcome.CONFIG_NOT_FOUND, CallOutcome.THROTTLED, CallOutcome.NO_ANSWER)


def wait_for_endpoint_config(
    client: SageMakerClient,
    name: str,
    *,
    timeout: float = 60.0,
    sightings: int = 3,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[], float] = _dice,
) -> DescribeEndpointConfigOutputTypeDef:
    """Waits until an endpoint config is seen several times in a row.

    CreateEndpoint reads the config with eventually consistent reads, so that one written a moment ago can be missing;
    AWS recommends to call DescribeEndpointConfig first
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html). One sighting says little: the
    next read may go elsewhere. Throttling, server errors and lost connections are asked again; each breaks the row.

    Args:
        client: A boto3 client for SageMaker.
        name: Name of the endpoint config.
        timeout: Seconds for all.
        sightings: How often in a row it must be seen.
        clock: Seconds that never run backwards.
        sleep: Waits so many seconds.
        random: A number from 0 to 1, not 1 itself, by which pauses are shortened.

    Returns:
        What DescribeEndpointConfig answered last.

    Raises:
        AwsUnavailableError: The time is up, and the text says what was seen last; or, at once, AWS refuses the read:
            `code` is AWS's.
        InvalidInputError: The client, the name or a number cannot be used.
    """
    require_client(client, "describe_endpoint_config")
    if not isinstance(sightings, int):
        raise InvalidInputError(f"{sightings!r} is no number", where="sightings", cure="give a whole number")
    if sightings < 1:
        raise InvalidInputError(f"{sightings} is too few", where="sightings", cure="one at least")
    pace = Pace.of(timeout, clock, sleep, random)
    seen = failures = 0
    while True:
        last: AwsUnavailableError | None = None
        try:
            answer = _named(call(client, _OPERATION, pace.deadline, EndpointConfigName=name), name)
        except AwsUnavailableError as error:
            if outcome_of(error) not in _ASKED_AGAIN:
                raise
            last, seen, failures = error, 0, failures + 1
        else:
            seen, failures = seen + 1, 0
            if seen >= sightings:
                return cast("DescribeEndpointConfigOutputTypeDef", answer.data)
        if not pace.pause(failures):
            raise _too_late(name, pace, sightings, seen, last) from last


def _named(answer: AwsAnswer, name: str) -> AwsAnswer:
    name_in_answer = answer.text("EndpointConfigName")
    if name_in_answer.lower() != name.lower():
        raise answer.unusable(f"it is about {name_in_answer}")
    return answer


def _too_late(name: str, pace: Pace, times: int, seen: int, last: AwsUnavailableError | None) -> AwsUnavailableError:
    how_last = f"it was seen {seen} times" if last is None else last.reason
    return AwsUnavailableError(
        f"the endpoint config {name} was not seen {times} times in a row within {pace.deadline.seconds:g} seconds; "
        f"last: {how_last}",
        operation=_OPERATION,
        endpoint=None if last is None else last.endpoint,
        code=None if last is None else last.code,
    )
