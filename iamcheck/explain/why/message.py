"""Writes the AccessDenied message that AWS shows for a denial, in its own words.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.explain.policy_types import ROLE_TRUST, words_of
from iamcheck.iam.model import Decision, PolicyType

if TYPE_CHECKING:
    from iamcheck.iam.model import Evaluation

__all__ = ["denial_message"]

_OTHER_ACCOUNTS_KEY: Final = (
    "on this resource because the resource does not exist in this Region, no resource-based policies allow access, or "
    "a resource-based policy explicitly denies access"
)
"""How AWS KMS ends its message about a key of another account whose key policy does not let the caller in.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""


def denial_message(evaluation: Evaluation, principal_arn: str | None = None) -> str:
    """The message that AWS would show for a denial.

    Where several types of policies deny, AWS names one of them; which one is its choice, and here the one that
    `evaluation` names. Some services say less: no resource, or no reason.

    Args:
        evaluation: The decision.
        principal_arn: Who asks, as AWS would name him; None takes the request's principal.

    Returns:
        Empty where the decision is `allowed`.
    """
    if evaluation.decision is Decision.ALLOWED:
        return ""
    request = evaluation.request
    who = principal_arn or request.principal
    head = f"User: {who} is" if who else "You are"
    layer = evaluation.blocked_by or PolicyType.IDENTITY
    if request.is_across_accounts and layer is PolicyType.RESOURCE and request.action_key.startswith("kms:"):
        return f"{head} not authorized to perform: {request.action} {_OTHER_ACCOUNTS_KEY}"
    resource = "" if request.resource == "*" else f" on resource: {request.resource}"
    denied = f"{head} not authorized to perform: {request.action}{resource}"
    words = words_of(layer, request.action)
    if evaluation.decision is Decision.EXPLICIT_DENY:
        article = "the" if words.name == ROLE_TRUST else words.article
        return f"{denied} with an explicit deny in {article} {words.name}"
    return f"{denied} because no {words.name} allows the {request.action} action"
