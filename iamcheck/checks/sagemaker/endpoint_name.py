"""`endpoint-name.ready`: is the endpoint's name free, or the endpoint there to be updated?

Names of endpoints are unique within an account and Region without regard to case
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html#sagemaker-CreateEndpoint-request-EndpointName).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.errors import AwsUnavailableError
from iamcheck.results import AwsCall, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads

__all__ = ["READY", "ready"]

READY: Final = "endpoint-name.ready"

_IN_SERVICE: Final = "InService"
_STATES: Final = (
    *("OutOfService", "Creating", "Updating", "SystemUpdating", "RollingBack", _IN_SERVICE, "Deleting", "Failed"),
    "UpdateRollbackFailed",
)
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html#API_DescribeEndpoint_ResponseSyntax"""
_HELD: Final = {
    "Deleting": "it holds its name until it is gone: wait, or choose another name",
    "Failed": "a failed endpoint holds its name until it is deleted: delete it, or choose another name",
}
_TAKEN: Final = "choose another name, or update the endpoint that is there (--scope update)"


def ready(name: str, wanted: str, reads: RegionReads) -> CheckResult:
    """The result of `endpoint-name.ready`.

    Args:
        name: The endpoint's.
        wanted: `new`: the name must be free; `existing`: the endpoint must be there and in service.
        reads: What is read.

    Raises:
        AwsUnavailableError: AWS could not be asked.
    """
    return _existing(name, reads) if wanted == "existing" else _new(name, reads)


def _new(name: str, reads: RegionReads) -> CheckResult:
    """The name as it is, and in any other case: AWS does not say whether a search by name looks at case."""
    questions: list[Callable[[], AwsAnswer | None]] = [partial(reads.endpoint, name), partial(_alike, name, reads)]
    answers = reads.side_by_side(questions)
    for found in answers:
        # one that is there settles it, whatever could not be asked
        if found is not None and not isinstance(found, AwsUnavailableError):
            return _taken(name, found)
    for error in answers:
        if isinstance(error, AwsUnavailableError):
            raise error
    notes = (
        f"DescribeEndpoint: there is no endpoint {name}",
        "ListEndpoints: there is none whose name differs from it in case only",
    )
    return CheckResult(READY, Status.PASS, f"the name {name} is free", tuple(Evidence(note=note) for note in notes))


def _alike(name: str, reads: RegionReads) -> AwsAnswer | None:
    return next((one for one in reads.endpoints() if one.text("EndpointName").lower() == name.lower()), None)


def _taken(name: str, found: AwsAnswer) -> CheckResult:
    spelled, state = found.text("EndpointName"), found.text("EndpointStatus")
    summary = f"there is an endpoint {spelled}, in state {state}"
    if spelled != name:
        summary += f"; names are unique without regard to case, so that {name} is taken"
    return CheckResult(READY, Status.FAIL, summary, (_evidence(found),), remedy=Remedy(_HELD.get(state, _TAKEN)))


def _existing(name: str, reads: RegionReads) -> CheckResult:
    found = reads.endpoint(name)
    if found is None:
        return CheckResult(
            READY,
            Status.FAIL,
            f"there is no endpoint {name}",
            (Evidence(note=f"DescribeEndpoint: there is no endpoint {name}"),),
            remedy=Remedy("create it, or say --endpoint new where the deployment creates it"),
        )
    spelled, state = found.text("EndpointName"), found.text("EndpointStatus")
    if spelled != name:
        return CheckResult(
            READY,
            Status.UNKNOWN,
            f"AWS answers with {spelled}, which is spelled otherwise than {name}",
            (_evidence(found),),
            remedy=Remedy(f"give the name as it is spelled: {spelled}"),
        )
    if state not in _STATES:
        raise found.unusable(f"the state {state!r} is none that is known")
    if state != _IN_SERVICE:
        return CheckResult(
            READY,
            Status.FAIL,
            f"the endpoint {name} is in state {state}, and is updated only {_IN_SERVICE}",
            (_evidence(found),),
            remedy=Remedy(f"wait until it is {_IN_SERVICE}, or see why it is not: aws sagemaker describe-endpoint"),
        )
    return CheckResult(READY, Status.PASS, f"the endpoint {name} is {_IN_SERVICE}", (_evidence(found),))


def _evidence(found: AwsAnswer) -> Evidence:
    return Evidence(call=AwsCall(found.operation, found.endpoint or "", found.text("EndpointStatus")))
