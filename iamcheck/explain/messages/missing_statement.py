"""Makes the statement that a denied call lacks: this action, this resource, the conditions that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.explain.messages.families.family import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.explain.messages.facts import Facts

__all__ = ["missing_statement"]

_CONDITIONS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    "iam:passrole": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
    "kms:creategrant": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
}


def missing_statement(facts: Facts) -> dict[str, object] | None:
    """The policy to add to the caller's, with the one statement that the call lacks.

    Args:
        facts: What the message says.

    Returns:
        The policy document; None where the message names no action or no resource, where the resource holds
        placeholders, or where another type of policy than an identity-based one lacks the statement.
    """
    if facts.policy != "identity-based policy" or facts.action is None or facts.resource is None:
        return None
    if ACCOUNT in facts.resource or "REGION" in facts.resource:
        return None
    statement: dict[str, object] = {"Effect": "Allow", "Action": facts.action, "Resource": facts.resource}
    condition = _CONDITIONS.get(facts.action.lower())
    if condition is not None:
        statement["Condition"] = {operator: dict(keys) for operator, keys in condition.items()}
    return {"Version": "2012-10-17", "Statement": [statement]}
