"""Finds out what permissions depend on of scaling: a service-linked role, and what is registered on an endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.deployment import Deployment
from iamcheck.errors import AwsUnavailableError
from iamcheck.permissions.parts import SCALING_ROLE_NAME
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from iamcheck.aws.session import Access
    from iamcheck.checks.placing import PlacedDeployment
    from iamcheck.deployment.resources import ScalableTargetRequest

__all__ = ["with_scaling"]

_LIST: Final = "application-autoscaling:DescribeScalableTargets"


def with_scaling(placed: PlacedDeployment, access: Access | None) -> PlacedDeployment:
    """The deployment with what AWS knows of its scaling, and with what is taken to be so where nobody knows.

    Args:
        placed: The deployment.
        access: The way to AWS; None: offline.
    """
    deployment = placed.deployment
    if not isinstance(deployment, Deployment):
        return placed
    assumptions: list[Assumption] = []
    if deployment.registers_targets and deployment.service_linked_role is None and access is not None:
        deployment = replace(deployment, service_linked_role=_role_is_there(access))
    endpoints = _deleted_endpoints(deployment, placed.options.scope)
    if endpoints and deployment.registered_targets is None:
        registered = None if access is None else _registered(deployment, endpoints, access)
        deployment = replace(deployment, registered_targets=registered)
        if registered is None and not deployment.registers_targets:
            names = ", ".join(endpoints)
            text = (
                f"assumed: nothing scales the endpoint {names}: AWS deletes no endpoint with a scalable target, which "
                f"application-autoscaling:DeregisterScalableTarget takes away ({_LIST} tells)"
            )
            assumptions.append(Assumption(text, _LIST))
    return placed._replace(deployment=deployment, assumptions=(*placed.assumptions, *assumptions))


def _deleted_endpoints(deployment: Deployment, scope: str) -> tuple[str, ...]:
    """The endpoints that the scope or the source deletes."""
    deletes = () if deployment.written is None or scope == "docs" else deployment.written.deletes
    names = {
        str(delete.name) for delete in deletes if delete.operation == "DeleteEndpoint" and isinstance(delete.name, str)
    }
    if scope == "lifecycle" and deployment.endpoint_name is not None:
        names.add(deployment.endpoint_name)
    return tuple(sorted(names))


def _role_is_there(access: Access) -> bool | None:
    """Whether the account has the service-linked role; None: nobody may tell."""
    from iamcheck.aws.clients import call  # an offline run does not pay for it

    try:
        call(access.iam, "iam:GetRole", access.deadline, RoleName=SCALING_ROLE_NAME)
    except AwsUnavailableError as error:
        return False if error.code == "NoSuchEntity" else None
    return True


def _registered(
    deployment: Deployment, endpoints: tuple[str, ...], access: Access
) -> tuple[ScalableTargetRequest, ...] | None:
    """The scalable targets that are registered on endpoints; None: AWS could not be asked."""
    from iamcheck.deployment.resources import ScalableTargetRequest  # few endpoints are scaled

    try:
        targets = access.reads(deployment.region).scalable_targets()
    except AwsUnavailableError:
        return None
    prefixes = tuple(f"endpoint/{name.lower()}/" for name in endpoints)
    return tuple(
        ScalableTargetRequest(resource, dimension)
        for resource, dimension in targets
        if resource.lower().startswith(prefixes)
    )
