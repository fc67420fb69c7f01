"""Describes PassRole of an execution role, which whoever names it in a create call must be allowed to pass on."""

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

__all__ = ["pass_role"]


def pass_role(part: Part) -> DependentCall:
    """PassRole of the execution role that a request names.

    Args:
        part: Whose request names it: the endpoint config's, or each model's.
    """

    def resources(deployment: Deployment) -> Iterator[Resource]:
        if part is Part.MODEL:
            for model in deployment.model_requests:
                if isinstance(model.execution_role_arn, str):
                    yield Resource(part, model.execution_role_arn, model.written, model)
            return
        config = deployment.config_request
        if config is not None and isinstance(config.execution_role_arn, str):
            yield Resource(part, config.execution_role_arn, request_of(deployment, part))

    return DependentCall(
        "iam:PassRole",
        part,
        "ExecutionRoleArn",
        resources,
        _context,
        f"the {part.value} has an execution role, which SageMaker will become",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        unknown_keys={
            **dict.fromkeys(
                ("aws:ResourceTag/${TagKey}", "iam:ResourceTag/${TagKey}"), "the role's tags were not read"
            ),
            "iam:AssociatedResourceArn": "which resource SageMaker names when it passes the role on is not documented",
        },
    )


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    """What is known where a role is passed.

    The Region is not: IAM is global, and the permission is checked by SageMaker in a Region (inferred). Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    owner = Arn.parse(resource.arn).account_id
    yield call_by_deployer(deployment, region=None, owner=owner, is_separate=resource.is_separate)
    yield ContextFacts({"iam:PassedToService": "sagemaker.amazonaws.com"})
