"""Holds the credentials of a role, and gets new ones before they expire or when AWS says that they have expired.

It brings botocore along: it is imported where a role is assumed, and nowhere else.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.credentials import Credentials, ReadOnlyCredentials

from iamcheck.aws.refusals import ACCESS_DENIED, EXPIRED
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["IssuedCredentials", "RoleCredentials"]

_LONGEST_BEFORE: Final = 300.0
"""Seconds before credentials expire that new ones are asked for; half of what is left where that is less."""
_METHOD: Final = "iamcheck-assume-role"
"""None of botocore's own: nothing in a profile says how these were made."""
_KEY_ID: Final = re.compile(r"Credential=([^/,]+)/")
_RENEWED: Final = "iamcheck_renewed"


@dataclass(frozen=True)
class IssuedCredentials:
    """Credentials that STS has issued.

    Args:
        access_key_id: The id of the access key.
        secret_access_key: The secret of the access key.
        session_token: The token of the session.
        expires: Seconds since 1970.
    """

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires: float


class RoleCredentials(Credentials):
    """Credentials of a role that is assumed anew when it is time; safe to share between threads.

    Args:
        assume: Assumes the role, on the thread of the request that needs it.
        clock: Seconds since 1970.

    Raises:
        AwsUnavailableError: The role could not be assumed; later it is raised by the request that needs it.
    """

    def __init__(self, assume: Callable[[], IssuedCredentials], clock: Callable[[], float]) -> None:
        self._assume: Final = assume
        self._clock: Final = clock
        self._lock: Final = threading.Lock()
        self._signed: Final = threading.local()
        # AWS may say of credentials that they have expired though their time is not over: they are had anew once, and
        # not again before AWS has taken some
        self._may_renew = True
        self._take(assume())

    def _take(self, issued: IssuedCredentials) -> None:
        super().__init__(issued.access_key_id, issued.secret_access_key, issued.session_token, method=_METHOD)
        self._expires = issued.expires
        self._renew_at = self._when_to_renew()

    def _when_to_renew(self) -> float:
        now = self._clock()
        return self._expires - min(_LONGEST_BEFORE, (self._expires - now) / 2)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """The credentials to sign a request with; new ones where it is time.

        Raises:
            AwsUnavailableError: The credentials have expired, and the role could not be assumed again.
        """
        with self._lock:
            if self._clock() >= self._renew_at:
                self._renew_in_time()
            return super().get_frozen_credentials()

    def _renew_in_time(self) -> None:
        try:
            self._take(self._assume())
        except AwsUnavailableError:
            if self._clock() >= self._expires:
                raise
            # those that there are still count; the next try is when half of their time is over
            self._renew_at = self._when_to_renew()
        else:
            self._may_renew = True

    def watch(self, events: Any) -> None:  # noqa: ANN401  botocore's emitter of events has no public type
        """Looks at the answers to all requests that are signed with these credentials.

        Args:
            events: The events of their boto3 session, before its clients are made.
        """
        events.register("before-send.*.*", self._note_key)
        events.register_first("needs-retry.*.*", self._renew_expired)

    def _note_key(self, *, request: Any, **_: object) -> None:  # noqa: ANN401  an AWSPreparedRequest, likewise
        header = request.headers.get("Authorization", "")
        match = _KEY_ID.search(header.decode() if isinstance(header, bytes) else header)
        self._signed.key_id = None if match is None else match[1]

    def _renew_expired(
        self,
        *,
        response: tuple[Any, Mapping[str, Any]] | None,
        request_dict: dict[str, Any],
        **_: object,
    ) -> float | None:
        """Handles `needs-retry`: 0 asks again at once, with new credentials."""
        key_id = getattr(self._signed, "key_id", None)
        if response is None or key_id is None:
            return None
        code = (response[1].get("Error") or {}).get("Code")
        context = request_dict["context"]
        if code in EXPIRED and not context.get(_RENEWED):
            context[_RENEWED] = True
            return 0.0 if self._has_others_than(key_id) else None
        if key_id == self.access_key and (response[0].status_code < 300 or code in ACCESS_DENIED):
            self._may_renew = True
        return None

    def _has_others_than(self, key_id: str) -> bool:
        """Whether there are other credentials than those of this key; they are had anew where they may."""
        with self._lock:
            if self.access_key == key_id and self._may_renew:
                self._take(self._assume())
                self._may_renew = False
            return self.access_key != key_id
