"""Makes clients of AWS with the limits of iamcheck, and calls that end in an answer or in an error of iamcheck.

boto3 and botocore are imported inside the functions: an offline run never pays for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeGuard, TypeVar

from iamcheck._version import __version__
from iamcheck.aws.bodies import bound_bodies
from iamcheck.aws.limits import Deadline, current_deadline
from iamcheck.aws.refusals import attempt, redact
from iamcheck.errors import AwsUnavailableError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import boto3
    import botocore.session
    from botocore.config import Config, _RetryDict
    from botocore.credentials import Credentials

__all__ = [
    "NOT_OFFERED",
    "AwsAnswer",
    "Deadline",
    "call",
    "core_of",
    "endpoint_of",
    "is_session",
    "make_client",
    "make_session",
    "profile_of",
    "require_profile",
    "session_of",
    "session_on",
]

T = TypeVar("T")

CONNECT_TIMEOUT = 3
READ_TIMEOUT = 15
"""Seconds. A simulation of long lists takes AWS a few seconds."""
NOT_OFFERED: Final = "not offered"
"""The code of an error where a client, such as a `LocalIAM`, does not have the operation."""
TRIES_WITHOUT_ANSWER = 2
"""How often a host that does not answer is tried: a refused connection, an unknown name, a proxy's refusal, silence."""
RETRIES: Final[Mapping[str, _RetryDict]] = {"iam": {"mode": "adaptive", "total_max_attempts": 10}}
"""By service. The simulator's rate limit is not published and is met in practice, so it is given more patience."""
SHARED_RETRIES: Final[_RetryDict] = {"mode": "standard", "total_max_attempts": 7}
"""Of clients that many rows share: the adaptive mode would hold back an account that refuses everything for hours."""
OTHER_RETRIES: Final[_RetryDict] = {"mode": "standard", "total_max_attempts": 4}
LONGEST_DELAY = 20.0
"""Seconds that botocore waits at most between two attempts."""
_ONE_AT_A_TIME: Final = Lock()
"""Making clients is not safe between threads, using them is.

Source: https://docs.aws.amazon.com/boto3/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
"""


@dataclass(frozen=True)
class AwsAnswer:
    """A part of what AWS answered; reading a member that is not there, or not of its type, is a could-not-ask."""

    operation: str
    endpoint: str | None
    # it may hold credentials
    data: Mapping[str, object] = field(repr=False)

    def text(self, member: str) -> str:
        """The non-empty text `member`."""
        value = self.data.get(member)
        if not isinstance(value, str) or not value:
            raise self.unusable(f"{member} is missing from the answer")
        return value

    def parts(self, member: str) -> tuple[AwsAnswer, ...]:
        """The structures of the list `member`; none where it is left out, as AWS leaves out empty lists."""
        return tuple(self._part(value, member) for value in self._list(member))

    def texts(self, member: str) -> tuple[str, ...]:
        """The texts of the list `member`, none of them empty; none where it is left out."""
        values = self._list(member)
        if not all(isinstance(value, str) and value for value in values):
            raise self.unusable(f"{member} is not a list of texts")
        return tuple(str(value) for value in values)

    def part(self, member: str) -> AwsAnswer | None:
        """The structure `member`; None where it is left out."""
        value = self.data.get(member)
        return None if value is None else self._part(value, member)

    def unusable(self, reason: str) -> AwsUnavailableError:
        """The error for an answer that cannot be understood."""
        return AwsUnavailableError(
            f"the answer cannot be understood: {redact(reason)}", operation=self.operation, endpoint=self.endpoint
        )

    def _list(self, member: str) -> list[object]:
        value = self.data.get(member)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.unusable(f"{member} is not a list")
        return value

    def _part(self, value: object, member: str) -> AwsAnswer:
        if not isinstance(value, dict):
            raise self.unusable(f"{member} is not a structure")
        return AwsAnswer(self.operation, self.endpoint, value)


def session_on(core: botocore.session.Session) -> boto3.Session:
    """A boto3 session on a session of botocore's, with its configuration and credentials."""
    import boto3

    return boto3.Session(botocore_session=core)


