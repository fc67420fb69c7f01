"""Splits Amazon Resource Names (ARNs) into their parts.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from typing import NamedTuple

from iamcheck.errors import InvalidInputError

__all__ = ["Arn"]


class Arn(NamedTuple):
    """An ARN in its six parts; `resource` is everything after the fifth colon."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str, *, where: str = "") -> Arn:
        """Splits an ARN.

        Args:
            text: The ARN.
            where: The flag or JSON path that it came from, for the error.

        Raises:
            InvalidInputError: `text` has fewer than six colon-separated parts, or an empty last one.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
            raise InvalidInputError(
                f"{text!r} is not an ARN", where=where, cure="an ARN is arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"
            )
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"
