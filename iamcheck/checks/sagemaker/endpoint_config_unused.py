"""Checks that no endpoint uses the endpoint config, so that it may be deleted: `endpoint-config.unused`.

An endpoint config must not be deleted while a live endpoint uses it, or is being created or updated with it
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteEndpointConfig.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model.wording import counted
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads

__all__ = ["unused"]

_ID: Final = CheckId.ENDPOINT_CONFIG_UNUSED
_GONE: Final = ("Deleting", "Failed")
_UNCLEAR: Final = ("RollingBack", "UpdateRollbackFailed")
"""States in which an endpoint may run with another endpoint config than DescribeEndpoint names."""


def unused(name: str, reads: RegionReads) -> CheckResult:
    """Looks for endpoints that use the endpoint config.

    Args:
        name: The name of the endpoint config.
        reads: What the check reads of the Region.

    Raises:
        AwsUnavailableError: AWS could not be asked about an endpoint, and none is known to use the endpoint config.
    """
    details = reads.endpoint_details()
    known = [endpoint for endpoint in details if not isinstance(endpoint, AwsUnavailableError)]
    users = [
        endpoint for endpoint in known if endpoint.text("EndpointStatus") not in _GONE and name in _configs(endpoint)
    ]
    if users:
        names = ", ".join(f"{endpoint.text('EndpointName')} ({endpoint.text('EndpointStatus')})" for endpoint in users)
        return CheckResult(
            _ID,
            Status.FAIL,
            f"endpoints use the endpoint config {name}: {names}",
            tuple(map(_evidence, users)),
            remedy=Remedy("delete those endpoints first, or update them to another endpoint config and wait for it"),
        )
    for error in details:
        if isinstance(error, AwsUnavailableError):
            raise error
    unclear = [
        endpoint
        for endpoint in known
        if endpoint.text("EndpointStatus") in _UNCLEAR
        or (
            endpoint.text("EndpointStatus") not in _GONE
            and name.lower() in {config.lower() for config in _configs(endpoint)}
        )
    ]
    if unclear:
        names = ", ".join(
            f"{endpoint.text('EndpointName')} ({endpoint.text('EndpointStatus')})" for endpoint in unclear
        )
        summary = f"these endpoints may use the endpoint config {name}, and AWS does not say: {names}"
        return CheckResult(_ID, Status.UNKNOWN, summary, tuple(map(_evidence, unclear)))
    note = f"ListEndpoints: {counted(len(known), 'endpoint')} in the Region, and none uses it"
    return CheckResult(
        _ID,
        Status.PASS,
        f"no live endpoint uses the endpoint config {name}",
        (Evidence(note=note),),
    )


def _configs(endpoint: AwsAnswer) -> set[str]:
    """The endpoint configs that an endpoint runs with, or will run with after the update that is in progress."""
    pending = endpoint.part("PendingDeploymentSummary")
    config_names = {endpoint.text("EndpointConfigName")}
    return config_names if pending is None else config_names | {pending.text("EndpointConfigName")}


def _evidence(endpoint: AwsAnswer) -> Evidence:
    configs = ", ".join(sorted(_configs(endpoint)))
    return Evidence(
        call=AwsCall(endpoint.operation, endpoint.endpoint or "", endpoint.text("EndpointStatus")),
        note=f"{endpoint.text('EndpointName')}: {configs}",
    )
