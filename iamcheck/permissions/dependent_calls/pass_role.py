"""Describes PassRole of an execution role, which whoever names it in a create call must be allowed to pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from iamcheck.iam.model import Arn
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.context.call import call_by_deployer
from iamcheck.permissions.operation import DependentCall, Part, Resource
from iamcheck.permissions.parts import request_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.resources import MadeRequest
    from iamcheck.deployment.unknown import Unknown

__all__ = ["UNKNOWN_OF_ROLE", "pass_role", "passed_roles", "passed_to"]


def pass_role(part: Part) -> DependentCall:
    """PassRole of the execution role that a request names.

    Args:
        part: Whose request names it: the endpoint config's, or each model's.
    """

    def resources(deployment: Deployment) -> Iterator[Resource]:
        if part is Part.MODEL:
            yield from passed_roles(part, deployment.model_requests, lambda model: model.execution_role_arn)
            return
        config = deployment.config_request
        if config is not None and isinstance(config.execution_role_arn, str):
            yield Resource(part, config.execution_role_arn, request_of(deployment, part))

    return DependentCall(
        "iam:PassRole",
        part,
        "ExecutionRoleArn",
        resources,
        passed_to("sagemaker.amazonaws.com"),
        f"the {part.value} has an execution role, which SageMaker will become",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        unknown_keys=UNKNOWN_OF_ROLE,
    )


UNKNOWN_OF_ROLE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"), "the role's tags were not read"),
    "iam:AssociatedResourceArn": "which resource the service names when it passes the role on is not documented",
}
"""Keys of PassRole that may stay unknown, each with the reason."""

_Made = TypeVar("_Made", bound="MadeRequest")


def passed_roles(
    part: Part, requests: Iterable[_Made], role_of: Callable[[_Made], str | Unknown | None]
) -> Iterator[Resource]:
    """The roles that requests pass.

    Args:
        part: What the requests make.
        requests: The requests.
        role_of: The role of a request, by its ARN.
    """
    for made in requests:
        role = role_of(made)
        if isinstance(role, str):
            yield Resource(part, role, made.written, made)


def passed_to(service: str) -> Callable[[Deployment, Resource], Iterator[ContextFacts]]:
    """What is known where a role is passed to a service.

    The Region is not: IAM is global, and the permission is checked by the service in a Region (inferred). Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """

    def context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
        owner = Arn.parse(resource.arn).account_id
        yield call_by_deployer(deployment, region=None, owner=owner, is_separate=resource.is_separate)
        yield ContextFacts({"iam:PassedToService": service})

    return context
