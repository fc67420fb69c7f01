"""Parses the policies that a caller of the library gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import policy_in_text, read_policy
from iamcheck.iam.model import Arn, Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "ONE_POLICY",
    "LevelsInput",
    "PolicyInput",
    "levels_of",
    "policies_of",
    "policy_of",
    "resource_policies_of",
    "session_policies_of",
]

PolicyInput: TypeAlias = "Policy | str | os.PathLike[str] | Mapping[str, object]"
"""A policy as a library caller has it: parsed, the path of a file, its text (JSON or YAML), or a dict.

Among SCPs the text `FullAWSAccess`, and among RCPs `RCPFullAWSAccess`, stands for AWS's own policy.
"""

LevelsInput: TypeAlias = "Sequence[PolicyInput | Sequence[PolicyInput]]"
"""Levels of service or resource control policies, root first: each a policy, a folder's path, or a list of these."""

ONE_POLICY: Final = (Policy, str, Mapping, os.PathLike)
"""The types of one policy, where a list of policies may stand in its place: those of `PolicyInput`."""


def policy_of(policy: PolicyInput, *, name: str, layer: PolicyType, stored: bool = True) -> Policy:
    """One policy, parsed.

    Args:
        policy: The policy, in one of the forms that a library takes.
        name: What it is called in answers; a file is called by its path.
        layer: As for `Policy.parse`.
        stored: As for `Policy.parse`.

    Raises:
        InvalidInputError: It is not a policy of that layer, or its file cannot be read.
    """
    if isinstance(policy, Policy):
        return policy
    if isinstance(policy, Mapping):
        return Policy.parse(policy, name=name, layer=layer, stored=stored)
    if isinstance(policy, str):
        from iamcheck.iam.default_policies import default_policy

        default = default_policy(policy, layer)
        return default or policy_in_text(policy, name=name, layer=layer, stored=stored)
    if isinstance(policy, os.PathLike):
        return read_policy(os.fspath(policy), layer=layer, stored=stored)
    raise InvalidInputError(f"{type(policy).__name__} is no policy", where=name, cure="give a dict, a text or a path")


def policies_of(policies: Sequence[PolicyInput]) -> tuple[Policy, ...]:
    """Identity policies, parsed.

    Raises:
        InvalidInputError: There is none, or one is not such a policy.
    """
    if isinstance(policies, ONE_POLICY):
        raise InvalidInputError("one policy was given", where="policies", cure="give a list of policies")
    if not policies:
        raise InvalidInputError("no policy was given", where="policies", cure="leave it out, or give one")
    return tuple(
        policy_of(policy, name=f"policy {number}", layer=PolicyType.IDENTITY)
        for number, policy in enumerate(policies, 1)
    )


def session_policies_of(policies: Sequence[PolicyInput]) -> tuple[Policy, ...]:
    """Session policies, parsed; none says that there are none.

    Raises:
        InvalidInputError: One is not such a policy.
    """
    if isinstance(policies, ONE_POLICY):
        raise InvalidInputError("one policy was given", where="session policies", cure="give a list of policies")
    return tuple(
        policy_of(policy, name=f"session policy {number}", layer=PolicyType.SESSION, stored=False)
        for number, policy in enumerate(policies, 1)
    )


def levels_of(levels: LevelsInput, *, layer: PolicyType) -> tuple[tuple[Policy, ...], ...]:
    """Levels of SCPs or RCPs.

    Raises:
        InvalidInputError: One is not such a policy.
    """
    return tuple(
        tuple(
            policy_of(policy, name=f"{layer} {number} of level {level}", layer=layer)
            for number, policy in enumerate(_policies_of_level(policies), 1)
        )
        for level, policies in enumerate(levels, 1)
    )


def _policies_of_level(level: PolicyInput | Sequence[PolicyInput]) -> Iterator[PolicyInput]:
    """The policies of a level, with the files of a folder in its place."""
    for policy in (level,) if isinstance(level, ONE_POLICY) else level:
        if isinstance(policy, os.PathLike):
            from pathlib import Path

            from iamcheck.iam.default_policies import policy_files

            yield from map(Path, policy_files(os.fspath(policy), where=os.fspath(policy)))
        else:
            yield policy


def resource_policies_of(policies: Mapping[str, PolicyInput]) -> dict[str, Policy]:
    """Resource policies by the ARN of their resource.

    Raises:
        InvalidInputError: An ARN is none, or a policy is not one of a resource.
    """
    return {
        str(Arn.parse(arn, where="resource policy")): policy_of(
            policy, name=f"resource policy of {arn}", layer=PolicyType.RESOURCE
        )
        for arn, policy in policies.items()
    }
