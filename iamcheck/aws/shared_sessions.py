"""Shares sessions between the rows of a fleet: one for each profile and account, with one bound on its calls."""

from __future__ import annotations

import time
from threading import RLock
from typing import TYPE_CHECKING, Final

from iamcheck.aws.clients import call, make_client, make_session, temporary_session
from iamcheck.aws.limits import Deadline
from iamcheck.errors import AwsUnavailableError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3

    from iamcheck.aws.clients import AwsAnswer

__all__ = ["SharedSessions"]

_ASSUME: Final = "sts:AssumeRole"
_EARLY: Final = 300
"""Seconds before its credentials expire that a role is assumed anew."""
_SESSION_NAME: Final = "iamcheck-fleet"


class SharedSessions:
    """The sessions of a fleet in one process; safe to share between threads.

    Args:
        role_name: The role, with its path, that is assumed in the account of a row; None: none is.
        external_id: What the role's trust policy asks for; None: nothing.
        max_calls: Calls to AWS in an account, retries included; None: no bound.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        *,
        role_name: str | None = None,
        external_id: str | None = None,
        max_calls: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._role_name, self._external_id = role_name, external_id
        self._max_calls, self._clock = max_calls, clock
        self._sessions: dict[str | None, boto3.Session] = {}
        self._assumed: dict[tuple[str | None, str], tuple[boto3.Session, float]] = {}
        self._calls: dict[str, int] = {}
        self._lock = RLock()

    def session(
        self, profile: str | None, account_id: str | None, *, region: str | None, partition: str, timeout: float
    ) -> boto3.Session:
        """The session for a row.

        Args:
            profile: A profile of the AWS configuration files.
            account_id: The account of the row.
            region: Region code of the row, where STS is asked; None: that of the environment or the profile.
            partition: The partition of the Region.
            timeout: Seconds for the call that assumes the role.

        Raises:
            InvalidInputError: The profile does not exist, or a role is to be assumed in an account that is not known.
            AwsUnavailableError: The role could not be assumed.
        """
        with self._lock:
            base = self._sessions.get(profile)
            if base is None:
                base = self._sessions[profile] = make_session(profile=profile)
                self._bound(base, f"profile {profile}" if profile else "the credentials")
            if self._role_name is None:
                return base
            if account_id is None:
                cure = "give account_id in the row"
                raise InvalidInputError("the account of the role is not known", where="--assume-role-name", cure=cure)
            known = self._assumed.get((profile, account_id))
            if known is not None and known[1] - self._clock() > _EARLY:
                return known[0]
            arn = f"arn:{partition}:iam::{account_id}:role/{self._role_name}"
            made = self._assume(base, arn, region, timeout)
            self._bound(made[0], f"account {account_id}")
            self._assumed[profile, account_id] = made
            return made[0]

    def _assume(self, base: boto3.Session, arn: str, region: str | None, timeout: float) -> tuple[boto3.Session, float]:
        deadline = Deadline.after(timeout, time.monotonic)
        sts = make_client(base, "sts", region=region or base.region_name, deadline=deadline)
        more = {} if self._external_id is None else {"ExternalId": self._external_id}
        try:
            answer = call(sts, _ASSUME, deadline, RoleArn=arn, RoleSessionName=_SESSION_NAME, **more)
        except AwsUnavailableError as error:
            if error.code != "AccessDenied":
                raise
            cure = (
                f"let {arn} trust the caller, with --external-id where its trust policy has one; a role that asks for "
                "MFA takes the credentials of a session with MFA, such as aws sts get-session-token --token-code gives"
            )
            raise AwsUnavailableError(
                f"{error.reason} ({cure})", operation=_ASSUME, endpoint=error.endpoint, code=error.code
            ) from None
        return _temporary(answer)

    def _bound(self, session: boto3.Session, account: str) -> None:
        """Counts the calls of a session, and holds back those beyond the bound."""
        most = self._max_calls
        if most is None:
            return

        def count(**_: object) -> None:
            with self._lock:
                used = self._calls.get(account, 0)
                if used >= most:
                    raise AwsUnavailableError(
                        f"not asked: {most:,} calls were made with {account} (--max-calls)", operation="any"
                    )
                self._calls[account] = used + 1

        session.events.register("before-send.*.*", count)


def _temporary(answer: AwsAnswer) -> tuple[boto3.Session, float]:
    """The session of temporary credentials, and when they expire, in seconds since 1970."""
    credentials = answer.part("Credentials")
    if credentials is None:
        raise answer.unusable("it has no credentials")
    expires = credentials.data.get("Expiration")
    moment = getattr(expires, "timestamp", None)
    if moment is None:
        raise answer.unusable("Expiration is no time")
    session = temporary_session(
        credentials.text("AccessKeyId"), credentials.text("SecretAccessKey"), credentials.text("SessionToken")
    )
    return session, float(moment())