def core_of(session: boto3.Session) -> botocore.session.Session:
    """Botocore's session, which one of boto3's stands on; boto3 has no public way to it."""
    return session._session


def profile_of(session: boto3.Session, name: str) -> Mapping[str, str]:
    """The settings of a profile in AWS's configuration files; empty where there is none."""
    profiles: Mapping[str, Mapping[str, str]] = core_of(session).full_config.get("profiles", {})
    return profiles.get(name, {})


def is_session(value: object) -> TypeGuard[boto3.Session]:
    """Whether it is a boto3 session."""
    import boto3

    return isinstance(value, boto3.Session)


def make_session(
    *, profile: str | None = None, region: str | None = None, retries: _RetryDict | None = None
) -> boto3.Session:
    """A session on the standard credential chain.

    The limits of `make_client` also hold for the calls that the chain itself makes (AssumeRole for a profile).

    Args:
        profile: A profile of the AWS configuration files.
        region: Region code; None: that of the environment or the profile.
        retries: How often its clients try, where neither the environment nor the profile says it; None: as for
            `make_client`.

    Raises:
        InvalidInputError: The profile does not exist, or the configuration file cannot be read.
    """
    import boto3
    from botocore.exceptions import BotoCoreError

    core = _configured(profile)
    try:
        _limit(core, retries)
        return boto3.Session(botocore_session=core, region_name=region)
    except BotoCoreError as error:
        problem = redact(str(error))
    raise _unusable(problem, profile)


def require_profile(profile: str) -> None:
    """Returns where the AWS configuration files have the profile.

    Raises:
        InvalidInputError: They do not, or cannot be read.
    """
    _configured(profile)


def _configured(profile: str | None) -> botocore.session.Session:
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        core = botocore.session.Session(profile=profile)
        core.get_scoped_config()  # raises where there is no such profile; nothing else need look at it
        return core
    except BotoCoreError as error:
        problem = redact(str(error))
    raise _unusable(problem, profile)


def _unusable(problem: str, profile: str | None) -> InvalidInputError:
    where = "--profile" if profile else "AWS configuration"
    return InvalidInputError(problem, where=where, cure="see `aws configure list-profiles`")


def session_of(
    credentials: Credentials, *, profile: str | None = None, retries: _RetryDict | None = None
) -> boto3.Session:
    """A session that signs with credentials, with the limits of `make_session`.

    Args:
        credentials: The credentials; they may renew themselves.
        profile: The profile whose other settings count.
        retries: As for `make_session`.
    """
    import boto3
    from botocore.credentials import CredentialProvider, CredentialResolver

    class Known(CredentialProvider):
        METHOD = credentials.method

        def load(self) -> Credentials:
            return credentials

    core = _configured(profile)
    core.register_component("credential_provider", CredentialResolver([Known()]))
    _limit(core, retries)
    return boto3.Session(botocore_session=core)


def _limit(core: botocore.session.Session, retries: _RetryDict | None) -> None:
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT, user_agent_extra=f"iamcheck/{__version__}"
    )
    if retries is not None and not _says_retries(core):
        config = config.merge(Config(retries=retries))
    core.set_default_client_config(config)


def _says_retries(core: Any) -> bool:  # noqa: ANN401  a botocore session, or what a caller has in its place
    """Whether the environment or the profile says how often clients try."""
    import os

    return bool(
        os.environ.keys() & {"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"}
        or core.get_scoped_config().keys() & {"max_attempts", "retry_mode"}
    )


