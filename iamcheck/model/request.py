"""One question: may this principal do this action on this resource in this context?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from iamcheck.model.context import ContextInput

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """A request to AWS, as IAM sees it.

    Args:
        action: `service:Operation`, without wildcards.
        resource: An ARN, or `*` for an action without resources.
        principal: The ARN of the user, role or session that asks; None: not known.
        context: Known context keys with their values. `{"aws:RequestedRegion": "eu-west-1"}`.
        absent: Keys that are known not to be in the context. Every other key is unknown.
    """

    action: str
    resource: str
    principal: str | None = None
    context: Mapping[str, ContextInput] = field(default_factory=dict)
    absent: Collection[str] = ()
