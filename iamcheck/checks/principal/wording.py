"""What a decision is called in the texts of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import Decision, PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model import Evaluation

__all__ = ["asked", "decided", "listed", "spelled_keys"]

LONGEST_LIST: Final = 3


def decided(one: Evaluation) -> str:
    """What decided: `by statement Deploy of the identity policy deployer, line 3`."""
    if one.matched:
        return f"by {one.matched[0]}"
    layer = POLICY_NAMES[one.blocked_by or PolicyType.IDENTITY]
    if one.decision is Decision.IMPLICIT_DENY:
        return f"no Allow of an {layer} matched" if layer[0] in "aeiou" else f"no Allow of a {layer} matched"
    # AWS never lists the statements of SCPs
    return f"a Deny of the {layer} matched" if one.decision is Decision.EXPLICIT_DENY else "allowed"


def asked(one: Evaluation) -> str:
    """What was asked about: `sagemaker:CreateEndpoint on arn:...`."""
    return f"{one.request.action} on {one.request.resource}"


def listed(texts: Sequence[str]) -> str:
    """The first few texts, and how many there are besides."""
    more = len(texts) - LONGEST_LIST
    return "; ".join(texts[:LONGEST_LIST]) + (f"; and {more} more" if more > 0 else "")


def spelled_keys(keys: Sequence[str], spelled: Mapping[str, str]) -> list[str]:
    """Keys in the spelling of the policies."""
    return [spelled.get(key, key) for key in keys]
