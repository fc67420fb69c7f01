"""Gives a run its way to AWS: one session, one client a service, one caller, each made when it is first needed."""

from __future__ import annotations

import time
from threading import RLock
from typing import TYPE_CHECKING

from iamcheck.aws.client_pool import ClientPool
from iamcheck.aws.clients import Deadline, endpoint_of, make_session
from iamcheck.aws.defaults import MAX_CONCURRENCY, TIMEOUT
from iamcheck.aws.reads import RegionReads
from iamcheck.aws.refusals import attempt
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3
    from mypy_boto3_sts import STSClient

    from iamcheck.aws.client_pool import Watch
    from iamcheck.aws.limits import CallMade
    from iamcheck.aws.principals import PrincipalIdentity

__all__ = ["Access", "profiles"]


def profiles() -> list[str]:
    """The names of the profiles of the AWS configuration files, in their order."""
    import boto3

    return list(boto3.Session().available_profiles)


class Access:
    """The way to AWS of one run, in one Region; safe to share between threads.

    Args:
        session: Where credentials come from; None: boto3's default chain, with the profile.
        clients: A session with clients that others use too, in place of `session`.
        profile: A profile of the AWS configuration files.
        region: Region code; None: the session's.
        iam: A boto3 client for IAM, or a `LocalIAM`; None: one is made.
        sts: A boto3 client for STS in the Region; None: one is made.
        sagemaker: A boto3 client for SageMaker in the Region; None: one is made.
        timeout: Seconds for the whole run, from now.
        max_concurrency: How many calls are made at a time.
        on_call: Hears of each call that has ended, on the thread that made it; None: nobody does.
        watch: Gets the events of each client that is made; None: nobody does.
    """

    def __init__(
        self,
        *,
        session: boto3.Session | None = None,
        clients: ClientPool | None = None,
        profile: str | None = None,
        region: str | None = None,
        iam: object | None = None,
        sts: STSClient | None = None,
        sagemaker: object | None = None,
        timeout: float = TIMEOUT,
        max_concurrency: int = MAX_CONCURRENCY,
        on_call: Callable[[CallMade], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.max_concurrency = max_concurrency
        self.deadline = Deadline.after(timeout, time.monotonic, max_concurrency=max_concurrency, on_call=on_call)
        self.given_sts = sts
        self._clients = clients if session is None else ClientPool(session, watch)
        self._watch = watch
        self._profile = profile
        self._region = region
        self._given = {"iam": iam, "sagemaker": sagemaker}
        self._reads: dict[str, RegionReads] = {}
        self._lock = RLock()

    @property
    def session(self) -> boto3.Session:
        """The session; one is made where none was given.

        Raises:
            InvalidInputError: The profile does not exist, or the configuration file cannot be read.
        """
        return self.clients.session

    @property
    def clients(self) -> ClientPool:
        """The session and its clients; a session is made where none was given.

        Raises:
            InvalidInputError: The profile does not exist, or the configuration file cannot be read.
        """
        with self._lock:
            if self._clients is None:
                self._clients = ClientPool(make_session(profile=self._profile, region=self._region), self._watch)
            return self._clients

    @property
    def region(self) -> str | None:
        """The Region that was given, else the session's."""
        return self._region or self.session.region_name

    def in_region(self, region: str) -> None:
        """Makes this the Region of every client that is of no other: the source of the deployment says it."""
        self._region = region

    @property
    def iam(self) -> object:
        """The client for IAM."""
        client = self._given["iam"]
        # IAM is of the partition; a `LocalIAM` is of no Region at all
        return self.client("iam", self.region) if client is None else client

    def client(self, service: str, region: str | None) -> object:
        """The client for a service in a Region; one is made where none was given.

        Args:
            service: botocore's name of the service, such as `sagemaker`.
            region: Region code; None: the session's.

        Raises:
            InvalidInputError: No Region, or an endpoint or a configuration that cannot be used.
            AwsUnavailableError: Credentials could not be had, or the client that was given is for another Region.
        """
        given_client = self._given.get(service)
        if given_client is not None:
            of = getattr(getattr(given_client, "meta", None), "region_name", None)
            if of != region:
                raise AwsUnavailableError(
                    f"not asked: the client that was passed in is for {of}, not for {region}",
                    operation=f"{service}:*",
                    endpoint=endpoint_of(given_client),
                )
            return given_client
        return self.clients.client(service, region, self.deadline)

    def reads(self, region: str) -> RegionReads:
        """What is read of SageMaker in a Region: the same reads whoever asks, so that each is asked once."""
        with self._lock:
            if region not in self._reads:
                self._reads[region] = RegionReads(
                    lambda service: self.client(service, region),
                    region=region,
                    deadline=self.deadline,
                    max_concurrency=self.max_concurrency,
                )
            return self._reads[region]

    def caller(self, region: str) -> PrincipalIdentity:
        """Who calls, as the Region's STS says.

        Raises:
            AwsUnavailableError: STS could not be asked, or there are no credentials.
        """
        from iamcheck.aws.principals import caller

        if self.given_sts is not None:
            return caller(self.given_sts, deadline=self.deadline)
        return caller(self.client("sts", region), access_key_id=self._access_key_id(), deadline=self.deadline)

    def _access_key_id(self) -> str | None:
        def read() -> str | None:
            credentials = self.session.get_credentials()
            return None if credentials is None else credentials.access_key

        operation = "sts:GetCallerIdentity"
        return self.deadline.within(lambda: attempt(read, operation, None), operation, None)
