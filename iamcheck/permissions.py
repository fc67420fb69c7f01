"""What must be allowed for a deployment: never made from the templates, so that simulation proves something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iamcheck.model import Request

__all__ = ["RequiredPermission"]


@dataclass(frozen=True, slots=True)
class RequiredPermission:
    """One request that must be allowed.

    Args:
        request: The request with its known context and the keys known to be absent.
        reason: Why the deployment needs it, one sentence.
        source: The AWS page that says so, a URL.
    """

    request: Request
    reason: str
    source: str
