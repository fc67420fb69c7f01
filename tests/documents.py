"""Policy documents as every test writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iamcheck.iam.model import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["allow", "deny", "document", "parsed"]


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def parsed(*statements: Mapping[str, Any], name: str = "") -> Policy:
    """The policy that such a document is."""
    return Policy.parse(document(*statements), name=name)


def allow(action: object = "*", resource: object = "*", **more: object) -> dict[str, Any]:
    """A statement that allows, everything where nothing else is said."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object = "*", resource: object = "*", **more: object) -> dict[str, Any]:
    """A statement that denies, likewise."""
    return {**allow(action, resource, **more), "Effect": "Deny"}
