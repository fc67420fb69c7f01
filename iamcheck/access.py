"""How a run reaches AWS: one session, one client a service, one caller, each had when it is first needed."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from iamcheck.clients import Deadline, make_client, make_session
from iamcheck.refusals import translated

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_sts import STSClient

    from iamcheck.principals import Principal

__all__ = ["TIMEOUT", "Access"]

TIMEOUT = 60.0
"""Seconds for a whole run."""


class Access:
    """The way to AWS of one run, in one Region.

    Args:
        session: Where credentials come from; None: boto3's default chain, with the profile.
        profile: A profile of the AWS configuration files.
        region: Region code; None: the session's.
        iam: A boto3 client for IAM, or a `LocalIAM`; None: one is made.
        sts: A boto3 client for STS in the Region; None: one is made.
        timeout: Seconds for the whole run, from now.
    """

    def __init__(
        self,
        *,
        session: boto3.Session | None = None,
        profile: str | None = None,
        region: str | None = None,
        iam: object | None = None,
        sts: STSClient | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.deadline = Deadline.after(timeout, time.monotonic)
        self.given_session = session
        self.given_sts = sts
        self._profile = profile
        self._region = region
        self._iam = iam

    @cached_property
    def session(self) -> boto3.Session:
        """The session; one is made where none was given.

        Raises:
            InvalidInputError: The profile does not exist, or the configuration file cannot be read.
        """
        return self.given_session or make_session(profile=self._profile, region=self._region)

    @property
    def region(self) -> str | None:
        """The Region that was given, else the session's."""
        return self._region or self.session.region_name

    @cached_property
    def iam(self) -> object:
        """The client for IAM."""
        if self._iam is not None:
            return self._iam
        return make_client(self.session, "iam", region=self.region, deadline=self.deadline)

    def caller(self, region: str) -> Principal:
        """Who calls, as the Region's STS says.

        Raises:
            AwsUnavailableError: STS could not be asked, or there are no credentials.
        """
        from iamcheck.principals import caller

        if self.given_sts is not None:
            return caller(self.given_sts, deadline=self.deadline)
        sts = make_client(self.session, "sts", region=region, deadline=self.deadline)
        return caller(sts, access_key_id=self._access_key_id(), deadline=self.deadline)

    def _access_key_id(self) -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            credentials = self.session.get_credentials()
            return None if credentials is None else credentials.access_key
        except (BotoCoreError, ClientError) as error:
            raise translated(error, "sts:GetCallerIdentity", None) from error
