"""STS: what it answers, and the worlds that it can be in, Region by Region.

Which operations a deactivated Region refuses: RegionDisabledException in botocore's ``sts`` model. That
GetCallerIdentity answers all the same, and the texts: IAM User Guide, "Manage AWS STS in an AWS Region", and answers of
AWS quoted in public reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import TYPE_CHECKING

from moto.core.exceptions import ServiceException

from tests.server.identities import (
    ACCOUNT,
    OIDC_HOST,
    WEB_IDENTITY_TOKEN,
    Caller,
    Credentials,
    Identities,
    backend,
    trusts,
)
from tests.server.wire import Answer, encode_query, error, service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from moto.iam.models import Role

    from tests.server.calls import Call

ISSUING = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "GetDelegatedAccessToken",
        "GetFederationToken",
        "GetSessionToken",
    }
)
NO_SESSIONS = frozenset({"GetFederationToken", "GetSessionToken"})


class World(str, Enum):
    """How STS behaves in a Region. ``ACTIVE`` everywhere unless told otherwise."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    NOT_ENABLED = "not-enabled"  # the account has not opted in: every service there refuses the key
    INVALID_TOKEN = "invalid-token"
    EXPIRED_TOKEN = "expired-token"
    ACCESS_DENIED = "access-denied"
    THROTTLED = "throttled"
    GARBAGE = "garbage"  # a proxy's page with status 200
    BAD_GATEWAY = "bad-gateway"  # a proxy's page with status 502


_SIGN_IN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to the network<br></body></html>"
# botocore takes a 5xx page for an error only if it begins like this one, as those of nginx and of load balancers do
_BAD_GATEWAY = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><hr></body>\r\n</html>\r\n"
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_INVALID_TOKEN = "The security token included in the request is invalid."
_EXPIRED_TOKEN = "The security token included in the request is expired"


def deactivated(call: Call, account_id: str) -> Answer:
    """Refuse as a Region does where the account's administrator has deactivated STS."""
    text = (
        f"STS is not activated in this region for account:{account_id}. Your account administrator can activate STS in "
        "this region using the IAM Console."
    )
    return error(call.protocol, 403, "RegionDisabledException", text)


def denied(call: Call, caller: Caller | None, resource: str) -> Answer:
    """Refuse for want of permission, with the code and status of the call's protocol."""
    who = caller.arn if caller else "anonymous"
    action = call.action
    text = f"User: {who} is not authorized to perform: {action} on resource: {resource}"
    text += f" because no identity-based policy allows the {action} action"
    status, code = {
        "query": (403, "AccessDenied"),
        "ec2": (403, "UnauthorizedOperation"),
        "rest-json": (403, "AccessDeniedException"),
    }.get(call.protocol.value, (400, "AccessDeniedException"))
    return error(call.protocol, status, code, text)


def refused(call: Call, reason: str) -> Answer:
    """Refuse the credentials: ``reason`` is ``unknown`` or ``expired``."""
    kinds = {
        "query": ((403, "InvalidClientTokenId"), (403, "ExpiredToken")),
        "ec2": ((401, "AuthFailure"), (400, "RequestExpired")),
        "rest-json": ((403, "UnrecognizedClientException"), (403, "ExpiredTokenException")),
    }
    unknown, expired = kinds.get(
        call.protocol.value, ((400, "UnrecognizedClientException"), (400, "ExpiredTokenException"))
    )
    if reason == "expired":
        return error(call.protocol, *expired, _EXPIRED_TOKEN)
    return error(call.protocol, *unknown, _INVALID_TOKEN)


@dataclass(frozen=True)
class _Told:
    world: World
    operations: Collection[str] | None


