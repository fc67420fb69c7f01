"""Runs the check `request.valid` over the requests that a deployment's source makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.checks.request_valid.check import request_valid
from iamcheck.checks.request_valid.requests import RequestPlace

if TYPE_CHECKING:
    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.results import Assumption, CheckResult

__all__ = ["requests_valid"]


def requests_valid(
    deployment: Deployment | PartialDeployment, written: WrittenDeployment, *, strict: bool
) -> tuple[CheckResult, tuple[Assumption, ...]]:
    """Judges the requests that a source makes.

    Args:
        deployment: What will be created, and where.
        written: Its source.
        strict: Whether a pass may rest on what was not read.
    """
    # an endpoint config that exists has been judged by AWS, and what is known of it may be a part
    config = None if written.config_exists else written.config
    partition, region = deployment.partition, deployment.region
    target = None if partition is None or region is None else RequestPlace(partition, region, deployment.account_id)
    return request_valid(
        written.endpoint,
        config,
        written.known_models,
        written.tool,
        target,
        resources=written.resources,
        updates=written.updates,
        strict=strict,
    )
