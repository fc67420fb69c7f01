"""What a request says of a condition key, as tests compare it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.request_context import ContextFacts, settle

if TYPE_CHECKING:
    from iamcheck.iam.model import Request

UNKNOWN, ABSENT = "unknown", "absent"


def state(request: Request, key: str) -> object:
    """`UNKNOWN`, `ABSENT`, or the value: a list for a key that has several."""
    settled = settle(request, ContextFacts(), [key])
    if settled.is_unknown(key.lower()):
        return UNKNOWN
    known = settled.known.get(key.lower())
    return ABSENT if known is None else list(known.values) if known.many else known.values[0]
