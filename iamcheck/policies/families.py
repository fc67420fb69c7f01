"""Says what a policy for a family of names grants beyond a single deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.families import families_of
from iamcheck.iam.model import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.model import Policy

__all__ = ["beyond_one_deployment"]

_WORDS = {
    "endpoint": "endpoint",
    "endpoint-config": "endpoint config",
    "inference-component": "inference component",
    "model": "model",
}


def beyond_one_deployment(policy: Policy, deployment: Deployment) -> tuple[str, ...]:
    """What the wildcards in the names of a deployment grant, each as a sentence; none where no name is a pattern.

    Args:
        policy: The policy for the deployment.
        deployment: The deployment.
    """
    return tuple(_sentences(policy, families_of(deployment)))


def _sentences(policy: Policy, families: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for kind, pattern in families:
        yield (
            f"{pattern} is a family of names: beyond one deployment, the policy grants on every other {_WORDS[kind]} "
            f"{pattern}: {', '.join(_granted_on(policy, f'{kind}/{pattern}')) or 'nothing'}"
        )
    patterns = dict(families)
    if {"endpoint", "endpoint-config"} <= patterns.keys():
        yield (
            f"beyond one deployment, every endpoint {patterns['endpoint']} may have every endpoint config "
            f"{patterns['endpoint-config']}, whichever belong together"
        )


def _granted_on(policy: Policy, resource: str) -> list[str]:
    """The actions that the policy's Allows name for a resource, given as an ARN ends, sorted."""
    ending = f":{resource}"
    return sorted(
        {
            action
            for statement in policy.statements
            if statement.effect is Effect.ALLOW and any(arn.endswith(ending) for arn in statement.resources or ())
            for action in statement.actions or ()
        }
    )
