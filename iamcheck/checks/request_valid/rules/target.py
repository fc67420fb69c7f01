"""Judges where a request goes: what it names must be of use in its account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import RuleFinding
from iamcheck.checks.request_valid.reading import text
from iamcheck.checks.request_valid.rules.row import Rule
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests
    from iamcheck.deployment.located import Member

__all__ = ["TARGET"]


def _arn(member: Member | None) -> Arn | None:
    """The ARN in a member; what is none is not there: other rules say that it is wrong."""
    value = text(member)
    try:
        return Arn.parse(value) if isinstance(value, str) else None
    except InvalidInputError:
        return None


def _roles(requests: Requests) -> Iterator[RuleFinding]:
    target = requests.target
    if target is None:
        return
    for request in requests.all():
        role = request.root.get("ExecutionRoleArn")
        arn = _arn(role)
        if role is None or arn is None or arn.service != "iam":
            continue
        if arn.partition != target.partition:
            what = f"{shown(str(arn))} is a role of partition {arn.partition}, and {target.region} is in another"
            yield RuleFinding(request, role, what)
        elif target.account_id is not None and arn.account_id != target.account_id:
            what = f"a role of account {arn.account_id} cannot be passed to a service in account {target.account_id}"
            yield RuleFinding(request, role, what)


def _key(requests: Requests) -> Iterator[RuleFinding]:
    config, target = requests.config, requests.target
    key = None if config is None else config.root.get("KmsKeyId")
    arn = _arn(key)
    if config is None or target is None or key is None or arn is None or arn.service != "kms":
        return
    if (arn.partition, arn.region) != (target.partition, target.region):
        what = (
            f"the key is in {arn.region} ({arn.partition}) and the endpoint in {target.region} ({target.partition}): "
            "keys stay in their Region, and the documentation does not say that SageMaker takes one of another"
        )
        yield RuleFinding(config, key, what, certain=False)


_PASSING: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"
_KEYS: Final = "https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html"

TARGET: Final = (Rule("role-of-account", _PASSING, _roles), Rule("kms-key-region", _KEYS, _key))
