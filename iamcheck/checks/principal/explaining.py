"""Why a request is not allowed, beside the decision: what was nearest, what made a Deny apply, what AWS would say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.principal.evaluating import under
from iamcheck.explain.why import applied_denies, denial_message, nearest_misses
from iamcheck.iam.model import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.checks.principal.judging import JudgedRequest
    from iamcheck.iam.model import Policy, PolicySet

__all__ = ["explained"]


def explained(
    found: JudgedRequest, policies: PolicySet, by_resource: Mapping[str, Policy], who: str | None
) -> JudgedRequest:
    """What was found, with why.

    Args:
        found: An evaluation.
        policies: The policies that it was made under.
        by_resource: Resource policies by the ARN of their resource.
        who: ARN of who asks, as AWS's message would name him; None: not known.
    """
    one = found.evaluation
    if one.decision is Decision.ALLOWED:
        return found
    there = under(policies, by_resource, one.request.resource)
    if one.decision is Decision.EXPLICIT_DENY:
        near = tuple(deny.text for deny in applied_denies(one.request, there))
    else:
        near = tuple(miss.text for miss in nearest_misses(one.request, there))
    return replace(found, nearest=near, denial=denial_message(one, who))
