"""Checks that the alarms that roll the deployment back exist: `alarms.exist`.

DescribeAlarms leaves out the names that do not exist, without an error
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import NotKnownError
from iamcheck.deployment.located import UNKNOWN
from iamcheck.results import CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.aws.reads import RegionReads
    from iamcheck.deployment.features import EndpointRequest

__all__ = ["exist"]

_ID: Final = CheckId.ALARMS_EXIST


def exist(request: EndpointRequest | None, reads: RegionReads, created: frozenset[str] = frozenset()) -> CheckResult:
    """Looks for the alarms of the endpoint's rollback.

    Args:
        request: The CreateEndpoint request; None: not known.
        reads: What the check reads of the Region.
        created: Names of the alarms that the deployment makes, which need not be there yet.

    Raises:
        NotKnownError: Which alarms the request names is not known.
        AwsUnavailableError: AWS could not be asked.
    """
    if request is None or request.alarm_names is UNKNOWN:
        raise NotKnownError(
            "which alarms roll the deployment back is not known",
            "give the CreateEndpoint request with --request, or a template with --from",
        )
    named = list(dict.fromkeys(request.alarm_names))
    if not named:
        return CheckResult(_ID, Status.SKIPPED, "the request names no alarms")
    names = [name for name in named if name not in created]
    if not names:
        return CheckResult(_ID, Status.PASS, f"the deployment makes the alarms: {', '.join(named)}")
    states = reads.alarms(names)
    evidence = tuple(
        Evidence(note=f"{name}: {f'in state {states[name]}' if name in states else 'DescribeAlarms does not know it'}")
        for name in names
    )
    missing = [name for name in names if name not in states]
    if missing:
        summary = f"alarms not found: {', '.join(missing)} ({len(missing)} of {len(names)})"
        return CheckResult(
            _ID,
            Status.FAIL,
            summary,
            evidence,
            remedy=Remedy("create them in this Region and account"),
        )
    return CheckResult(_ID, Status.PASS, f"the alarms exist: {', '.join(names)}", evidence)
