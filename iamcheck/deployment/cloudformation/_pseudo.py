"""Gives the pseudo parameters of a stack.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.located import UNKNOWN
from iamcheck.iam.catalogue import partition, region

if TYPE_CHECKING:
    from iamcheck.deployment.cloudformation._template import StackInputs
    from iamcheck.deployment.cloudformation._texts import Text

__all__ = ["pseudo_parameters", "stack_of"]


def stack_of(inputs: StackInputs) -> dict[str, Text]:
    """The partition, Region and account of the stack, as ARNs have them; the Region tells the partition.

    Raises:
        InvalidInputError: There is no such Region.
    """
    stack: dict[str, Text] = {
        "region": inputs.region or UNKNOWN,
        "account": inputs.account_id or UNKNOWN,
        "partition": UNKNOWN,
        "suffix": UNKNOWN,
    }
    if inputs.region:
        here = partition(region(inputs.region).partition)
        stack |= {"partition": here.name, "suffix": here.dns_suffix}
    return stack


def pseudo_parameters(inputs: StackInputs) -> dict[str, Text]:
    """The pseudo parameters, but for `AWS::NoValue`."""
    stack = stack_of(inputs)
    return {
        "AWS::AccountId": stack["account"],
        "AWS::NotificationARNs": UNKNOWN,
        "AWS::Partition": stack["partition"],
        "AWS::Region": stack["region"],
        "AWS::StackId": UNKNOWN,
        "AWS::StackName": inputs.stack_name or UNKNOWN,
        "AWS::URLSuffix": stack["suffix"],
    }
