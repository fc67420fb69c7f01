"""`alarms.exist`: are the alarms there that roll the deployment back?

DescribeAlarms leaves out, silently, the names that do not exist
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import NotKnownError
from iamcheck.deployment.located import UNKNOWN
from iamcheck.results import CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from iamcheck.aws.reads import RegionReads
    from iamcheck.deployment.features import EndpointRequest

__all__ = ["EXIST", "exist"]

EXIST: Final = "alarms.exist"


def exist(request: EndpointRequest | None, reads: RegionReads) -> CheckResult:
    """The result of `alarms.exist`.

    Args:
        request: The CreateEndpoint request; None: not known.
        reads: What is read.

    Raises:
        NotKnownError: Which alarms is known to nobody before the deployment is made.
        AwsUnavailableError: AWS could not be asked.
    """
    if request is None or request.alarm_names is UNKNOWN:
        raise NotKnownError(
            "nobody has said which alarms roll the deployment back",
            "give the CreateEndpoint request with --request, or a template with --from",
        )
    names = list(dict.fromkeys(request.alarm_names))
    if not names:
        return CheckResult(EXIST, Status.SKIPPED, "the request names no alarms")
    states = reads.alarms(names)
    evidence = tuple(
        Evidence(note=f"{name}: {f'in state {states[name]}' if name in states else 'DescribeAlarms does not know it'}")
        for name in names
    )
    missing = [name for name in names if name not in states]
    if missing:
        one = len(missing) == 1
        summary = f"there is no alarm {missing[0]}" if one else f"there are no alarms {', '.join(missing)}"
        return CheckResult(EXIST, Status.FAIL, summary, evidence, remedy=Remedy("create it in this Region and account"))
    return CheckResult(EXIST, Status.PASS, f"the alarms are there: {', '.join(names)}", evidence)
