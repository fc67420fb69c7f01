"""How the checks that read SageMaker are put: what was asked of the run -> each check bound to what it needs.

Loaded only where there is a way to AWS.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iamcheck.checks import endpoint_config, endpoint_name
from iamcheck.preflight import Outcome
from iamcheck.report import CheckResult, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.access import Access
    from iamcheck.answering import Wanted
    from iamcheck.deployment import Deployment

__all__ = ["bound"]


def bound(deployment: Deployment, wanted: Wanted, access: Access) -> Mapping[str, Callable[[], Outcome]]:
    """The checks by id, each a function without arguments.

    Args:
        deployment: What will be created.
        wanted: What was asked.
        access: The way to AWS.
    """
    reads = access.reads(deployment.region)
    endpoint, config = deployment.endpoint_name, deployment.endpoint_config_name
    checks: dict[str, Callable[[], CheckResult]] = {
        endpoint_config.READY: partial(endpoint_config.ready, config, wanted.config_found(deployment), reads),
        endpoint_name.READY: partial(endpoint_name.ready, endpoint, wanted.endpoint_found(), reads),
    }
    for check_id, name in ((endpoint_config.READY, config), (endpoint_name.READY, endpoint)):
        if deployment.names_are_patterns and "*" in name:
            asked = bool({check_id, "all"} & set(wanted.checks))
            checks[check_id] = partial(_known_later, check_id, name, asked=asked)
    return {check_id: partial(_outcome, check) for check_id, check in checks.items()}


def _outcome(check: Callable[[], CheckResult]) -> Outcome:
    return Outcome(check())


def _known_later(check_id: str, pattern: str, *, asked: bool) -> CheckResult:
    """A name of which a part is made up when the deployment is made: nobody can look for it before."""
    summary = f"the name is known only when the deployment is made: {pattern}"
    return CheckResult(check_id, Status.UNKNOWN if asked else Status.SKIPPED, summary)
