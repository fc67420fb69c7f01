"""Divides the texts of a policy into what stays and what stands for the account, the Region and the partition."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Parameter", "Part", "PolicyForm", "PolicyPlace", "parts_of", "place_under"]

_TAGS: Final = re.compile(r"(?i)[\w-]+:(?:TagKeys|(?:Request|Resource|Principal)Tag/.*)", re.DOTALL)
_COLONS: Final = 5
"""Of an ARN, before its resource."""


class Parameter(Enum):
    """What another account, Region or partition has another value of."""

    ACCOUNT_ID = "account_id"
    REGION = "region"
    PARTITION = "partition"


Part: TypeAlias = "str | Parameter"
"""A piece of a text: as it is, or a parameter."""


class PolicyPlace(NamedTuple):
    """The values that parameters stand for.

    Args:
        account_id: The 12 digits of the account.
        region: Region code.
        partition: As in an ARN, such as `aws`.
    """

    account_id: str
    region: str
    partition: str


class PolicyForm(NamedTuple):
    """How a policy is written.

    Args:
        subject: Whose policy it is, such as `deployer` or `execution-role`.
        name: Name of the policy, or of the role whose trust policy it is.
        is_trust: Whether it is the trust policy of a role.
        place: What parameters stand for; None: account, Region and partition stay as they are.
    """

    subject: str
    name: str
    is_trust: bool = False
    place: PolicyPlace | None = None

    @property
    def label(self) -> str:
        """What the policy is called within a file: `execution_role`."""
        return self.subject.replace("-", "_")


def parts_of(text: str, place: PolicyPlace | None) -> tuple[Part, ...]:
    """The parts of a text of a policy.

    Parameters stand for the fields of an ARN, for a whole text, and for the Region in a service's host name: its suffix
    in `kms:ViaService` is that of `aws` everywhere. Names keep an account or a Region that they happen to have.
    """
    if place is None:
        return (text,)
    if text == place.account_id:
        return (Parameter.ACCOUNT_ID,)
    if text == place.region:
        return (Parameter.REGION,)
    if text.startswith("arn:") and text.count(":") >= _COLONS:
        _, partition, service, region, account, resource = text.split(":", _COLONS)
        return _joined(
            (
                "arn:",
                Parameter.PARTITION if partition == place.partition else partition,
                f":{service}:",
                Parameter.REGION if region == place.region else region,
                ":",
                Parameter.ACCOUNT_ID if account == place.account_id else account,
                f":{resource}",
            )
        )
    host = re.fullmatch(rf"([a-z0-9.-]+\.){re.escape(place.region)}(\.[a-z0-9.-]+)", text)
    return (text,) if host is None else (host[1], Parameter.REGION, host[2])


def place_under(key: str, place: PolicyPlace | None) -> PolicyPlace | None:
    """What parameters stand for in the values of a condition key: nothing in tags, which are the same everywhere.

    Args:
        key: The condition key, or another key of the document.
        place: What parameters stand for in the policy.
    """
    return None if _TAGS.fullmatch(key) else place


def _joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, with texts that follow each other as one."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        else:
            joined.append(part)
    return tuple(joined)
