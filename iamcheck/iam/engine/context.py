"""Shows the context as the simulator sees it: what its caller gave, and typed text in one spelling.

Source: AWS's answers, September 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import ContextValue, KeyType
from iamcheck.iam.model.values import date, numeric

if TYPE_CHECKING:
    from iamcheck.iam.model import Request

__all__ = ["normalised_text", "simulated"]

_LONGEST_PLAIN: Final = 200_000
"""Digits. A policy holds 131,072 characters at most, so a longer number equals no text of one (inferred)."""


def simulated(request: Request) -> Request:
    """The same request with nothing derived from it and with typed values in the simulator's spelling.

    The simulator compares accounts where it is told who calls (inferred: a call without CallerArn was never seen to be
    one across accounts).
    """
    copy = object.__new__(type(request))
    copy.__dict__.update(request.__dict__)
    if not request.caller.text:
        copy.__dict__.update(caller_account="", is_across_accounts=False)
    copy.__dict__["known"] = {key: _normalised(value) for key, value in request.given.items()}
    return copy


def _normalised(value: ContextValue) -> ContextValue:
    if value.type is None or value.type.base not in (KeyType.NUMERIC, KeyType.DATE):
        return value
    base = value.type.base
    return ContextValue(tuple(normalised_text(base, text) for text in value.values), value.type, value.many)


def normalised_text(kind: KeyType, text: str) -> str:
    """What a String operator of the simulator sees of a number (`01.00` is `1.00`) or of a date; other text is kept."""
    if kind is KeyType.NUMERIC:
        number = numeric(text)
        if number is None or abs(number.adjusted()) + len(text) > _LONGEST_PLAIN:
            return text
        # Java's BigDecimal, which the rest of these spellings is that of, has no negative zero (inferred)
        return format(number if number else number.copy_abs(), "f")
    moment = date(text)
    return text if moment is None else _iso(moment) or text


def _iso(milliseconds: int) -> str | None:
    from datetime import datetime, timedelta

    try:
        moment = datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds") + "Z"
