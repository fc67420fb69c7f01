"""Finds out which checks a deployment can have: what it writes, what it makes, and which policies were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.registry import CheckFacts, CheckNeed
from iamcheck.deployment import Deployment
from iamcheck.deployment.unknown import Tool

if TYPE_CHECKING:
    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import PartialDeployment, UnplacedDeployment
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["facts_of", "facts_of_unplaced"]

_DELETING_SCOPES: Final = ("lifecycle",)
"""Scopes that have DeleteEndpointConfig."""


def facts_of_unplaced(
    deployment: UnplacedDeployment | Deployment, options: CheckOptions, *, offline: bool
) -> CheckFacts:
    """The facts by which options are refused, before the deployment has a place and AWS is asked.

    Args:
        deployment: What will be created.
        options: What is checked, and how.
        offline: Whether there is no network.
    """
    facts = _facts(deployment.written, options, offline=offline)
    # the models' requests join what is written when the deployment is placed
    return facts._replace(request=True, models=True) if options.model_requests else facts


def facts_of(deployment: Deployment | PartialDeployment, options: CheckOptions, *, offline: bool) -> CheckFacts:
    """The facts by which checks are chosen.

    Args:
        deployment: What will be created.
        options: What is checked, and how.
        offline: Whether there is no network.
    """
    facts = _facts(deployment.written, options, offline=offline)
    return facts._replace(needs=_needs_met(deployment, options)) if "all" in options.checks else facts


def _facts(written: WrittenDeployment | None, options: CheckOptions, *, offline: bool) -> CheckFacts:
    return CheckFacts(
        offline=offline,
        policies=options.layers.policy_set() is not None or options.authorization_details is not None,
        request=_has_request(written),
        models=written is not None and bool(written.created_models),
        details=options.authorization_details is not None,
    )


def _has_request(written: WrittenDeployment | None) -> bool:
    """Whether there is a request to judge; an endpoint config that exists has been judged by AWS."""
    if written is None or (written.endpoint is None and written.config_exists):
        return False
    return written.tool is not Tool.SDK or any(
        (written.endpoint, written.config, written.known_models, written.resources)
    )


def _needs_met(deployment: Deployment | PartialDeployment, options: CheckOptions) -> frozenset[CheckNeed]:
    """The needs of checks that a deployment meets, for `--check all`."""
    needs = set()
    if options.scope in _DELETING_SCOPES:
        needs.add(CheckNeed.DELETION)
    if isinstance(deployment, Deployment):
        if deployment.config_request is not None or options.config_found(deployment) != "new":
            needs.add(CheckNeed.VARIANTS)
        if options.execution_role is not None or _has_models(deployment) or CheckNeed.VARIANTS in needs:
            needs.add(CheckNeed.ROLES)
        if deployment.endpoint_request is not None and deployment.endpoint_request.alarm_names:
            needs.add(CheckNeed.ALARMS)
    return frozenset(needs)


def _has_models(deployment: Deployment) -> bool:
    return deployment.written is not None and bool(deployment.written.models)
