"""Lists the messages about the automatic scaling of endpoints."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_NO_DENIAL: Final = " This is no denial."
_PREREQUISITES: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html"

FAMILIES: Final = (
    MessageFamily(
        "scalable-target-missing",
        "The variant is not registered for scaling",
        (
            r"No scalable target (?:registered|found) for service namespace: ?(?P<namespace>[\w-]+), resource ID: ?"
            r"(?P<scaled>[\w./-]+\w)",
        ),
        "A scaling policy or a delete names {scaled}, which is not registered as a scalable target in this account and "
        "Region." + _NO_DENIAL,
        "Register it first (RegisterScalableTarget), with the same resource id and dimension.",
        _PREREQUISITES,
        "No scalable target registered for service namespace: sagemaker, resource ID: endpoint/churn/variant/a, "
        "scalable dimension: sagemaker:variant:DesiredInstanceCount",
        (),
        ("scalable-targets",),
        "whoever deploys",
    ),
    MessageFamily(
        "service-linked-role-exists",
        "The service-linked role exists already",
        (r"[Ss]ervice role name (?P<name>AWSServiceRoleFor\w+) has been taken in this account",),
        "The service-linked role {name} is in the account already, and there is one of it." + _NO_DENIAL,
        "Leave the creation out: the service uses the role that is there.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html",
        "Service role name AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint has been taken in this account, "
        "please try a different suffix.",
        (),
        (),
        "whoever deploys",
    ),
)
