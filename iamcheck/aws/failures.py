"""Reads why an endpoint or a CloudFormation stack failed: AWS's own texts, with the caller's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.aws.clients import call
from iamcheck.aws.pages import pages
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.session import Access

__all__ = ["endpoint_failures", "stack_failures"]

_CANCELLED: Final = ("Resource creation cancelled", "Resource update cancelled")
"""What CloudFormation says of resources that another one's failure stopped."""
_STARTS: Final = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS")


def endpoint_failures(access: Access, region: str, name: str) -> tuple[str, ...]:
    """The failure reasons of an endpoint and of its inference components; none where nothing failed.

    Args:
        access: The way to AWS.
        region: Region code.
        name: Name of the endpoint.

    Raises:
        InvalidInputError: There is no such endpoint.
        AwsUnavailableError: SageMaker could not be asked.

    Sources: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html,
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeInferenceComponent.html
    """
    endpoint = access.reads(region).endpoint(name)
    if endpoint is None:
        raise InvalidInputError(
            f"there is no endpoint {shown(name)} in {region}", where="--from-endpoint", cure="compare name and Region"
        )
    reasons = [_reason(endpoint)]
    client = access.client("sagemaker", region)
    components = pages(
        lambda token: call(
            client, "sagemaker:ListInferenceComponents", access.deadline, EndpointNameEquals=name, **token
        ),
        "InferenceComponents",
    )
    for page in components:
        for component in page.parts("InferenceComponents"):
            if component.data.get("InferenceComponentStatus") == "Failed":
                described = call(
                    client,
                    "sagemaker:DescribeInferenceComponent",
                    access.deadline,
                    InferenceComponentName=component.text("InferenceComponentName"),
                )
                reasons.append(_reason(described))
    return tuple(reason for reason in reasons if reason)


def _reason(answer: AwsAnswer) -> str:
    reason = answer.data.get("FailureReason")
    return reason if isinstance(reason, str) else ""


def stack_failures(access: Access, region: str, name: str) -> tuple[str, ...]:
    """What CloudFormation says of the resources that failed in the last operation on a stack, the first one first.

    Args:
        access: The way to AWS.
        region: Region code.
        name: Name or ARN of the stack.

    Raises:
        InvalidInputError: There is no such stack.
        AwsUnavailableError: CloudFormation could not be asked.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
    """
    client = access.client("cloudformation", region)
    reasons: list[str] = []
    try:
        for page in pages(
            lambda token: call(client, "cloudformation:DescribeStackEvents", access.deadline, StackName=name, **token),
            "StackEvents",
        ):
            for event in page.parts("StackEvents"):
                reason, status = event.data.get("ResourceStatusReason"), event.text("ResourceStatus")
                if status.endswith("_FAILED") and isinstance(reason, str) and not reason.startswith(_CANCELLED):
                    reasons.append(reason)
                if status in _STARTS and event.data.get("PhysicalResourceId") == event.data.get("StackId"):
                    # events come newest first: what stands behind this one belongs to an operation before
                    return tuple(reversed(reasons))
    except AwsUnavailableError as error:
        if error.code == "ValidationError" and "does not exist" in error.reason:
            raise InvalidInputError(
                f"there is no stack {shown(name)} in {region}", where="--from-stack", cure="compare name and Region"
            ) from None
        raise
    return tuple(reversed(reasons))
