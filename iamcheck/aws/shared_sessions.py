"""Shares sessions and clients between the rows of a fleet: one session for each profile and account."""

from __future__ import annotations

import os
import time
from contextvars import ContextVar
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.aws.client_pool import ClientPool
from iamcheck.aws.clients import (
    SHARED_RETRIES,
    AwsAnswer,
    endpoint_of,
    make_client,
    make_session,
    profile_of,
    session_of,
)
from iamcheck.aws.kept_answers import KeptAnswers
from iamcheck.aws.limits import Deadline
from iamcheck.aws.patience import Patience
from iamcheck.aws.refusals import ACCESS_DENIED, EXPIRED, INVALID_CREDENTIALS, attempt
from iamcheck.errors import AwsUnavailableError, InvalidInputError, MissingCredentialsError
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import boto3

    from iamcheck.aws.call_budget import CallBudget
    from iamcheck.aws.role_credentials import IssuedCredentials

__all__ = ["SharedSessions"]

_ASSUME: Final = "sts:AssumeRole"
_SESSION_NAME: Final = "iamcheck-fleet"
_OF_THE_REGION: Final = frozenset({"RegionDisabledException", "InvalidClientTokenId"})
"""Codes by which STS may refuse in a Region what it does in another: STS is deactivated there, or the Region itself."""
_NEVER_DEACTIVATED: Final = "us-east-1"
"""Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html"""
_LASTING: Final = ACCESS_DENIED | EXPIRED | INVALID_CREDENTIALS | _OF_THE_REGION | {"ValidationError"}
"""Codes by which STS refuses a role that it would refuse again."""
_ASSUMING: Final[ContextVar[str]] = ContextVar("the account whose role is assumed")
"""A call that assumes a role counts for the account of the role, so that no other account has to do without."""
_MFA_CURE: Final = (
    "take the credentials of a session with MFA, such as aws sts get-session-token --serial-number ARN "
    "--token-code CODE gives"
)


class _RoleKey(NamedTuple):
    """What a role of a fleet is assumed by, and where."""

    profile: str | None
    account_id: str
    partition: str


