"""Makes the smallest policy that allows some requests: their actions on their resources, and no more.

Conditions narrow what a resource's ARN cannot: whom a role is passed to, which alias a key has. Source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iamcheck.iam.model import Request
    from iamcheck.results import Json

__all__ = ["PURPOSE_OPERATORS", "needed_policy"]

PURPOSE_OPERATORS: Final[Mapping[str, str]] = {
    "kms:GrantIsForAWSResource": "Bool",
    "kms:ResourceAliases": "ForAnyValue:StringEquals",
    "application-autoscaling:scalable-dimension": "StringEquals",
    "application-autoscaling:service-namespace": "StringEquals",
    "iam:AWSServiceName": "StringEquals",
    "iam:PassedToService": "StringEquals",
    "kms:ViaService": "StringEquals",
    "sagemaker:TaggingAction": "StringEquals",
    "s3:prefix": "StringLike",
}
"""The keys that say what a call is made for, which its ARN does not say, with the operator that compares each."""


def needed_policy(requests: Iterable[Request]) -> dict[str, Json]:
    """The policy document that allows these requests and nothing else.

    Args:
        requests: What is asked; those of one action under the same conditions share a statement, and so do actions on
            the same resources.
    """
    by_action: dict[tuple[str, _Conditions], dict[str, None]] = {}
    for request in requests:
        by_action.setdefault((request.action, _conditions(request)), {})[request.resource] = None
    together: dict[tuple[tuple[str, ...], _Conditions], dict[str, None]] = {}
    for (action, conditions), resources in by_action.items():
        together.setdefault((tuple(sorted(resources)), conditions), {})[action] = None
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement(sorted(actions), resources, conditions) for (resources, conditions), actions in together.items()
        ],
    }


_Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]


def _conditions(request: Request) -> _Conditions:
    return tuple(
        (operator, key, request.given[key.lower()].values)
        for key, operator in PURPOSE_OPERATORS.items()
        if key.lower() in request.given
    )


def _statement(actions: Sequence[str], resources: Sequence[str], conditions: _Conditions) -> dict[str, Json]:
    statement: dict[str, Json] = {"Effect": "Allow", "Action": [*actions], "Resource": [*resources]}
    block: dict[str, dict[str, Json]] = {}
    for operator, key, values in conditions:
        block.setdefault(operator, {})[key] = values[0] if len(values) == 1 else [*values]
    return {**statement, "Condition": block} if block else statement
