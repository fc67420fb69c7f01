"""Lists the actions by which a principal gives itself more permissions, worst first, each with AWS's page.

The table is not complete, for services come and go; what it does not name still counts under its access level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["PATHS", "EscalationPath"]

_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
_PASSED: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"


@dataclass(frozen=True, slots=True)
class EscalationPath:
    """One way to more permissions."""

    actions: tuple[str, ...]
    """All of them are needed."""
    what: str
    """What they make possible."""
    source: str
    only_wide: bool = False
    """A way only where the first action is allowed on more than single resources that are named in full."""


def _iam(action: str, what: str) -> EscalationPath:
    return EscalationPath((f"iam:{action}",), what, f"{_IAM}{action}.html")


def _passed(action: str, what: str, source: str) -> EscalationPath:
    return EscalationPath(("iam:PassRole", action), what, source, only_wide=True)


PATHS: Final = (
    _iam("CreatePolicyVersion", "rewrites a policy that is attached to itself"),
    _iam("SetDefaultPolicyVersion", "goes back to an older version of a policy that allowed more"),
    _iam("AttachUserPolicy", "attaches any policy to a user, such as AdministratorAccess"),
    _iam("AttachGroupPolicy", "attaches any policy to a group that it is in"),
    _iam("AttachRolePolicy", "attaches any policy to a role that it can assume"),
    _iam("PutUserPolicy", "writes an inline policy into a user"),
    _iam("PutGroupPolicy", "writes an inline policy into a group that it is in"),
    _iam("PutRolePolicy", "writes an inline policy into a role that it can assume"),
    _iam("AddUserToGroup", "joins a group that is allowed more"),
    _iam("UpdateAssumeRolePolicy", "lets itself assume a role that is allowed more"),
    _iam("DeleteUserPermissionsBoundary", "takes away the boundary of a user"),
    _iam("DeleteRolePermissionsBoundary", "takes away the boundary of a role"),
    _iam("PutUserPermissionsBoundary", "replaces the boundary of a user"),
    _iam("PutRolePermissionsBoundary", "replaces the boundary of a role"),
    _iam("CreateAccessKey", "makes itself credentials of another user"),
    _iam("CreateLoginProfile", "gives another user a password that it knows"),
    _iam("UpdateLoginProfile", "replaces another user's password"),
    _passed(
        "lambda:CreateFunction",
        "runs its own code with any role that Lambda may assume",
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
    ),
    _passed(
        "ec2:RunInstances",
        "runs its own code with any instance profile's role",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html",
    ),
    _passed(
        "cloudformation:CreateStack",
        "lets CloudFormation create anything with any role that it may assume",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html",
    ),
    _passed(
        "sagemaker:CreateNotebookInstance",
        "runs its own code with any role that SageMaker may assume",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html",
    ),
    _passed(
        "sagemaker:CreateTrainingJob",
        "runs its own code with any role that SageMaker may assume",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html",
    ),
    _passed(
        "sagemaker:CreateProcessingJob",
        "runs its own code with any role that SageMaker may assume",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html",
    ),
    _passed(
        "sagemaker:CreateModel",
        "runs its own image with any role that SageMaker may assume",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html",
    ),
    _passed(
        "glue:CreateJob",
        "runs its own code with any role that Glue may assume",
        "https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJob.html",
    ),
    _passed(
        "ecs:RegisterTaskDefinition",
        "runs its own image with any role that ECS tasks may assume",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    ),
    _passed(
        "codebuild:CreateProject",
        "runs its own commands with any role that CodeBuild may assume",
        "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html",
    ),
    _passed(
        "states:CreateStateMachine",
        "calls AWS with any role that Step Functions may assume",
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html",
    ),
    EscalationPath(("iam:PassRole",), "hands any role to a service that then acts with it", _PASSED, only_wide=True),
    EscalationPath(
        ("sts:AssumeRole",),
        "becomes any role that trusts its account",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
        only_wide=True,
    ),
    EscalationPath(
        ("lambda:UpdateFunctionCode",),
        "runs its own code with the role of a function that is there",
        "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html",
    ),
    EscalationPath(
        ("ssm:SendCommand",),
        "runs its own commands with the role of an instance that is there",
        "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html",
    ),
    EscalationPath(
        ("ssm:StartSession",),
        "opens a shell with the role of an instance that is there",
        "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html",
    ),
    EscalationPath(
        ("sagemaker:CreatePresignedNotebookInstanceUrl",),
        "opens a notebook that is there, with its role",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html",
    ),
    EscalationPath(
        ("sagemaker:CreatePresignedDomainUrl",),
        "opens another user's Studio, with its role",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html",
    ),
)
