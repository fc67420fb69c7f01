"""The AccessDenied message that AWS shows for a denial, in its own words.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import Decision, PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model import Evaluation

__all__ = ["POLICY_WORDS", "denial_message"]

POLICY_WORDS: Final[Mapping[PolicyType, tuple[str, str]]] = {
    PolicyType.IDENTITY: ("an", "identity-based policy"),
    PolicyType.RESOURCE: ("a", "resource-based policy"),
    PolicyType.BOUNDARY: ("a", "permissions boundary"),
    PolicyType.SESSION: ("a", "session policy"),
    PolicyType.SCP: ("a", "service control policy"),
    PolicyType.RCP: ("a", "resource control policy"),
}
"""The types of policies as AWS's messages call them, each with its article."""
_TRUST: Final = "role trust policy"
"""What the messages call the resource policy of a role."""


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
    resource = "" if request.resource == "*" else f" on resource: {request.resource}"
    denied = f"{head} not authorized to perform: {request.action}{resource}"
    layer = evaluation.blocked_by or PolicyType.IDENTITY
    article, policy = POLICY_WORDS[layer]
    if layer is PolicyType.RESOURCE and request.action_key.startswith("sts:assumerole"):
        article, policy = "the", _TRUST
    if evaluation.decision is Decision.EXPLICIT_DENY:
        return f"{denied} with an explicit deny in {article} {policy}"
    return f"{denied} because no {policy} allows the {request.action} action"
