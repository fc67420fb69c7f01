"""Describes RegisterScalableTarget, which asks for rights on what is scaled, and may pass a role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import ScalableTargetRequest
from iamcheck.permissions.context.scaling import scaling_context
from iamcheck.permissions.context.tags import request_tags
from iamcheck.permissions.dependent_calls.pass_role import UNKNOWN_OF_ROLE, passed_roles, passed_to
from iamcheck.permissions.dependent_calls.scaled_resource import SCALED_RESOURCE_CALLS
from iamcheck.permissions.dependent_calls.tag_resource import tag_resource
from iamcheck.permissions.operation import SCALING_API, DependentCall, Operation, Part, Target
from iamcheck.permissions.parts import made_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from scaling_context(deployment, resource)
    yield from request_tags(deployment, resource.part, resource.made)


def _roles(deployment: Deployment) -> Iterator[Resource]:
    targets = [
        request
        for request in made_requests(deployment, Part.SCALABLE_TARGET)
        if isinstance(request, ScalableTargetRequest)
    ]
    return passed_roles(Part.SCALABLE_TARGET, targets, lambda target: target.role_arn)


OPERATION = Operation(
    "application-autoscaling:RegisterScalableTarget",
    (Target(Part.SCALABLE_TARGET, "the scalable target is registered"),),
    f"{SCALING_API}RegisterScalableTarget.html",
    acts_on=Part.SCALABLE_TARGET,
    creates=True,
    context=_context,
    dependent_calls=(
        *SCALED_RESOURCE_CALLS,
        DependentCall(
            "iam:PassRole",
            Part.SCALABLE_TARGET,
            "RoleARN",
            _roles,
            # that the service is named so is inferred from AWS's managed policies for ECS
            passed_to("application-autoscaling.amazonaws.com"),
            "the scalable target has a role, which the request passes to Application Auto Scaling",
            f"{SCALING_API}RegisterScalableTarget.html",
            unknown_keys=UNKNOWN_OF_ROLE,
        ),
        tag_resource(
            "application-autoscaling",
            Part.SCALABLE_TARGET,
            "https://docs.aws.amazon.com/autoscaling/application/userguide/resource-tagging-support.html",
        ),
    ),
    unknown_keys={"aws:ResourceTag/${TagKey}": "the scalable target may be registered already, with other tags"},
)
