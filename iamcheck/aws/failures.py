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

_CONSEQUENCES: Final = (
    "Resource creation cancelled",
    "Resource update cancelled",
    "The following resource(s) failed to",
)
"""How CloudFormation begins what it says of what another resource's failure stopped."""
_MOST_NESTED: Final = 5
"""Levels of nested stacks that are looked into."""
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
    if reason := _reason(endpoint):
        # what became of its components follows from that
        return (reason,)
    client = access.client("sagemaker", region)
    reasons = []
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
    try:
        return tuple(_stack_reasons(access, region, name, _MOST_NESTED))
    except AwsUnavailableError as error:
        if error.code == "ValidationError" and "does not exist" in error.reason:
            raise InvalidInputError(
                f"there is no stack {shown(name)} in {region}", where="--from-stack", cure="compare name and Region"
            ) from None
        raise


def _stack_reasons(access: Access, region: str, name: str, levels: int) -> list[str]:
    """The reasons of the last operation on a stack, the first one first; those of a nested stack in its place."""
    client = access.client("cloudformation", region)
    newest_first: list[list[str]] = []
    for page in pages(
        lambda token: call(client, "cloudformation:DescribeStackEvents", access.deadline, StackName=name, **token),
        "StackEvents",
    ):
        for event in page.parts("StackEvents"):
            reason, status = event.data.get("ResourceStatusReason"), event.text("ResourceStatus")
            physical = event.data.get("PhysicalResourceId")
            is_own = physical == event.data.get("StackId")
            if status.endswith("_FAILED") and isinstance(reason, str) and not reason.startswith(_CONSEQUENCES):
                is_nested = event.data.get("ResourceType") == "AWS::CloudFormation::Stack" and not is_own
                nested = isinstance(physical, str) and is_nested and physical.startswith("arn:") and levels > 0
                inner = _stack_reasons(access, region, str(physical), levels - 1) if nested else []
                newest_first.append(inner or [reason])
            if status in _STARTS and is_own:
                # what stands behind this one belongs to an operation before
                return [reason for reasons in reversed(newest_first) for reason in reasons]
    return [reason for reasons in reversed(newest_first) for reason in reasons]
