"""Describes CreateServiceLinkedRole, which the first scalable target of an account needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.operation import Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]

_URL: Final = (
    "https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html"
)


def _context(_deployment: Deployment, _resource: Resource) -> Iterator[ContextFacts]:
    yield ContextFacts({"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"})


OPERATION = Operation(
    "iam:CreateServiceLinkedRole",
    (
        Target(
            Part.SERVICE_LINKED_ROLE,
            "the first scalable target of an account makes the role by which Application Auto Scaling scales endpoints",
            type="role",
        ),
    ),
    _URL,
    acts_on=Part.SERVICE_LINKED_ROLE,
    creates=True,
    context=_context,
    is_global=True,
    unknown_keys=dict.fromkeys(
        ("aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"), "the role, if it is there, was not read"
    ),
)
