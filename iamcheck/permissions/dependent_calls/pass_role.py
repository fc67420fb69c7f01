"""Describes PassRole of the execution role that an endpoint config names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.model import Arn
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.context.call import call_by_deployer
from iamcheck.permissions.operation import DependentCall, Part, Resource
from iamcheck.permissions.parts import request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment

__all__ = ["PASS_ROLE"]


def _resources(deployment: Deployment) -> Iterator[Resource]:
    config = deployment.config_request
    if config is not None and isinstance(config.execution_role_arn, str):
        yield Resource(Part.ENDPOINT_CONFIG, config.execution_role_arn, request_of(deployment, Part.ENDPOINT_CONFIG))


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    """What is known where a role is passed.

    The Region is not: IAM is global, and the permission is checked by SageMaker in a Region (inferred). Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    yield call_by_deployer(deployment, region=None, owner=Arn.parse(resource.arn).account_id)
    yield ContextFacts({"iam:PassedToService": "sagemaker.amazonaws.com"})


PASS_ROLE = DependentCall(
    "iam:PassRole",
    Part.ENDPOINT_CONFIG,
    "ExecutionRoleArn",
    _resources,
    _context,
    "the endpoint config has an execution role, which SageMaker will become",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    unknown_keys={
        **dict.fromkeys(("aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"), "the role's tags were not read"),
        "iam:AssociatedResourceArn": "which resource SageMaker names when it passes the role on is not documented",
    },
)
