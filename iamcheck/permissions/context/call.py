"""Says what is known of the context of every call that a deployment makes: who calls, through what, to which Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.request_context import ContextFacts, call_context, merged

if TYPE_CHECKING:
    from iamcheck.deployment import Deployment

__all__ = ["call_by_deployer", "call_by_service", "call_with_rights_of_deployer"]


def call_by_deployer(
    deployment: Deployment, *, region: str | None = "", owner: str = "", is_separate: bool = False
) -> ContextFacts:
    """What is known of a call that the deployer, or its tool with the deployer's rights, makes.

    Args:
        deployment: The deployment.
        region: The Region that is called; None: not known; empty: the deployment's.
        owner: The account of the resource; empty: the deployment's.
        is_separate: Whether a script makes the call beside the tool.
    """
    where = deployment.region if region == "" else region
    via = () if is_separate else _called_via(deployment)
    return _by_principal(deployment, call_context(where, owner or deployment.account_id, called_via=via))


def _called_via(deployment: Deployment) -> tuple[str, ...] | None:
    if deployment.written is None:
        return None
    from iamcheck.deployment.located import called_via_of  # names alone have no file

    return called_via_of(deployment.written)


def call_by_service(deployment: Deployment, *, owner: str) -> ContextFacts:
    """What is known of a call that SageMaker makes with the deployer's rights, to a resource of the account `owner`."""
    return _by_principal(deployment, call_context(deployment.region, owner, by_service=True))


def call_with_rights_of_deployer(deployment: Deployment, *, region: str | None = "") -> ContextFacts:
    """What is known of a call with the deployer's rights of which no page says whether a service stands between.

    Args:
        deployment: The deployment.
        region: The Region that is called; None: not known; empty: the deployment's.
    """
    where = deployment.region if region == "" else region
    return _by_principal(deployment, call_context(where, deployment.account_id, called_via=None))


def _by_principal(deployment: Deployment, facts: ContextFacts) -> ContextFacts:
    # SageMaker's create calls act in the caller's own account: who deploys is a principal of the deployment's account
    account = ContextFacts({"aws:PrincipalAccount": deployment.account_id})
    return merged((facts, account, _session_tags(deployment)))


def _session_tags(deployment: Deployment) -> ContextFacts:
    """The tags of the caller's session, as far as the source says them."""
    caller = None if deployment.written is None else deployment.written.caller
    if caller is None or not isinstance(caller.session_tags, tuple):
        return ContextFacts()
    return ContextFacts({f"aws:PrincipalTag/{key}": value for key, value in caller.session_tags})
