"""Collects what is known of the condition context of a call that has not been made yet.

A key is known, known to be absent, or unknown; every key that is named nowhere here is unknown.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (Availability of each
key), and the Service Authorization Reference for the keys of services.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn, ContextValue, KeyType
from iamcheck.iam.model.context import context_value
from iamcheck.iam.model.values import binary, date, ip_address, numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from iamcheck.iam.model import ContextInput, Request

__all__ = [
    "ORGANIZATION_KEYS",
    "TIME_KEYS",
    "ContextFacts",
    "call_context",
    "merged",
    "organization_context",
    "principal_context",
    "settle",
    "time_context",
    "typed",
    "unlisted",
]

TIME_KEYS = frozenset({"aws:currenttime", "aws:epochtime"})
"""In the context of every call, in lower case; unknown, for nobody says when the deployment is made."""

ORGANIZATION_KEYS = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths"}
)
"""What the organization of an account tells, in lower case."""

_CALLED_VIA = ("aws:CalledVia", "aws:CalledViaAWSMCP", "aws:CalledViaFirst", "aws:CalledViaLast")
"""Absent where a principal itself calls, by the AWS CLI or an SDK."""

_SERVICE_ONLY = (
    # in the context only where a service principal makes the call
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
)
"""Absent where no service principal calls, but a principal itself or a service with its rights."""

_THROUGH_VPC_ENDPOINTS = ("aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:VpcSourceIp", "aws:Vpce*")
"""In the context only of calls through a VPC endpoint; that a service's own calls come through none is inferred."""

# What IAM would take for false, or would compare with nothing, is a slip: a pass must not rest on it.
_FORMS: Mapping[KeyType, tuple[Callable[[str], object], str]] = {
    KeyType.BOOLEAN: (lambda text: text.lower() in {"true", "false"} or None, "true or false"),
    KeyType.NUMERIC: (numeric, "a number"),
    KeyType.DATE: (date, "a time such as 2026-09-01T12:00:00Z, or seconds since 1970"),
    KeyType.IP: (ip_address, "an IP address, without a prefix"),
    KeyType.BINARY: (binary, "base64"),
}

_TEMPORARY_ONLY = ("aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:TokenIssueTime")
"""In the context only of calls that are made with temporary credentials."""

_SESSION_ONLY = (
    "aws:AssumedRoot",
    "aws:ChatbotSourceArn",
    "aws:FederatedProvider",
    "aws:SignInSessionArn",
    "aws:SourceIdentity",
    "codebuild:*",
    "ec2:*",
    "glue:*",
    "identitystore:UserId",
    "lambda:SourceFunctionArn",
    "ssm:*",
)
"""What a session brings along from where it was opened, to calls of any service; `*` stands for the rest of a name."""

_PRINCIPAL_TAG = "aws:PrincipalTag/"

_TAGS_OF_REQUEST = ("aws:requesttag/", "aws:tagkeys")
"""Global keys that are in the context only of operations that take tags, which the reference lists like a service's."""


class ContextFacts(NamedTuple):
    """Part of a condition context: keys with their values, and keys known to be absent.

    `absent` may hold names that end in `*`, which `settle` turns into the keys that are asked for, and names that begin
    with `!`, which are left out of those: `aws:RequestTag/*` and `!aws:RequestTag/aws:cloudformation:*`.
    """

    known: Mapping[str, ContextInput] = MappingProxyType({})
    absent: tuple[str, ...] = ()


def merged(facts: Iterable[ContextFacts]) -> ContextFacts:
    """All that several say; they speak of different keys."""
    known: dict[str, ContextInput] = {}
    absent: tuple[str, ...] = ()
    for fact in facts:
        known.update(fact.known)
        absent += fact.absent
    return ContextFacts(known, absent)