class Sts:
    """The worlds that a test has told, and STS's own operations over moto's roles.

    Attributes:
        denies_first: whether permission is looked at before the Region's setting; AWS does not say which comes first.
    """

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._worlds: dict[tuple[str, str], _Told] = {}
        self.denies_first = False

    def clear(self) -> None:
        """All Regions active again."""
        self._worlds.clear()
        self.denies_first = False

    def world(
        self,
        region: str,
        world: World | str,
        *,
        account_id: str = ACCOUNT,
        operations: Collection[str] | None = None,
    ) -> None:
        """Put STS of an account into a world, in one Region or in all (``*``), for all operations or the given."""
        self._worlds[account_id, region] = _Told(World(world), operations)

    def deactivate(self, region: str, *, account_id: str = ACCOUNT) -> None:
        """Deactivate STS as an account's administrator does in the console."""
        self.world(region, World.DEACTIVATED, account_id=account_id)

    def world_of(self, region: str, account_id: str, operation: str | None = None) -> World:
        """The world of an account in a Region, the Region's own before that of all Regions."""
        for place in (region, "*"):
            told = self._worlds.get((account_id, place))
            if told and (told.operations is None or operation is None or operation in told.operations):
                return told.world
        return World.ACTIVE

    def answer(self, call: Call, caller: Caller | None) -> Answer | None:
        """Answer a call to STS; ``None`` leaves it to moto."""
        account_id = self._asked_account(call, caller)
        world = self.world_of(call.region, account_id, call.operation)
        permission = self._no_permission(call, caller, world)
        setting = self._no_service(call, account_id, world)
        first, second = (permission, setting) if self.denies_first else (setting, permission)
        if first or second:
            return first or second
        serve = _SERVED.get(call.operation)
        return serve(self, call, caller) if serve else None

    def _asked_account(self, call: Call, caller: Caller | None) -> str:
        # what counts is the setting of the account that the credentials are asked from
        role = str(call.parameters.get("RoleArn", ""))
        if call.operation in ISSUING and role.count(":") >= 5:
            return role.split(":")[4]
        return caller.account_id if caller else ACCOUNT

    def _no_service(self, call: Call, account_id: str, world: World) -> Answer | None:
        if world is World.DEACTIVATED and call.operation in ISSUING:
            return deactivated(call, account_id)
        always: Mapping[World, Callable[[], Answer]] = {
            World.NOT_ENABLED: lambda: refused(call, "unknown"),
            World.INVALID_TOKEN: lambda: refused(call, "unknown"),
            World.EXPIRED_TOKEN: lambda: refused(call, "expired"),
            World.THROTTLED: lambda: error(call.protocol, 400, "Throttling", "Rate exceeded"),
            World.GARBAGE: lambda: Answer(200, _SIGN_IN, _HTML),
            World.BAD_GATEWAY: lambda: Answer(502, _BAD_GATEWAY, _HTML),
        }
        return always[world]() if world in always else None

    def _no_permission(self, call: Call, caller: Caller | None, world: World) -> Answer | None:
        if caller and caller.is_session and call.operation in NO_SESSIONS:
            text = f"Cannot call {call.operation} with session credentials"
            return error(call.protocol, 403, "AccessDenied", text)
        if world is World.ACCESS_DENIED and call.operation in ISSUING:
            return denied(call, caller, str(call.parameters.get("RoleArn", "*")))
        return None

    def _get_caller_identity(self, call: Call, caller: Caller | None) -> Answer:
        assert caller is not None
        return _result(call, {"UserId": caller.user_id, "Account": caller.account_id, "Arn": caller.arn})

    def _get_session_token(self, call: Call, caller: Caller | None) -> Answer:
        assert caller is not None
        credentials = self._identities.issue(caller)
        return _result(call, {"Credentials": _issued(call, credentials, 43200)})

    def _get_federation_token(self, call: Call, caller: Caller | None) -> Answer:
        assert caller is not None
        name = call.parameters["Name"]
        arn = f"arn:{call.partition}:sts::{caller.account_id}:federated-user/{name}"
        user_id = f"{caller.account_id}:{name}"
        federated = Caller(caller.account_id, arn, user_id, caller.principal)
        credentials = self._identities.issue(federated)
        user = {"FederatedUserId": user_id, "Arn": arn}
        return _result(call, {"Credentials": _issued(call, credentials, 43200), "FederatedUser": user})

    def _assume_role(self, call: Call, caller: Caller | None) -> Answer:
        arn = str(call.parameters["RoleArn"])
        role = _role(arn)
        if role is None or not trusts(role, "sts:AssumeRole", caller):
            text = (
                f"User: {caller.arn if caller else ''} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            )
            return error(call.protocol, 403, "AccessDenied", text)
        return self._assumed(call, role, {})

    def _assume_role_with_web_identity(self, call: Call, caller: Caller | None) -> Answer:
        if call.parameters["WebIdentityToken"] != WEB_IDENTITY_TOKEN:
            text = "No OpenIDConnect provider found in your account for this token"
            return error(call.protocol, 400, "InvalidIdentityToken", text)
        arn = str(call.parameters["RoleArn"])
        role = _role(arn)
        provider = arn.split(":role/")[0] + f":oidc-provider/{OIDC_HOST}"
        if role is None or not trusts(role, "sts:AssumeRoleWithWebIdentity", None, provider):
            text = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
            return error(call.protocol, 403, "AccessDenied", text)
        subject = {"SubjectFromWebIdentityToken": "project:main", "Provider": provider, "Audience": "sts.amazonaws.com"}
        return self._assumed(call, role, subject)

    def _assumed(self, call: Call, role: Role, more: Mapping[str, object]) -> Answer:
        session = str(call.parameters["RoleSessionName"])
        credentials = self._identities.assume(role, call.partition, session)
        user = {"AssumedRoleId": credentials.caller.user_id, "Arn": credentials.arn}
        return _result(call, {"Credentials": _issued(call, credentials, 3600), "AssumedRoleUser": user, **more})


_SERVED: Mapping[str, Callable[[Sts, Call, Caller | None], Answer]] = {
    "GetCallerIdentity": Sts._get_caller_identity,
    "GetSessionToken": Sts._get_session_token,
    "GetFederationToken": Sts._get_federation_token,
    "AssumeRole": Sts._assume_role,
    "AssumeRoleWithWebIdentity": Sts._assume_role_with_web_identity,
}


def _result(call: Call, result: Mapping[str, object]) -> Answer:
    return encode_query(result, service_model("sts").operation_model(call.operation))


def _issued(call: Call, credentials: Credentials, default: int) -> dict[str, object]:
    duration = call.parameters.get("DurationSeconds", default)
    assert isinstance(duration, int)
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": datetime.now(timezone.utc) + timedelta(seconds=duration),
    }


def _role(arn: str) -> Role | None:
    try:
        _, partition, _, _, account_id, _ = arn.split(":", 5)
        found: Role = backend(account_id, partition).get_role_by_arn(arn)
    except (ValueError, ServiceException):
        return None
    return found
