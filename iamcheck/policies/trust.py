"""Renders policies of an account and Region alone: an execution role's trust policy, and the exporter's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.policies.rendering import render_packaged, render_trust

if TYPE_CHECKING:
    from iamcheck.results import Json

__all__ = ["generate_execution_role_trust", "generate_exporter", "trust_place"]


def generate_execution_role_trust(*, region: str, account_id: str) -> dict[str, Json]:
    """The trust policy of an execution role: SageMaker alone, for this account and Region alone.

    Args:
        region: Region code.
        account_id: The 12 digits of the account.

    Raises:
        InvalidInputError: There is no such Region, or the account is none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    return render_trust("execution-role-trust", trust_place(region, account_id))


def generate_exporter(*, region: str, account_id: str) -> dict[str, Json]:
    """The policy of whoever runs `iamcheck account export` and `iamcheck organizations export`.

    Args:
        region: Region code, of which the partition counts.
        account_id: The 12 digits of the account.

    Raises:
        InvalidInputError: There is no such Region, or the account is none.
    """
    return render_packaged("exporter", trust_place(region, account_id)).document


def trust_place(region: str, account_id: str) -> dict[str, str]:
    """The variables of a trust template: Region, account and partition.

    Raises:
        InvalidInputError: There is no such Region, or the account is none.
    """
    if len(account_id) != 12 or not account_id.isdecimal():
        raise InvalidInputError(f"{account_id!r} is no account", where="account_id", cure="give its 12 digits")
    return {"region": region, "account_id": account_id, "partition": catalogue.region(region, where="region").partition}
