"""Tells whether the time matters: tries every moment from now on at which a policy's date can change a decision.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (`aws:CurrentTime` and
`aws:EpochTime` are always in the context).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import TYPE_CHECKING, Final

from iamcheck.checks.principal.decide_locally import decide_locally
from iamcheck.errors import UnsupportedElementError
from iamcheck.iam.model import Family
from iamcheck.iam.model.values import date
from iamcheck.iam.request_context import TIME_KEYS, time_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.iam.model import Policy, Request
    from iamcheck.simulators import Simulator

__all__ = ["settled_over_time"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_STEPS: Final = (-1000, -1, 0, 1, 1000)
"""Milliseconds around a date: dates are compared to the millisecond, and epoch time counts seconds."""
_FAR: Final = datetime(9999, 12, 31, tzinfo=timezone.utc)
_MOST_DATES: Final = 200


def settled_over_time(
    requests: Sequence[Request], policies: PrincipalPolicies, local: Simulator, now: datetime
) -> tuple[Request, ...]:
    """The requests; those that get the same decision at every moment from now on have the time.

    A request whose decision changes some day keeps the time unknown, for nobody says when the deployment is made.

    Args:
        requests: What is asked.
        policies: The policies that decide.
        local: The local engine.
        now: The time of the check, with a time zone.
    """
    moments = _moments(policies.all(), now)
    if not moments:
        return tuple(requests)
    decisions = tuple(_with_time(request, now) for request in requests)
    try:
        decided = [
            decide_locally([_with_time(request, moment) for request in requests], policies, local) for moment in moments
        ]
    except UnsupportedElementError:
        # whoever decides under these policies meets the same error, and reports it
        return tuple(requests)
    return tuple(
        timed if {row.evaluation.allowed for row in rows} in ({True}, {False}) else request
        for request, timed, rows in zip(requests, decisions, zip(*decided, strict=True), strict=True)
    )


def _with_time(request: Request, moment: datetime) -> Request:
    """The request at a time; where the user says anything of the time, that counts and the rest stays unknown."""
    if any(not request.is_unknown(key) for key in TIME_KEYS):
        return request
    return replace(request, context={**request.context, **time_context(moment).known})


def _moments(policies: Iterable[Policy], now: datetime) -> tuple[datetime, ...]:
    """Every moment from now on between which no decision changes; none where dates alone do not tell."""
    dates: set[int] = set()
    for policy in policies:
        if any("${" in text and "time" in text.lower() for text in _texts(policy)):
            # perhaps a variable with the time, which is no date to compare
            return ()
        for condition in chain.from_iterable(statement.conditions for statement in policy.statements):
            if condition.key.lower() not in TIME_KEYS or condition.operator.family is Family.NULL:
                continue
            moments = [date(text) for text in condition.values]
            if condition.operator.family not in (Family.DATE, Family.NUMERIC) or None in moments:
                return ()
            dates |= {one for one in moments if one is not None}
    first, last = (int((one - _EPOCH) / timedelta(milliseconds=1)) for one in (now, _FAR))
    if len(dates) > _MOST_DATES or any(moment + _STEPS[-1] > last for moment in dates):
        return ()
    around = {moment + step for moment in dates for step in _STEPS}
    ahead = (_EPOCH + timedelta(milliseconds=moment) for moment in sorted(around) if moment >= first)
    return (now, *ahead, _FAR)


def _texts(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        yield from (*(statement.resources or ()), *(statement.not_resources or ()))
        for condition in statement.conditions:
            yield from condition.values