def call_context(
    region: str | None,
    account_id: str,
    *,
    now: datetime | None = None,
    by_service: bool = False,
    called_via: Sequence[str] | None = (),
) -> ContextFacts:
    """What is known of any call that is made with a principal's rights to a Region's endpoint.

    Args:
        region: Region code; None: not known.
        account_id: Account of the resource.
        now: The time of the check, with a time zone; None leaves the keys of time unknown.
        by_service: Whether it is a service that makes the call, which one and on whose behalf not being known.
        called_via: The services that the call comes through, the first one first; empty: the principal itself calls, by
            CLI or SDK; None: nobody says whether a service stands between.
    """
    known: dict[str, ContextInput] = {
        "aws:PrincipalIsAWSService": False,
        "aws:ResourceAccount": account_id,
        "aws:SecureTransport": True,
    }
    if by_service or called_via is not None:
        known["aws:ViaAWSService"] = by_service or bool(called_via)
    absent: tuple[str, ...] = _SERVICE_ONLY
    if called_via:
        known |= {
            "aws:CalledVia": list(called_via),
            "aws:CalledViaFirst": called_via[0],
            "aws:CalledViaLast": called_via[-1],
        }
        absent += _THROUGH_VPC_ENDPOINTS
    elif called_via is not None and not by_service:
        absent += _CALLED_VIA
    if region is not None:
        known["aws:RequestedRegion"] = region
    return merged((ContextFacts(known, absent), time_context(now)))


def time_context(now: datetime | None) -> ContextFacts:
    """The keys of time; None leaves them unknown.

    Args:
        now: The time of the check, with a time zone.
    """
    if now is None:
        return ContextFacts()
    return ContextFacts({"aws:CurrentTime": now, "aws:EpochTime": int(now.timestamp())})


