"""Names whom to ask about a layer of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OWNERS"]

OWNERS: Final[Mapping[PolicyType, str]] = {
    PolicyType.IDENTITY: "whoever administers the principal",
    PolicyType.BOUNDARY: "whoever administers the account's permissions boundaries",
    PolicyType.SCP: "the organization's administrator",
    PolicyType.RCP: "the organization's administrator",
    PolicyType.RESOURCE: "the resource's owner",
    PolicyType.SESSION: "whoever opens the session",
}
"""Whom to ask about a layer of policies."""
