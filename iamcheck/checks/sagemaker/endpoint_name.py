"""Checks that the endpoint's name is free, or that the endpoint can be updated: `endpoint-name.ready`.

Names of endpoints are unique within an account and Region without regard to case
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html#sagemaker-CreateEndpoint-request-EndpointName).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.errors import AwsUnavailableError
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads

__all__ = ["ready"]

_ID: Final = CheckId.ENDPOINT_NAME_READY
_IN_SERVICE: Final = "InService"
_STATES: Final = (
    *("OutOfService", "Creating", "Updating", "SystemUpdating", "RollingBack", _IN_SERVICE, "Deleting", "Failed"),
    "UpdateRollbackFailed",
)
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html#API_DescribeEndpoint_ResponseSyntax"""
_NOT_FREE_YET: Final = {
    "Deleting": "its name is free only when the deletion is complete: wait, or choose another name",
    "Failed": "its name is free only when the endpoint is deleted: delete it, or choose another name",
}
_EXISTS: Final = "choose another name, or update the endpoint that exists (--scope update)"


def ready(name: str, expected: str, reads: RegionReads) -> CheckResult:
    """Looks for the endpoint.

    Args:
        name: The name of the endpoint.
        expected: `new`: the name must be free; `existing`: the endpoint must exist and be in service.
        reads: What the check reads of the Region.

    Raises:
        AwsUnavailableError: AWS could not be asked.
    """
    return _existing(name, reads) if expected == "existing" else _new(name, reads)


def _new(name: str, reads: RegionReads) -> CheckResult:
    """Looks for the name in any case: AWS does not say whether a search by name looks at case."""
    questions: list[Callable[[], AwsAnswer | None]] = [
        partial(reads.endpoint, name),
        partial(_same_but_for_case, name, reads),
    ]
    answers = reads.side_by_side(questions)
    for answer in answers:
        # an endpoint that exists settles the question, even where the other call failed
        if answer is not None and not isinstance(answer, AwsUnavailableError):
            return _name_not_free(name, answer)
    for error in answers:
        if isinstance(error, AwsUnavailableError):
            raise error
    notes = (
        f"DescribeEndpoint: there is no endpoint {name}",
        "ListEndpoints: there is no endpoint whose name differs in case only",
    )
    return CheckResult(
        _ID,
        Status.PASS,
        f"the name {name} is free",
        tuple(Evidence(note=note) for note in notes),
    )


def _same_but_for_case(name: str, reads: RegionReads) -> AwsAnswer | None:
    return next(
        (endpoint for endpoint in reads.endpoints() if endpoint.text("EndpointName").lower() == name.lower()), None
    )


def _name_not_free(name: str, answer: AwsAnswer) -> CheckResult:
    spelled, state = answer.text("EndpointName"), answer.text("EndpointStatus")
    summary = f"the endpoint {spelled} exists already, in state {state}"
    if spelled != name:
        summary += f": names are unique without regard to case, so {name} is not free"
    return CheckResult(
        _ID,
        Status.FAIL,
        summary,
        (_evidence(answer),),
        remedy=Remedy(_NOT_FREE_YET.get(state, _EXISTS)),
    )


def _existing(name: str, reads: RegionReads) -> CheckResult:
    answer = reads.endpoint(name)
    if answer is None:
        return CheckResult(
            _ID,
            Status.FAIL,
            f"there is no endpoint {name}",
            (Evidence(note=f"DescribeEndpoint: there is no endpoint {name}"),),
            remedy=Remedy("create it, or say --endpoint new where the deployment creates it"),
        )
    spelled, state = answer.text("EndpointName"), answer.text("EndpointStatus")
    if spelled != name:
        return CheckResult(
            _ID,
            Status.UNKNOWN,
            f"AWS answers with {spelled}, and the name given is {name}",
            (_evidence(answer),),
            remedy=Remedy(f"give the name as AWS spells it: {spelled}"),
        )
    if state not in _STATES:
        raise answer.unusable(f"iamcheck does not know the state {state!r}")
    if state != _IN_SERVICE:
        return CheckResult(
            _ID,
            Status.FAIL,
            f"the endpoint {name} is in state {state}, and only an endpoint that is {_IN_SERVICE} can be updated",
            (_evidence(answer),),
            remedy=Remedy(f"wait until it is {_IN_SERVICE}, or see why it is not: aws sagemaker describe-endpoint"),
        )
    return CheckResult(_ID, Status.PASS, f"the endpoint {name} is {_IN_SERVICE}", (_evidence(answer),))


def _evidence(answer: AwsAnswer) -> Evidence:
    return Evidence(call=AwsCall(answer.operation, answer.endpoint or "", answer.text("EndpointStatus")))
