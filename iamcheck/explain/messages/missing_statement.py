"""Makes the statement that a denied call lacks: this action, this resource, the conditions that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.explain.policy_types import POLICIES
from iamcheck.explain.remedies.statements import needed_policy
from iamcheck.explain.remedies.wording import owner_of
from iamcheck.iam.model import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.explain.messages.facts import Facts
    from iamcheck.results import Json

__all__ = ["CREATE_GRANT", "missing_statement", "purpose_of"]

CREATE_GRANT: Final = "kms:creategrant"
"""What SageMaker calls with the rights of whoever deploys."""
_GET_STATEMENTS: Final = ("identity-based policy", "permissions boundary")
_PURPOSES: Final[Mapping[str, Mapping[str, str]]] = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    "iam:passrole": {"iam:PassedToService": "sagemaker.amazonaws.com"},
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
    CREATE_GRANT: {"kms:GrantIsForAWSResource": "true", "kms:ViaService": "sagemaker.{region}.amazonaws.com"},
}


def purpose_of(facts: Facts) -> dict[str, str]:
    """The context keys that say what a deployment of SageMaker makes a call for, with their values."""
    purpose = _PURPOSES.get((facts.action or "").lower(), {})
    return {
        key: value.format(region=facts.region) for key, value in purpose.items() if facts.region or "{" not in value
    }


def missing_statement(facts: Facts) -> dict[str, Json] | None:
    """The policy to add to that which allows too little, with the one statement that the call lacks.

    Args:
        facts: What the message says.

    Returns:
        The policy document; None where the message names no action or no resource, where the resource is
        not named whole, or where nobody can add a statement to that type of policy.
    """
    resource = facts.whole_resource
    if facts.policy not in _GET_STATEMENTS or facts.action is None or resource is None:
        return None
    if not owner_of(POLICIES[facts.policy], facts.principal_arn):
        return None
    return needed_policy([Request(facts.action, resource, context=purpose_of(facts))])
