"""Shares retries between the rows of a fleet: a service that refuses or does not answer is left alone for a while."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.aws.asked_service import asked_service
from iamcheck.aws.limits import current_deadline
from iamcheck.aws.refusals import THROTTLED
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.aws.asked_service import AskedService
    from iamcheck.aws.limits import Deadline

__all__ = ["MOST_REFUSALS", "Patience"]

MOST_REFUSALS: Final = 12
"""Tries in a row that a service may refuse (throttling, errors of its own) before it is left alone."""
_SILENCE: Final = 6
"""Refusals that a try counts for which had no answer: it costs a row many seconds."""
_NO_ANSWER: Final = "no answer"
_FIRST_PAUSE: Final = 20.0
_LONGEST_PAUSE: Final = 320.0
"""Seconds that a service is left alone; each time twice as long as the time before."""
_SHORTEST_SILENCE: Final = 3.0
"""Seconds that a call waited, after which its row's end tells something about the service."""


class _ServiceKey(NamedTuple):
    account: str
    service: AskedService


@dataclass
class _ServiceState:
    """What the latest tries say of a service.

    Args:
        refusals: Tries in a row that were not answered.
        reason: Why the latest was not.
        open_at: From when on it is asked again.
        pause: Seconds that it is left alone next time.
    """

    refusals: int = 0
    reason: str = ""
    open_at: float = 0.0
    pause: float = _FIRST_PAUSE


class _OpenCall(NamedTuple):
    """A call that is not answered yet."""

    key: _ServiceKey
    since: float
    deadline: Deadline | None
    context: dict[str, Any]


class Patience:
    """What the rows of a process know of the services that they ask; safe to share between threads.

    Args:
        clock: Seconds that never run backwards, the clock of the deadlines.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock: Final = clock
        self._states: dict[_ServiceKey, _ServiceState] = {}
        self._waiting: dict[int, _OpenCall] = {}
        self._lock: Final = Lock()

    def watch(self, events: Any, account: Callable[[], str]) -> None:  # noqa: ANN401  botocore's emitter of events has no public type
        """Judges the tries of all clients that have these events, and holds back calls to services that do not answer.

        Args:
            events: The events of a boto3 session, before its clients are made. What answers a call without asking
                (`KeptAnswers`) watches them already.
            account: Says what a call counts for, such as `account 123456789012`.
        """

        def begin(*, model: Any, context: dict[str, Any], **_: object) -> None:  # noqa: ANN401  likewise
            self._begin(_ServiceKey(account(), asked_service(model, context)), context)

        events.register("before-call.*.*", begin)
        events.register_first("needs-retry.*.*", self._judge)
        events.register("after-call.*.*", self._end)
        events.register("after-call-error.*.*", self._end)

    def _begin(self, key: _ServiceKey, context: dict[str, Any]) -> None:
        """Notes a call that begins.

        Raises:
            AwsUnavailableError: The service is left alone.
        """
        now = self._clock()
        with self._lock:
            self._count_abandoned(now)
            state = self._states.get(key)
            if state is not None and now < state.open_at:
                raise AwsUnavailableError(
                    f"not asked: it refused or did not answer again and again ({state.reason}), and is left alone for "
                    "a while",
                    operation="*",
                )
            self._waiting[id(context)] = _OpenCall(key, now, current_deadline(), context)

    def _count_abandoned(self, now: float) -> None:
        """Counts calls whose row has ended without them: their threads still wait."""
        for name, waiting in list(self._waiting.items()):
            deadline = waiting.deadline
            if deadline is not None and deadline.at <= now:
                del self._waiting[name]
                if deadline.at - waiting.since >= min(_SHORTEST_SILENCE, deadline.seconds / 2):
                    self._refused(waiting.key, _SILENCE, _NO_ANSWER, now)

    def _judge(
        self,
        *,
        response: tuple[Any, Mapping[str, Any]] | None,
        caught_exception: Exception | None,
        request_dict: Mapping[str, Any],
        **_: object,
    ) -> bool | None:
        """Handles `needs-retry`: False ends the retries, None leaves it to botocore's own handler."""
        with self._lock:
            waiting = self._waiting.get(id(request_dict["context"]))
            if waiting is None:
                # its row has ended
                return False
            if response is None and isinstance(caught_exception, AwsUnavailableError):
                # held back on this side
                return None
            reason = _NO_ANSWER if response is None else _refusal(response)
            if reason is None:
                self._states.pop(waiting.key, None)
                return None
            state = self._refused(waiting.key, _SILENCE if reason == _NO_ANSWER else 1, reason, self._clock())
            return False if state.refusals >= MOST_REFUSALS else None

    def _refused(self, key: _ServiceKey, weight: int, reason: str, now: float) -> _ServiceState:
        state = self._states.setdefault(key, _ServiceState())
        state.refusals += weight
        state.reason = reason
        if state.refusals >= MOST_REFUSALS and now >= state.open_at:
            state.open_at = now + state.pause
            state.pause = min(2 * state.pause, _LONGEST_PAUSE)
        return state

    def _end(self, *, context: dict[str, Any], **_: object) -> None:
        with self._lock:
            self._waiting.pop(id(context), None)


def _refusal(response: tuple[Any, Mapping[str, Any]]) -> str | None:
    """The code by which a service refuses whatever it is asked; None: it answered."""
    http, parsed = response
    code = str((parsed.get("Error") or {}).get("Code") or http.status_code)
    return code if http.status_code in (429, *range(500, 600)) or code in THROTTLED else None