def principal_context(
    principal: str,
    *,
    user_id: str | None = None,
    access_key_id: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> ContextFacts:
    """What is known from who calls.

    Args:
        principal: ARN of the user, of the role (with its path, as IAM gives it), never of the session, of root, or of
            a federated user.
        user_id: The `UserId` that GetCallerIdentity answered; None: not asked.
        access_key_id: Tells long-term (`AKIA...`) from temporary (`ASIA...`) credentials; None: not known.
        tags: The tags of the user or role; None: not read. A session may bring tags of its own, which nobody can read:
            for a role, keys that are not among its tags stay unknown.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html.
    """
    arn = Arn.parse(principal, where="principal")
    known: dict[str, ContextInput] = {"aws:PrincipalArn": principal, "aws:PrincipalAccount": arn.account_id}
    kind, _, name = arn.resource.partition("/")
    absent: tuple[str, ...] = ()
    if user_id is not None:
        known["aws:userid"] = user_id
    if kind == "user":
        known["aws:PrincipalType"] = "User"
        known["aws:username"] = name.rpartition("/")[2]
        if access_key_id is not None and access_key_id.startswith("AKIA"):
            absent = (*_TEMPORARY_ONLY, *_SESSION_ONLY)
    elif kind == "role":
        known["aws:PrincipalType"] = "AssumedRole"
        absent = ("aws:username",)
    elif kind == "root":
        known |= {"aws:PrincipalType": "Account", "aws:userid": arn.account_id}
        absent = ("aws:username",)
    elif kind == "federated-user":
        known |= {"aws:PrincipalType": "FederatedUser", "aws:userid": f"{arn.account_id}:{name}"}
        absent = ("aws:username",)
    if tags is not None and len({key.lower() for key in tags}) == len(tags):
        # keys of the context have no case: which of two tags that differ in it alone would count is not established
        known.update({f"{_PRINCIPAL_TAG}{key}": value for key, value in tags.items()})
        absent = (*absent, f"{_PRINCIPAL_TAG}*") if kind == "user" else absent
    return ContextFacts(known, absent)


def organization_context(organization_id: str | None, path: str | None, *, owns_resource: bool) -> ContextFacts:
    """What is known of a call from the organization of the principal's account.

    Args:
        organization_id: The organization's id, `o-...`; None: the account is in no organization.
        path: The account's place in it, as `aws:PrincipalOrgPaths` writes it; None: not known.
        owns_resource: Whether the resource is of the same account.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: the keys are in the
    context only where the account is a member of an organization.
    """
    of_whom = ("Principal", "Resource") if owns_resource else ("Principal",)
    if organization_id is None:
        return ContextFacts(absent=tuple(f"aws:{who}{key}" for who in of_whom for key in ("OrgID", "OrgPaths")))
    known: dict[str, ContextInput] = {f"aws:{who}OrgID": organization_id for who in of_whom}
    if path is not None:
        known |= {f"aws:{who}OrgPaths": [path] for who in of_whom}
    return ContextFacts(known)


def unlisted(action: str, keys: Iterable[str]) -> tuple[str, ...]:
    """Those of `keys` that cannot be in the context of an action, for the reference lists them for others alone.

    That a service's key is in the context only of the actions that the reference lists it for is inferred. Keys that a
    session brings along to any service are left out, and so are those of an action that the reference does not have.
    A key that the reference does not have at all may be newer than it, and in the context of any action.
    """
    return tuple(key for key in keys if _is_tied_to_actions(key, action) and not _may_be_listed(key, action))


@lru_cache(maxsize=4096)
def _may_be_listed(key: str, action: str) -> bool:
    # the reference replaced some keys, VolumeKmsKey for one, by others that end in Arn; the old ones went on working
    names = (key, f"{key}Arn")
    if all(catalogue.condition_key_type(name) is None for name in names):
        return True
    return any(catalogue.lists_condition_key(action, name) is not False for name in names)


@lru_cache(maxsize=4096)
def _is_tied_to_actions(key: str, action: str) -> bool:
    lowered = key.lower()
    if lowered.startswith(_TAGS_OF_REQUEST):
        return True
    if _matches(lowered, _SESSION_ONLY):
        return False
    prefix = lowered.partition(":")[0]
    # `sts:` and identity providers' keys come with a session
    return prefix == action.partition(":")[0].lower() or (prefix != "sts" and prefix in catalogue.services())


def _matches(key: str, names: Iterable[str]) -> bool:
    lowered = key.lower()
    return any(
        lowered.startswith(name[:-1].lower()) if name.endswith("*") else lowered == name.lower() for name in names
    )


@lru_cache(maxsize=4096)
def _is_absent(key: str, names: tuple[str, ...]) -> bool:
    left_out = [name[1:] for name in names if name.startswith("!")]
    return _matches(key, [name for name in names if not name.startswith("!")]) and not _matches(key, left_out)


def settle(request: Request, facts: ContextFacts, keys: Iterable[str], *, principal: str | None = None) -> Request:
    """The request with everything that is known of it, as far as somebody asks for it.

    Args:
        request: The request; what it says itself wins over `facts`. Of its absent keys too, one that ends in `*`
            stands for all that begin so and have no value, but those that a name beginning with `!` leaves out.
        facts: What else is known.
        keys: The keys that the policies look at: of those that are unknown, the ones that cannot be in the context of
            this action become absent.
        principal: The ARN of who asks; None: the one of the request.
    """
    request_keys = request.given.keys() | request.absent_keys
    context = {key: value for key, value in facts.known.items() if key.lower() not in request_keys} | dict(
        request.context
    )
    settled = request_keys | {key.lower() for key in facts.known}
    named = [key for key in facts.absent if key[-1:] != "*" and key[:1] != "!" and key.lower() not in settled]
    settled |= {key.lower() for key in named}
    open_keys = {key.lower(): key for key in keys if key.lower() not in settled}
    names = (*facts.absent, *request.absent)
    families = [key for key in open_keys.values() if _is_absent(key, names)]
    absent = {*request.absent, *named, *families, *unlisted(request.action, open_keys.values())}
    return replace(
        request,
        principal=request.principal if principal is None else principal,
        context=context,
        absent=tuple(sorted(absent, key=str.lower)),
    )


def typed(key: str, raw: ContextInput, *, where: str = "context") -> ContextValue:
    """The value that somebody gives for a key, with the type that the reference gives the key.

    Raises:
        InvalidInputError: A value is not of that type, or there are several and the key has one.
    """
    value = context_value(raw, where=f"{where} {key}")
    key_type = value.type or catalogue.condition_key_type(key)
    if key_type is not None and not key_type.many and len(value.values) > 1:
        # of several values no plain operator is true, and a Deny that looks at the key would be lost
        raise InvalidInputError(
            f"{len(value.values)} values for a key that has one", where=f"{where} {key}", cure="give one value"
        )
    if key_type is not None and key_type.base in _FORMS:
        parse, expected = _FORMS[key_type.base]
        for text in value.values:
            if parse(text) is None:
                raise InvalidInputError(f"{text!r} is not {expected}", where=f"{where} {key}")
    return value