class SharedSessions:
    """The sessions of a fleet in one process, with their clients; safe to share between threads.

    Args:
        role_name: The role, with its path, that is assumed in the account of a row; None: none is.
        external_id: What the role's trust policy asks for; None: nothing.
        budget: The most calls in an account; None: there is no bound.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        *,
        role_name: str | None = None,
        external_id: str | None = None,
        budget: CallBudget | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._role_name, self._external_id = role_name, external_id
        self._budget, self._clock = budget, clock
        self._patience = Patience(time.monotonic)
        self._bases: dict[str | None, ClientPool] = {}
        self._assumed: dict[_RoleKey, ClientPool] = {}
        self._refused: dict[_RoleKey, AwsUnavailableError] = {}
        self._lock = RLock()

    def clients(self, profile: str | None, account_id: str | None, *, region: str | None, timeout: float) -> ClientPool:
        """The session for a row, and its clients.

        Args:
            profile: A profile of the AWS configuration files.
            account_id: The account of the row.
            region: Region code of the row; None: that of the environment or the profile.
            timeout: Seconds for the call that assumes the role.

        Raises:
            InvalidInputError: The profile does not exist, or a role is to be assumed in an account that is not known.
            AwsUnavailableError: The role could not be assumed.
        """
        with self._lock:
            base = self._base(profile)
            if self._role_name is None:
                return base
            if account_id is None:
                cure = "give account_id in the row"
                raise InvalidInputError("the account of the role is not known", where="--assume-role-name", cure=cure)
            of_row: str | None = region or base.session.region_name
            partition = catalogue.region(of_row).partition if of_row else "aws"
            key = _RoleKey(profile, account_id, partition)
            if key not in self._assumed:
                self._assumed[key] = self._role_clients(key, of_row, base, Deadline.after(timeout, time.monotonic))
            return self._assumed[key]

    def _base(self, profile: str | None) -> ClientPool:
        base = self._bases.get(profile)
        if base is None:
            session = make_session(profile=profile, retries=SHARED_RETRIES)
            _refuse_mfa(session, profile)
            name = f"profile {profile}" if profile else "the credentials"
            # the answers to the base alone are kept where it answers for rows, and does not assume their roles
            base = self._watched(session, lambda: _ASSUMING.get(name), keeps=self._role_name is None)
            self._bases[profile] = base
        return base

    def _role_clients(self, key: _RoleKey, region: str | None, base: ClientPool, deadline: Deadline) -> ClientPool:
        from iamcheck.aws.role_credentials import RoleCredentials  # it brings botocore along

        def assume() -> IssuedCredentials:
            return self._assume(key, region, base)

        credentials = deadline.within(lambda: RoleCredentials(assume, self._clock), _ASSUME, None)
        session = session_of(credentials, profile=key.profile, retries=SHARED_RETRIES)
        credentials.watch(session.events)
        return self._watched(session, lambda: _label(key))

    def _watched(self, session: boto3.Session, account: Callable[[], str], *, keeps: bool = True) -> ClientPool:
        def watch(events: Any) -> None:  # noqa: ANN401  botocore's emitter of events has no public type
            if keeps:
                KeptAnswers().watch(events)
            self._patience.watch(events, account)
            if self._budget is not None:
                self._budget.watch(events, account)

        watch(session.events)
        return ClientPool(session, watch_session=watch)

    def _assume(self, key: _RoleKey, region: str | None, base: ClientPool) -> IssuedCredentials:
        """Assumes a role; what AWS has refused it is not asked again.

        Raises:
            AwsUnavailableError: It could not be assumed.
        """
        refused = self._refused.get(key)
        if refused is not None:
            raise _same(refused)
        try:
            return self._assume_somewhere(key, region, base)
        except MissingCredentialsError:
            raise
        except AwsUnavailableError as error:
            if error.code in _LASTING:
                self._refused[key] = error
            raise

    def _assume_somewhere(self, key: _RoleKey, region: str | None, base: ClientPool) -> IssuedCredentials:
        arn = f"arn:{key.partition}:iam::{key.account_id}:role/{self._role_name}"
        more = {} if self._external_id is None else {"ExternalId": self._external_id}
        errors: list[AwsUnavailableError] = []
        for name in _sts_regions(base.session.region_name, region, key.partition):
            sts = base.once(("sts", name, key), partial(make_client, base.session, "sts", region=name))
            try:
                answer = _ask(sts, key, {"RoleArn": arn, "RoleSessionName": _SESSION_NAME, **more})
                return self._issued(key, answer)
            except AwsUnavailableError as error:
                errors.append(error)
                if error.code not in _OF_THE_REGION:
                    break
        first = errors[0]
        if first.code != "AccessDenied":
            raise first
        cure = (
            f"let {arn} trust the caller, with --external-id where its trust policy has one; for a role that asks for "
            f"MFA, {_MFA_CURE}"
        )
        raise AwsUnavailableError(
            f"{first.reason} ({cure})", operation=_ASSUME, endpoint=first.endpoint, code=first.code
        ) from None

    def _issued(self, key: _RoleKey, answer: AwsAnswer) -> IssuedCredentials:
        try:
            return self._read(answer)
        except AwsUnavailableError as error:
            # a role whose credentials cannot be used is not assumed again for each row
            self._refused[key] = error
            raise

    def _read(self, answer: AwsAnswer) -> IssuedCredentials:
        from iamcheck.aws.role_credentials import IssuedCredentials  # likewise

        credentials = answer.part("Credentials")
        if credentials is None:
            raise answer.unusable("it has no credentials")
        expiration: Any = credentials.data.get("Expiration")
        moment = getattr(expiration, "timestamp", None)
        if moment is None:
            raise answer.unusable("Expiration is no time")
        if moment() <= self._clock():
            raise answer.unusable(f"its credentials expired at {expiration}: compare the clock of this machine")
        return IssuedCredentials(
            credentials.text("AccessKeyId"),
            credentials.text("SecretAccessKey"),
            credentials.text("SessionToken"),
            float(moment()),
        )


def _label(key: _RoleKey) -> str:
    """What the calls for a role count for."""
    return f"account {key.account_id}"


def _ask(sts: Any, key: _RoleKey, parameters: Mapping[str, str]) -> AwsAnswer:  # noqa: ANN401  boto3 makes its clients' classes at run time
    """AssumeRole, on the thread of the request that needs the credentials: that has its deadline and its turn."""
    endpoint = endpoint_of(sts)
    token = _ASSUMING.set(_label(key))
    try:
        return AwsAnswer(_ASSUME, endpoint, attempt(lambda: sts.assume_role(**parameters), _ASSUME, endpoint))
    finally:
        _ASSUMING.reset(token)


def _sts_regions(of_session: str | None, of_row: str | None, partition: str) -> Iterator[str | None]:
    """The Regions whose STS may issue the credentials, which are good in all Regions of the partition.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html
    """
    names = catalogue.partition(partition).regions
    wanted = (of_session, of_row, _NEVER_DEACTIVATED)
    inside: list[str | None] = [name for name in dict.fromkeys(wanted) if name in names]
    yield from inside or [None]


def _refuse_mfa(session: boto3.Session, profile: str | None) -> None:
    """Refuses a profile whose role asks for an MFA code: a fleet has nobody at a terminal, let alone in each process.

    Raises:
        AwsUnavailableError: The profile, or one that it takes its credentials from, has `mfa_serial`.
    """
    if profile is None and "AWS_ACCESS_KEY_ID" in os.environ:
        # botocore's order: the keys of the environment come first, unless a profile was asked for
        return
    name: str | None = session.profile_name
    seen: set[str] = set()
    while name is not None and name not in seen and "role_arn" in (settings := profile_of(session, name)):
        seen.add(name)
        if "mfa_serial" in settings:
            raise AwsUnavailableError(
                f"the role of the profile {name} asks for MFA ({_MFA_CURE}, or aws configure export-credentials "
                f"--profile {profile or name})",
                operation=_ASSUME,
            )
        name = settings.get("source_profile")


def _same(error: AwsUnavailableError) -> AwsUnavailableError:
    return AwsUnavailableError(error.reason, operation=error.operation, endpoint=error.endpoint, code=error.code)
