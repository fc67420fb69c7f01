"""Decides requests by the local engine, each for everything that its resource stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.principal.aws_answers import simulate
from iamcheck.checks.principal.judge import JudgedRequest
from iamcheck.checks.principal.name_patterns import differing, is_pattern, resource_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.iam.model import Evaluation, Request
    from iamcheck.simulators import Simulator

__all__ = ["decide_locally"]


def decide_locally(
    requests: Sequence[Request], policies: PrincipalPolicies, local: Simulator
) -> tuple[JudgedRequest, ...]:
    """The local engine's decision about each request, certain only where all that its resource stands for gets it too.

    Args:
        requests: What is asked.
        policies: The policies over the principal.
        local: The local engine.
    """
    evaluations = simulate(local, requests, policies.layers, policies.by_resource)
    return tuple(_over_all_names(evaluation, policies, local) for evaluation in evaluations)


def _over_all_names(evaluation: Evaluation, policies: PrincipalPolicies, local: Simulator) -> JudgedRequest:
    """The evaluation, certain only where everything that its resource stands for gets the same."""
    resource = evaluation.request.resource
    if not is_pattern(resource):
        return JudgedRequest(evaluation)
    layers = policies.about(resource)
    other = differing(
        evaluation, resource_patterns(policies.all()), lambda request: local.simulate([request], layers)[0]
    )
    if other is None:
        return JudgedRequest(evaluation)
    what = "which key the alias names" if resource.endswith(":key/*") else "the name that it will get"
    return JudgedRequest(
        replace(evaluation, certain=False, could_allow=True), f"it depends on {what}: for {other} the answer is another"
    )
