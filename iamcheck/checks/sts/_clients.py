"""Makes clients of STS that ask the Region they are made for, and no other host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from urllib.parse import urlsplit

from iamcheck.aws.client_pool import ClientPool
from iamcheck.aws.clients import endpoint_of
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import boto3

    from iamcheck.aws.clients import Deadline
    from iamcheck.iam.catalogue import Region

_Made = TypeVar("_Made")

GLOBAL_HOST = "sts.amazonaws.com"
"""Served near the caller, whatever the Region: it proves nothing about one."""


_CHAIN_OPERATIONS: Final = ("AssumeRole", "AssumeRoleWithWebIdentity")
"""Operations of STS by which the credential chain gets credentials."""


@dataclass
class SentRequests:
    """What a client has sent and what was answered; the calls by which the chain gets credentials are not among it.

    Args:
        count: How many requests and answers.
    """

    count: int = 0


@dataclass(frozen=True)
class StsClient:
    """A client for one call.

    Args:
        client: The boto3 client.
        sent: What it sends; None where nobody notes it.
        sent_before: What it had sent, and was answered, before this call.
    """

    client: Any
    sent: SentRequests | None = None
    sent_before: int = 0

    def failed_before(self, operation: str, error: AwsUnavailableError) -> bool:
        """Whether the chain's own call failed, so that `operation` was not asked at all."""
        within = getattr(error.__cause__, "operation_name", None)
        if not isinstance(within, str):
            return False
        is_unsent = self.sent is not None and self.sent.count == self.sent_before
        return f"sts:{within}" != operation or (within in _CHAIN_OPERATIONS and is_unsent)


class Clients(Protocol):
    """Makes clients of STS."""

    @property
    def region_name(self) -> str | None:
        """The Region in which the credential chain makes calls of its own."""
        ...

    def sts(self, region: Region) -> StsClient:
        """A client that asks this Region; AwsUnavailableError where there is none."""
        ...


def is_regional(url: str, region: Region) -> bool:
    """True for AWS's own regional endpoint of STS: plain, FIPS or dual stack.

    Source: https://docs.aws.amazon.com/general/latest/gr/sts.html
    """
    host = urlsplit(url).hostname or ""
    suffixes = (catalogue.partition(region.partition).dns_suffix, "api.aws", "api.amazonwebservices.com.cn")
    return any(host in (f"sts.{region.name}.{suffix}", f"sts-fips.{region.name}.{suffix}") for suffix in suffixes)


def require_may_serve(url: str | None, region: Region) -> None:
    """Returns where this endpoint can be the Region's: AWS's own, or a configured one that names no other Region.

    Raises:
        AwsUnavailableError: It is the global endpoint, or another Region's (such as another Region's VPC endpoint).
    """
    host = urlsplit(url or "").hostname or ""
    named = set(re.split(r"[.]", host)) & {row.name for row in catalogue.regions()}
    if host == GLOBAL_HOST or (named and region.name not in named):
        whose = "the global endpoint" if host == GLOBAL_HOST else f"the endpoint of {', '.join(sorted(named))}"
        raise AwsUnavailableError(
            f"not asked: the configured endpoint is {whose}, which says nothing about {region.name}",
            operation="sts:*",
            endpoint=url,
        )


@dataclass(frozen=True)
class SessionClients:
    """Clients of a session, pinned to the regional endpoints.

    Args:
        session: Whose credentials sign.
        deadline: When the run must have ended.
        pool: Where the clients of the session are kept; None: each is made anew.
    """

    session: boto3.Session
    deadline: Deadline | None = None
    pool: ClientPool | None = field(default=None, repr=False)

    @property
    def region_name(self) -> str | None:
        """The session's Region."""
        return self.session.region_name

    def sts(self, region: Region) -> StsClient:
        """A client at the Region's endpoint; a configured one (`AWS_ENDPOINT_URL_STS`) is honoured.

        Raises:
            AwsUnavailableError: The configured endpoint is another Region's.
        """
        client, sent = self._once(("sts of the Region alone", region.name), lambda: self._pinned(region))
        return StsClient(client, sent, sent.count)

    def _pinned(self, region: Region) -> tuple[Any, SentRequests]:
        client = self._make("sts", region.name)
        if urlsplit(endpoint_of(client) or "").hostname == GLOBAL_HOST:
            # AWS_STS_REGIONAL_ENDPOINTS=legacy sends 15 Regions there, whose setting it does not look at
            client = self._make("sts", region.name, _regional_url(region))
        require_may_serve(endpoint_of(client), region)
        return client, _hold_to_host(client)

    def of_source(self, make: Callable[[], boto3.Session | None]) -> SessionClients | None:
        """Clients of the session whose credentials the role of this one was assumed with; None: there is none.

        Args:
            make: Makes the session; called once for a session whose clients are kept.
        """
        if self.pool is None:
            source = make()
            return None if source is None else SessionClients(source, self.deadline)
        pool = self.pool
        kept = pool.once("source", lambda: None if (source := make()) is None else pool.over(source))
        return None if kept is None else SessionClients(kept.session, self.deadline, kept)

    def account(self) -> Any:  # noqa: ANN401  boto3 makes its clients' classes at run time
        """A client of the Account Management API, which has one host in partition `aws`."""
        return self._once("account", lambda: self._make("account", "us-east-1"))

    def _once(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        return make() if self.pool is None else self.pool.once(key, make)

    def _make(self, service: str, region: str, endpoint_url: str | None = None) -> Any:  # noqa: ANN401  likewise
        pool = self.pool or ClientPool(self.session)
        return pool.make(service, region, self.deadline, endpoint_url)


@dataclass(frozen=True)
class GivenClient:
    """A client that the caller of the library made."""

    client: Any

    @property
    def region_name(self) -> str | None:
        """The client's Region."""
        name: str = self.client.meta.region_name
        return name

    def sts(self, region: Region) -> StsClient:
        """The client itself, where it asks this Region; AwsUnavailableError where it does not."""
        if self.region_name != region.name:
            raise AwsUnavailableError(
                f"not asked: the STS client that was passed in is for {self.region_name}, not for {region.name}",
                operation="sts:*",
                endpoint=endpoint_of(self.client),
            )
        require_may_serve(endpoint_of(self.client), region)
        return StsClient(self.client)


def _regional_url(region: Region) -> str:
    return f"https://sts.{region.name}.{catalogue.partition(region.partition).dns_suffix}"


def _hold_to_host(client: Any) -> SentRequests:  # noqa: ANN401  likewise
    """Lets no request leave for another host than the client's, and notes each that leaves."""
    expected = urlsplit(client.meta.endpoint_url).netloc
    sent = SentRequests()

    def check(request: Any, **_: object) -> None:  # noqa: ANN401  an AWSPreparedRequest, not imported at run time
        host = urlsplit(request.url).netloc
        if host != expected:
            raise AwsUnavailableError(f"the request would have gone to {host}, not to {expected}", operation="sts:*")
        sent.count += 1

    def note(**_: object) -> None:
        # an answer that was kept comes without a request
        sent.count += 1

    client.meta.events.register("before-send.sts", check)
    client.meta.events.register("after-call.sts", note)
    return sent
