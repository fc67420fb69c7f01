"""Reads the policies of KMS keys: nobody may use a key that its policy does not open.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.aws.account.policies import AccountGap
from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn, Policy, PolicyType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from iamcheck.aws.limits import Deadline
    from iamcheck.iam.model import Request

__all__ = ["key_policies", "keys_of"]

_OPERATION: Final = "kms:GetKeyPolicy"
_THE_ONLY_NAME: Final = "default"


def keys_of(requests: Iterable[Request], account_id: str) -> tuple[str, ...]:
    """The ARNs of an account's own keys that requests are on; of an alias nobody knows the key.

    The policy of another account's key can be read there alone.
    """
    arns = (
        request.resource
        for request in requests
        if request.parts
        and request.parts[2] == "kms"
        and request.parts[4] == account_id
        and "*" not in request.resource
    )
    return tuple(dict.fromkeys(arns))


def key_policies(
    arns: Iterable[str],
    client: Callable[[str], object],
    *,
    deadline: Deadline | None = None,
    max_concurrency: int = 4,
) -> tuple[Mapping[str, Policy], tuple[AccountGap, ...]]:
    """Reads the policies of keys; one that cannot be read, or is not understood, is a gap.

    Args:
        arns: The keys' ARNs.
        client: Gives a boto3 client for KMS in a Region.
        deadline: When the run must have ended.
        max_concurrency: How many calls run at a time.
    """
    keys = tuple(arns)
    results = together([partial(_read, arn, client, deadline) for arn in keys], max_concurrency=max_concurrency)
    policies: dict[str, Policy] = {}
    gaps = []
    for arn, result in zip(keys, results, strict=True):
        if isinstance(result, Policy):
            policies[arn] = result
        else:
            grant_on = arn if is_access_denied(result) else ""
            gaps.append(AccountGap(f"the policy of {arn}", str(result), (PolicyType.RESOURCE,), _OPERATION, grant_on))
    return policies, tuple(gaps)


def _read(arn: str, client: Callable[[str], object], deadline: Deadline | None) -> Policy:
    kms = client(Arn.parse(arn).region)
    answer = call(kms, _OPERATION, deadline, KeyId=arn, PolicyName=_THE_ONLY_NAME)
    try:
        return Policy.parse(answer.text("Policy"), name=f"key policy of {arn}", layer=PolicyType.RESOURCE, stored=False)
    except InvalidInputError as error:
        raise answer.unusable(f"the policy is not understood: {error}") from error
