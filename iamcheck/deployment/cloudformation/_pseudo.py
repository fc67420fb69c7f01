"""Pseudo parameters.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.located import UNKNOWN
from iamcheck.iam.catalogue import partition, region

if TYPE_CHECKING:
    from iamcheck.deployment.cloudformation._template import Given
    from iamcheck.deployment.cloudformation._texts import Text

__all__ = ["pseudo_parameters", "stack_of"]


def stack_of(given: Given) -> dict[str, Text]:
    """Where the stack is made, as ARNs have it; a partition is known by its Region.

    Raises:
        InvalidInputError: There is no such Region.
    """
    stack: dict[str, Text] = {
        "region": given.region or UNKNOWN,
        "account": given.account_id or UNKNOWN,
        "partition": UNKNOWN,
        "suffix": UNKNOWN,
    }
    if given.region:
        here = partition(region(given.region).partition)
        stack |= {"partition": here.name, "suffix": here.dns_suffix}
    return stack


def pseudo_parameters(given: Given) -> dict[str, Text]:
    """The pseudo parameters, but for `AWS::NoValue`."""
    stack = stack_of(given)
    return {
        "AWS::AccountId": stack["account"],
        "AWS::NotificationARNs": UNKNOWN,
        "AWS::Partition": stack["partition"],
        "AWS::Region": stack["region"],
        "AWS::StackId": UNKNOWN,
        "AWS::StackName": given.stack_name or UNKNOWN,
        "AWS::URLSuffix": stack["suffix"],
    }
