"""Makes clients of STS that ask the Region they are made for, and no other host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from iamcheck.aws.clients import endpoint_of, make_client
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    import boto3

    from iamcheck.aws.clients import Deadline
    from iamcheck.iam.catalogue import Region

GLOBAL_HOST = "sts.amazonaws.com"
"""Served near the caller, whatever the Region: it proves nothing about one."""


@dataclass(frozen=True)
class StsClient:
    """A client for one call.

    Args:
        client: The boto3 client.
        sent: The hosts that its own requests went to, as they go; None where nobody notes it. The calls by which the
            credential chain gets credentials are not among them.
    """

    client: Any
    sent: Sequence[str] | None = None

    def failed_before(self, operation: str, error: AwsUnavailableError) -> bool:
        """Whether the chain's own call failed, so that `operation` was not asked at all."""
        within = getattr(error.__cause__, "operation_name", None)
        return isinstance(within, str) and (f"sts:{within}" != operation or self.sent == [])


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
    named = set(re.split(r"[.]", host)) & {one.name for one in catalogue.regions()}
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
    """

    session: boto3.Session
    deadline: Deadline | None = None
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    @property
    def region_name(self) -> str | None:
        """The session's Region."""
        return self.session.region_name

    def sts(self, region: Region) -> StsClient:
        """A client at the Region's endpoint; a configured one (`AWS_ENDPOINT_URL_STS`) is honoured.

        Raises:
            AwsUnavailableError: The configured endpoint is another Region's.
        """
        client = self._make("sts", region.name)
        if urlsplit(endpoint_of(client) or "").hostname == GLOBAL_HOST:
            # AWS_STS_REGIONAL_ENDPOINTS=legacy sends 15 Regions there, whose setting it does not look at
            client = self._make("sts", region.name, _regional_url(region))
        require_may_serve(endpoint_of(client), region)
        return StsClient(client, _hold_to_host(client))

    def account(self) -> Any:  # noqa: ANN401  boto3 makes its clients' classes at run time
        """A client of the Account Management API, which has one host in partition `aws`."""
        return self._make("account", "us-east-1")

    def _make(self, service: str, region: str, endpoint_url: str | None = None) -> Any:  # noqa: ANN401  likewise
        with self._lock:  # making clients is not safe between threads, using them is (boto3's guide, "Multithreading")
            return make_client(self.session, service, region=region, endpoint_url=endpoint_url, deadline=self.deadline)


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


def _hold_to_host(client: Any) -> Sequence[str]:  # noqa: ANN401  likewise
    """Lets no request leave for another host than the client's, and notes each that leaves."""
    expected = urlsplit(client.meta.endpoint_url).netloc
    sent: list[str] = []

    def check(request: Any, **_: object) -> None:  # noqa: ANN401  an AWSPreparedRequest, not imported at run time
        host = urlsplit(request.url).netloc
        if host != expected:
            raise AwsUnavailableError(f"the request would have gone to {host}, not to {expected}", operation="sts:*")
        sent.append(host)

    client.meta.events.register("before-send.sts", check)
    return sent
