"""What the usual reasons of an endpoint that failed mean, and what to do: one table.

AWS gives the reason as a text, `FailureReason`
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from iamcheck.errors import IamcheckError

__all__ = ["FAILURES", "EndpointFailedError", "Failure", "explain"]

_ROLES = "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms"
_CONTAINERS = "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html"
_LOGS = "`aws logs tail /aws/sagemaker/Endpoints/ENDPOINT`"


@dataclass(frozen=True)
class Failure:
    """One known reason.

    Args:
        pattern: A regular expression that is found in the reason, case aside.
        meaning: What has happened, in one clause.
        cure: What to do, and what to run.
        source: The AWS page.
    """

    pattern: str
    meaning: str
    cure: str
    source: str


FAILURES: Final = (
    Failure(
        r"make sure all images included in the model",
        "an image does not exist, or the execution role may not pull it",
        "compare the model's images (`aws sagemaker describe-model`) with `aws ecr describe-images`, and grant the "
        "execution role ecr:GetAuthorizationToken, and ecr:BatchCheckLayerAvailability, ecr:GetDownloadUrlForLayer and "
        "ecr:BatchGetImage on their repositories; a repository of another account needs a policy of its own too",
        _ROLES,
    ),
    Failure(
        r"could not access model data",
        "the model artifact does not exist, or the execution role may not read it",
        "look for the model's ModelDataUrl with `aws s3 ls`, in the endpoint's Region, and grant the execution role "
        "s3:GetObject on it (s3:ListBucket too for a prefix, kms:Decrypt where a key encrypts it)",
        _ROLES,
    ),
    Failure(
        r"failed to download model data",
        "the model artifact was found, and could not be fetched or unpacked",
        "try the ModelDataUrl with `aws s3 cp`; it must be a .tar.gz archive unless the model says otherwise",
        _CONTAINERS + "#your-algorithms-inference-code-load-artifacts",
    ),
    Failure(
        r"InsufficientInstanceCapacity",
        "AWS has no such instances free in the subnets' Availability Zones just now",
        "try again later, or with another instance type, fewer instances, or more Availability Zones in the VpcConfig",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity",
    ),
    Failure(
        r"did not pass the ping health check",
        "the container runs, and did not answer GET /ping with status 200 in time",
        f"read what it printed with {_LOGS}; give it more time with ContainerStartupHealthCheckTimeoutInSeconds",
        _CONTAINERS + "#your-algorithms-inference-algo-ping-requests",
    ),
    Failure(
        r"ResourceLimitExceeded|service limit",
        "a quota of the account does not leave room for the instances",
        "compare `aws service-quotas list-service-quotas --service-code sagemaker` with the endpoints there are, and "
        "have it raised",
        "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html",
    ),
    Failure(
        r"(unable to|cannot) assume (the )?role",
        "SageMaker may not assume the execution role, or the role is gone",
        "look at its trust policy with `aws iam get-role`: it must let sagemaker.amazonaws.com assume it; and ask "
        "`iamcheck sts` whether AWS STS is active in the Region",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    Failure(
        r"\balarms?\b",
        "an alarm of the update's auto-rollback went off, or cannot be read",
        "look at it with `aws cloudwatch describe-alarms`; the execution role needs cloudwatch:DescribeAlarms on it",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html",
    ),
)
"""The first that fits is taken."""


def explain(reason: str) -> Failure | None:
    """What is known of a `FailureReason`; None where it is none of the known ones."""
    return next((failure for failure in FAILURES if re.search(failure.pattern, reason, re.IGNORECASE)), None)


class EndpointFailedError(IamcheckError):
    """An endpoint that was waited for will not be in service, or not with what it was updated to.

    Args:
        endpoint_name: Its name.
        status: Its status when AWS was asked last.
        failure_reason: AWS's `FailureReason`, None where it gave none.
        what: What has happened, in one clause, without secrets.
        meaning: What AWS's reason means; empty where it is not one that is known.
        cure: What to do, and what to run; likewise.
        source: The AWS page; likewise.
    """

    def __init__(
        self,
        endpoint_name: str,
        status: str,
        failure_reason: str | None,
        what: str,
        meaning: str = "",
        cure: str = "",
        source: str = "",
    ) -> None:
        self.endpoint_name = endpoint_name
        self.status = status
        self.failure_reason = failure_reason
        self.meaning = meaning
        self.cure = cure
        self.source = source
        explained = f"; that is: {meaning}; {cure} ({source})" if meaning else ""
        super().__init__(f"the endpoint {endpoint_name} ({status}): {what}{explained}")
