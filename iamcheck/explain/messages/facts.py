"""Holds what a message of AWS says, by the names of its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Arn, Principal

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["Facts"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message says."""

    values: Mapping[str, str]
    """The groups of its form that are there, and what follows from them."""

    @property
    def principal(self) -> str:
        """Who asked; empty where the message does not say."""
        return self.values.get("principal", "")

    @property
    def principal_arn(self) -> bool:
        """Whether it is an ARN; S3 and others also say `anonymous`."""
        return self.principal.startswith("arn:")

    @property
    def action(self) -> str | None:
        """`service:Operation`."""
        return self.values.get("action")

    @property
    def resource(self) -> str | None:
        """The ARN or `*`."""
        return self.values.get("resource")

    @property
    def arn(self) -> Arn | None:
        """The resource's ARN, in its parts."""
        try:
            return Arn.parse(self.resource or "")
        except InvalidInputError:
            return None

    @property
    def policy(self) -> str | None:
        """The type of policy, as AWS calls it."""
        return self.values.get("policy")

    @property
    def region(self) -> str | None:
        """The Region of the resource."""
        return (self.arn.region if self.arn else "") or None

    @property
    def account_id(self) -> str | None:
        """The account that asked, else that of the resource."""
        told = self.values.get("account") or Principal.read(self.principal).account_id
        account = told or (self.arn.account_id if self.arn else "")
        return account if re.fullmatch(r"\d{12}", account) else None

    @property
    def bucket_and_key(self) -> tuple[str, str]:
        """The S3 object that the message names."""
        bucket, _, key = self.values.get("s3", "s3://BUCKET/KEY").removeprefix("s3://").partition("/")
        return bucket, key or "KEY"
