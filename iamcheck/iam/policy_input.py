"""Parses the policies that a caller of the library gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn, Policy, PolicyType
from iamcheck.iam.model.json_text import LONGEST_POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LevelsInput",
    "PolicyInput",
    "levels_of",
    "policies_of",
    "policy_of",
    "resource_policies_of",
    "session_policies_of",
]

PolicyInput: TypeAlias = "Policy | str | Mapping[str, object]"
"""A policy as a library caller has it: parsed, as JSON text, or as a dict."""

LevelsInput: TypeAlias = "Sequence[Sequence[PolicyInput]]"
"""Levels of service or resource control policies, root first."""


def policy_of(given: PolicyInput, *, name: str, layer: PolicyType) -> Policy:
    """One policy, parsed.

    Raises:
        InvalidInputError: It is not a policy of that layer.
    """
    return given if isinstance(given, Policy) else Policy.parse(given, name=name, layer=layer, longest=LONGEST_POLICY)


def policies_of(given: Sequence[PolicyInput]) -> tuple[Policy, ...]:
    """Identity policies, parsed.

    Raises:
        InvalidInputError: There is none, or one is not such a policy.
    """
    if isinstance(given, (Policy, str, Mapping)):
        raise InvalidInputError("one policy was given", where="policies", cure="give a list of policies")
    if not given:
        raise InvalidInputError("no policy was given", where="policies", cure="leave it out, or give one")
    return tuple(
        policy_of(one, name=f"policy {number}", layer=PolicyType.IDENTITY) for number, one in enumerate(given, 1)
    )


def session_policies_of(given: Sequence[PolicyInput]) -> tuple[Policy, ...]:
    """Session policies, parsed; none says that there are none.

    Raises:
        InvalidInputError: One is not such a policy.
    """
    if isinstance(given, (Policy, str, Mapping)):
        raise InvalidInputError("one policy was given", where="session policies", cure="give a list of policies")
    return tuple(
        one
        if isinstance(one, Policy)
        else Policy.parse(one, name=f"session policy {number}", layer=PolicyType.SESSION, stored=False)
        for number, one in enumerate(given, 1)
    )


def levels_of(given: LevelsInput, *, layer: PolicyType) -> tuple[tuple[Policy, ...], ...]:
    """Levels of SCPs or RCPs.

    Raises:
        InvalidInputError: One is not such a policy.
    """
    return tuple(
        tuple(
            policy_of(one, name=f"{layer} {number} of level {level}", layer=layer) for number, one in enumerate(ones, 1)
        )
        for level, ones in enumerate(given, 1)
    )


def resource_policies_of(given: Mapping[str, PolicyInput]) -> dict[str, Policy]:
    """Resource policies by the ARN of their resource.

    Raises:
        InvalidInputError: An ARN is none, or a policy is not one of a resource.
    """
    return {
        str(Arn.parse(arn, where="resource policy")): policy_of(
            one, name=f"resource policy of {arn}", layer=PolicyType.RESOURCE
        )
        for arn, one in given.items()
    }
