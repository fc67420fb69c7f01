"""Requests under policies that are known: each under the policy of its own resource, and for all that it stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.principal.judging import JudgedRequest
from iamcheck.checks.principal.name_patterns import differing, is_pattern, resource_patterns
from iamcheck.iam.model import Policy, PolicySet, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.iam.model import Evaluation, Request
    from iamcheck.simulators import Simulator

__all__ = ["all_policies", "decide", "simulate", "spelled", "under"]


def decide(
    local: Simulator, requests: Sequence[Request], policies: PolicySet, by_resource: Mapping[str, Policy]
) -> list[JudgedRequest]:
    """What the local engine finds for each request, certain only where all that its resource stands for gets the same.

    Args:
        local: The local engine.
        requests: What is asked.
        policies: The policies; `resource` is replaced by that of `by_resource`.
        by_resource: Resource policies by the ARN of their resource.
    """
    evaluations = simulate(local, requests, policies, by_resource)
    return [_whatever_it_stands_for(one, local, policies, by_resource) for one in evaluations]


def spelled(policies: PolicySet, by_resource: Mapping[str, Policy]) -> dict[str, str]:
    """The context keys that policies look at, in their spelling, by their lower case."""
    return {key.lower(): key for policy in all_policies(policies, by_resource) for key in _keys(policy)}


def under(policies: PolicySet, by_resource: Mapping[str, Policy], resource: str) -> PolicySet:
    """The policies that have a say about a resource."""
    return replace(policies, resource=by_resource[resource]) if resource in by_resource else policies


def _whatever_it_stands_for(
    one: Evaluation, local: Simulator, policies: PolicySet, by_resource: Mapping[str, Policy]
) -> JudgedRequest:
    """The evaluation, certain only where everything that its resource stands for gets the same."""
    resource = one.request.resource
    if not is_pattern(resource):
        return JudgedRequest(one)
    there = under(policies, by_resource, resource)
    other = differing(
        one,
        resource_patterns(all_policies(policies, by_resource)),
        lambda request: local.simulate([request], there)[0],
    )
    if other is None:
        return JudgedRequest(one)
    what = "which key the alias names" if resource.endswith(":key/*") else "the name that it will get"
    return JudgedRequest(
        replace(one, certain=False, could_allow=True), f"it depends on {what}: for {other} the answer is another"
    )


def simulate(
    simulator: Simulator, requests: Sequence[Request], policies: PolicySet, by_resource: Mapping[str, Policy]
) -> list[Evaluation]:
    """Each request under the resource policy of its own resource."""
    groups: dict[str | None, list[int]] = {}
    for at, request in enumerate(requests):
        groups.setdefault(request.resource if request.resource in by_resource else None, []).append(at)
    found: dict[int, Evaluation] = {}
    for resource, places in groups.items():
        there = policies if resource is None else under(policies, by_resource, resource)
        answers = simulator.simulate([requests[at] for at in places], there)
        found.update(zip(places, answers, strict=True))
    return [found[at] for at in range(len(requests))]


def all_policies(policies: PolicySet, by_resource: Mapping[str, Policy]) -> Iterator[Policy]:
    """Every policy that was read or given."""
    for layer in (policies.identity, policies.session):
        yield from () if isinstance(layer, Unread) else layer
    for levels in (policies.scps, policies.rcps):
        for level in () if isinstance(levels, Unread) else levels:
            yield from level
    yield from (one for one in (policies.boundary, policies.resource) if isinstance(one, Policy))
    yield from by_resource.values()


def _keys(policy: Policy) -> Iterator[str]:
    return (condition.key for statement in policy.statements for condition in statement.conditions)