def make_client(
    session: boto3.Session,
    service: str,
    *,
    region: str | None = None,
    endpoint_url: str | None = None,
    deadline: Deadline | None = None,
) -> Any:  # noqa: ANN401  boto3 makes its clients' classes at run time
    """A client with time limits, retries and a user agent of iamcheck's.

    Retry settings of the environment, of the profile or of the session's own default configuration win over ours.
    A host that does not answer is tried twice, whatever they say, and no retry starts that could outlast the deadline.

    Args:
        session: Where credentials, Region and endpoint come from.
        service: botocore's name of the service, such as `iam`.
        region: The Region; None: the session's.
        endpoint_url: The URL to ask; None: AWS's, or that of `AWS_ENDPOINT_URL` and its kin.
        deadline: When the client must have been made; each `call` has a deadline of its own.

    Raises:
        InvalidInputError: No Region, or an endpoint or a configuration that cannot be used.
        AwsUnavailableError: Credentials could not be had, or not in time.
    """
    from botocore.exceptions import BotoCoreError

    def make() -> Any:  # noqa: ANN401  likewise
        try:
            with _ONE_AT_A_TIME:
                return session.client(  # type: ignore[call-overload]  # the name of the service is not a literal here
                    service, region_name=region, endpoint_url=endpoint_url, config=_config(core_of(session), service)
                )
        except ValueError as error:
            if isinstance(error, BotoCoreError):
                raise
            problem = InvalidInputError(redact(str(error)), where=f"the endpoint of {service}", cure="give a URL")
        raise problem

    operation = f"{service}:*"
    # making a client asks the credential chain, which may wait for a process or for a metadata service
    client = (
        attempt(make, operation, endpoint_url)
        if deadline is None
        else deadline.within(lambda: attempt(make, operation, endpoint_url), operation, endpoint_url)
    )
    bound_bodies(client)
    # botocore asks the handlers of the longest event name first and takes the first answer that is not None.
    client.meta.events.register_first("needs-retry.*.*", _give_up)
    return client


def call(client: Any, operation: str, deadline: Deadline | None = None, **parameters: object) -> AwsAnswer:  # noqa: ANN401  a boto3 client, or anything with its methods
    """Makes one call.

    Args:
        client: A boto3 client, or anything with its methods, such as a `LocalIAM`.
        operation: The operation, as `service:Operation`.
        deadline: When the run must have ended.
        parameters: The operation's own.

    Raises:
        AwsUnavailableError: Anything but an answer: no connection, no credentials, a refusal, a body that is not AWS's.
        InvalidInputError: botocore refuses the parameters.
    """
    from botocore import xform_name

    endpoint = endpoint_of(client)
    method: Callable[..., object] | None = getattr(client, xform_name(operation.partition(":")[2]), None)
    if method is None:
        raise AwsUnavailableError(
            "the client that was given does not have it", operation=operation, endpoint=endpoint, code=NOT_OFFERED
        )

    def ask() -> object:
        return attempt(lambda: method(**parameters), operation, endpoint)

    if deadline is None:
        return _structure(ask(), operation, endpoint)
    with deadline.one_call(operation, endpoint):
        return _structure(deadline.within(ask, operation, endpoint), operation, endpoint)


def endpoint_of(client: object) -> str | None:
    """The URL that a client asks, without user, password and query; None where it asks nobody (`LocalIAM`)."""
    from urllib.parse import urlsplit, urlunsplit

    url = getattr(getattr(client, "meta", None), "endpoint_url", None)
    if not isinstance(url, str):
        return None
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _config(core: Any, service: str) -> Config:  # noqa: ANN401  likewise
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT, user_agent_extra=f"iamcheck/{__version__}"
    )
    default = core.get_default_client_config()
    if (default is not None and default.retries) or _says_retries(core):
        return config
    return config.merge(Config(retries=RETRIES.get(service, OTHER_RETRIES)))


def _give_up(*, attempts: int, response: object, **_: object) -> bool | None:
    """Handles `needs-retry`: False ends the retries, None leaves it to botocore's own handler."""
    if response is None and attempts >= TRIES_WITHOUT_ANSWER:
        return False
    # botocore waits at most 2**(attempts - 1) seconds before the next attempt, and never more than 20
    longest = min(2.0 ** (attempts - 1), LONGEST_DELAY)
    # a client may outlive the run that it was made for: the rows of a fleet share it
    deadline = current_deadline()
    return False if deadline is not None and deadline.remaining() <= longest else None


def _structure(data: object, operation: str, endpoint: str | None) -> AwsAnswer:
    if not isinstance(data, dict):
        raise AwsAnswer(operation, endpoint, {}).unusable("it is not a structure")
    return AwsAnswer(operation, endpoint, data)
