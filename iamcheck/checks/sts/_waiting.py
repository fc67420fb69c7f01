"""Waits until STS has been activated, or a Region enabled: asks again about the Regions that may yet change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from iamcheck.checks.sts._regions import StsReport
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.checks.sts._regions import RegionResult

__all__ = ["wait_for_regions"]

SHORTEST: Final = 2.0
LONGEST: Final = 30.0
"""Seconds of the longest pause: an activation shows within minutes, a new account's may take hours."""


def wait_for_regions(
    ask: Callable[[Sequence[str]], StsReport],
    regions: Sequence[str],
    *,
    seconds: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    on_wait: Callable[[Sequence[RegionResult], float], None] | None = None,
) -> StsReport:
    """Asks, and asks again about the Regions whose state may change, until none is left or the time is over.

    What may change is a Region where STS is deactivated, or that is not enabled, or being enabled; a denied call or bad
    credentials do not get better by waiting. The pauses double, up to half a minute; the last question is asked when
    the time is over.

    Args:
        ask: Gives the report for Regions, in their order.
        regions: Codes of the Regions.
        seconds: How long to wait at most, from the first answer on.
        clock: Seconds that only grow.
        sleep: Waits so many seconds.
        on_wait: Called before each pause with the Regions that are waited for, and the seconds of the pause.

    Raises:
        InvalidInputError: `seconds` is no time to wait.
    """
    if not math.isfinite(seconds) or seconds < 0:
        raise InvalidInputError(f"{seconds!r} is no time to wait", where="--wait", cure="give seconds")
    results = {result.region: result for result in ask(regions).regions}
    ends, pause = clock() + seconds, SHORTEST
    while True:
        waited_for = [result for result in results.values() if result.may_change]
        left = ends - clock()
        if not waited_for or left <= 0:
            return StsReport(tuple(results.values()))
        rest = min(pause, left)
        if on_wait is not None:
            on_wait(waited_for, rest)
        sleep(rest)
        results |= {result.region: result for result in ask([region.region for region in waited_for]).regions}
        pause = min(pause * 2, LONGEST)
