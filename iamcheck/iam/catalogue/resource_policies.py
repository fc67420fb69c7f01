"""Tells which resources can have a policy of their own, by the actions that the reference has for setting one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from iamcheck.iam.catalogue._reference import accepts, action, actions

__all__ = ["can_have_policy"]

_SETS_A_POLICY: Final = re.compile(
    r"(Put|Set|Add|Create)\w*?("
    r"ResourcePolicy|BucketPolicy|RepositoryPolicy|PermissionsPolicy|KeyPolicy|AccessPointPolicy|FileSystemPolicy"
    r"|AccessPointPolicyForObjectLambda|VaultAccessPolicy|TablePolicy|InvestigationGroupPolicy|S3AccessPolicy"
    r"|ModelPackageGroupPolicy|Permission|PermissionPolicy|VerifiedAccessGroupPolicy)"
)
"""Names of actions that give a resource a policy which names principals.

Inferred from AWS's list of services with resource-based policies and the names of the reference:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""
_UNDER_ANOTHER: Final = {"s3": ("s3:GetObject",), "sagemaker": ("sagemaker:DescribeModelPackage",)}
"""Actions on resources whose container has the policy: objects of a bucket, model packages of a group."""


def can_have_policy(arn: str) -> bool:
    """Whether a resource of this form, or what it is in, can have a policy that allows something to principals.

    Trust policies of roles are left out: they decide about `sts:AssumeRole` alone.

    Args:
        arn: The ARN; `*` is no resource.
    """
    service = arn.split(":")[2] if arn.startswith("arn:") else ""
    return service != "iam" and any(accepts(name, arn) for name in _actions(service))


@lru_cache(maxsize=64)
def _actions(service: str) -> tuple[str, ...]:
    """The actions of a service whose resources have policies."""
    setting = [name for name in actions(service) if _SETS_A_POLICY.fullmatch(name.partition(":")[2])]
    found = {name: action(name) for name in (*setting, *_UNDER_ANOTHER.get(service, ()))}
    return tuple(name for name, info in found.items() if info is not None and info.resource_types)
