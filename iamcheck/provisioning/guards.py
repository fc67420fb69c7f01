"""Runs a pre-flight before every `create_endpoint` of a session's clients, by botocore's events.

Source of the events: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final, Literal, cast

from iamcheck.api import check_parsed
from iamcheck.aws.clients import is_session
from iamcheck.aws.defaults import TIMEOUT
from iamcheck.aws.session import Access
from iamcheck.checks.keywords import CheckKeywords, require_known
from iamcheck.checks.options import parse_options
from iamcheck.checks.report import PreflightFailed, PreflightUnknown
from iamcheck.deployment.requests import requests_of
from iamcheck.deployment.resolving import draft_of
from iamcheck.errors import InvalidInputError, keywords_in_errors
from iamcheck.results import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    import boto3
    from botocore.hooks import BaseEventHooks
    from botocore.signers import RequestSigner
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient
    from typing_extensions import Unpack

    from iamcheck.checks.options import CheckOptions
    from iamcheck.checks.report import Report

__all__ = ["Guard", "guard"]

_OPERATION: Final = "sagemaker.CreateEndpoint"
_KEY: Final = "iamcheck_request"
REMEMBERED: Final = 60.0
"""Seconds for which a request that was let through is not asked about again: a script repeats it on a stale read."""


class Guard:
    """Stands before `create_endpoint` until it is removed; a context manager, made by `guard`.

    Attributes:
        report: That of the last pre-flight; None before the first.
    """

    def __init__(
        self,
        events: BaseEventHooks,
        options: CheckOptions,
        access: Callable[[str], Access | None],
        *,
        account_id: str | None,
        session: boto3.Session | None,
        unknown: Literal["raise", "allow"],
        clock: Callable[[], float],
    ) -> None:
        self.report: Report | None = None
        self._events = events
        self._options = options
        self._access = access
        self._account_id = account_id
        self._session = session
        self._unknown = unknown
        self._clock = clock
        self._is_on = True
        self._passed: dict[str, float] = {}
        # last, so that what other handlers change is in the request that is looked at
        events.register_last(f"before-parameter-build.{_OPERATION}", self._note)
        # the request has its final form by then, and boto3 has refused what it cannot send
        events.register(f"before-call.{_OPERATION}", self._stand)

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Lets every call go through again; the second time does nothing."""
        # clients have copies of their session's handlers, and nobody knows all clients
        if self._is_on:
            self._is_on = False
            self._events.unregister(f"before-parameter-build.{_OPERATION}", self._note)
            self._events.unregister(f"before-call.{_OPERATION}", self._stand)

    def _note(self, *, params: Mapping[str, object], context: dict[str, object], **_: object) -> None:
        context[_KEY] = dict(params)

    def _stand(self, *, request_signer: RequestSigner, context: Mapping[str, object], **_: object) -> None:
        """Returns where the call may be made."""
        if not self._is_on:
            return
        request, region = cast("Mapping[str, object]", context[_KEY]), str(context["client_region"])
        signs_with = _access_key_id(request_signer)
        fingerprint = json.dumps([region, signs_with, request], sort_keys=True, default=str)
        if fingerprint in self._passed and self._clock() - self._passed[fingerprint] < REMEMBERED:
            return
        if self._session is not None and self._options.principal is None:
            _require_same(signs_with, self._session)
        self.report = self._preflight(request, region)
        if self.report.verdict is Verdict.FAIL:
            raise PreflightFailed(self.report)
        if self.report.verdict is Verdict.UNKNOWN and self._unknown == "raise":
            raise PreflightUnknown(self.report)
        self._passed[fingerprint] = self._clock()

    def _preflight(self, request: Mapping[str, object], region: str) -> Report:
        draft = draft_of(requests_of(request))
        access = self._access(region)
        with keywords_in_errors():
            reports = check_parsed([draft], self._options, access, region=region, account_id=self._account_id)
        return reports.reports[0]


def guard(
    target: boto3.Session | SageMakerClient,
    *,
    unknown: Literal["raise", "allow"] = "raise",
    session: boto3.Session | None = None,
    iam: object | None = None,
    sts: STSClient | None = None,
    account_id: str | None = None,
    offline: bool = False,
    timeout: float = TIMEOUT,
    clock: Callable[[], float] = time.monotonic,
    **check_arguments: Unpack[CheckKeywords],
) -> Guard:
    """Runs the pre-flight before `create_endpoint`, with the real request, and raises in place of a call that fails it.

    It holds for the clients that are made from the session after this, for botocore gives each client a copy of the
    session's handlers, or for the one client that is given; not for clients that were made before. No other operation
    is looked at. A request that was let through is let through again for a minute.

        with iamcheck.guard(session):
            session.client("sagemaker").create_endpoint(EndpointName="churn", EndpointConfigName="churn-v7")

    In place of the call the client raises PreflightFailed where a check fails, PreflightUnknown where the verdict is
    unknown, and InvalidInputError where the request cannot be judged or is signed with other credentials than the
    session's and no `principal` is given: a pre-flight with the session would say nothing of it.

    Args:
        target: A boto3 session, or a boto3 client for SageMaker: then `session` is needed, unless `offline`.
        unknown: `raise`, or `allow` to let a call through that nobody knows to be allowed.
        session: Where the pre-flight's own clients come from; None: `target`.
        iam: As for `iamcheck.check`.
        sts: As for `iamcheck.check`.
        account_id: The 12 digits of the account; None: that of the credentials.
        offline: As for `iamcheck.check`; `account_id` is needed then.
        timeout: Seconds for each pre-flight.
        clock: Seconds that never run backwards.
        check_arguments: More arguments of `iamcheck.check`: `principal`, `policies`, `skip`, ...

    Returns:
        The guard: a context manager, with `remove()`.

    Raises:
        InvalidInputError: An argument cannot be used.
    """
    if unknown not in ("raise", "allow"):
        raise InvalidInputError(f"{unknown!r} is neither", where="unknown", cure="raise or allow")
    if offline and account_id is None:
        raise InvalidInputError("no account", where="account_id", cure="offline needs one")
    made = target if is_session(target) else None
    events = getattr(getattr(target, "meta", None), "events", None) if made is None else made.events
    if events is None:
        raise InvalidInputError(
            f"{type(target).__name__} has no events", where="target", cure="give a session or a client of boto3's"
        )
    own_session = session or made
    if own_session is None and not offline:
        raise InvalidInputError(
            "a client does not tell its session", where="session", cure="give the session that made the client"
        )

    with keywords_in_errors():
        require_known(check_arguments, CheckKeywords)
        options = parse_options(check_arguments)

    def access(region: str) -> Access | None:
        return None if offline else Access(session=own_session, region=region, iam=iam, sts=sts, timeout=timeout)

    return Guard(
        events,
        options,
        access,
        account_id=account_id,
        session=None if offline else own_session,
        unknown=unknown,
        clock=clock,
    )


def _access_key_id(signer: RequestSigner) -> str | None:
    credentials = getattr(signer.get_auth_instance(signer.signing_name, signer.region_name), "credentials", None)
    return None if credentials is None else str(credentials.access_key)


def _require_same(access_key_id: str | None, session: boto3.Session) -> None:
    credentials = session.get_credentials()
    session_key = None if credentials is None else credentials.get_frozen_credentials().access_key
    if access_key_id != session_key:
        raise InvalidInputError(
            "the client signs with other credentials than the session, whose pre-flight would say nothing of it",
            where="iamcheck.guard",
            cure="make the client from a session with its credentials, and guard that",
        )
