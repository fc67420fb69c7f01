"""Holds one request: may this principal do this action on this resource in this context?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.argument_types import flag, refuse, text
from iamcheck.iam.model.context import context_value
from iamcheck.iam.model.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from iamcheck.iam.model.context import ContextInput, ContextValue

__all__ = ["Request"]

_WITHOUT_IDENTITY_POLICIES = (PrincipalKind.ROOT, PrincipalKind.SERVICE)


@dataclass(frozen=True)
class Request:
    """A request to AWS, as IAM sees it.

    Args:
        action: `service:Operation`, without wildcards.
        resource: An ARN, or `*` for an action without resources.
        principal: The ARN of the user, role or session that asks, or a service principal; None: not known.
        context: Known context keys with their values. `{"aws:RequestedRegion": "eu-west-1"}`.
        absent: Keys that are known not to be in the context. Every other key is unknown.
        wildcards_are_text: Take an action with wildcards, which are text and stand for nothing. Only AWS's policy
            simulator answers such requests; no call to AWS makes one.

    Raises:
        InvalidInputError: The action has no colon, or a wildcard without `wildcards_are_text`; a key is given twice, or
            as known and absent; a value is none that a context key can have.
    """

    action: str
    resource: str
    principal: str | None = None
    context: Mapping[str, ContextInput] = field(default_factory=dict)
    absent: Collection[str] = ()
    wildcards_are_text: bool = False

    # what the engine reads: prepared here, once, and no part of the value
    action_key: str = field(init=False, repr=False, compare=False)
    """The action in lower case, for actions compare without case."""
    parts: tuple[str, ...] | None = field(init=False, repr=False, compare=False)
    """The six parts of the resource's ARN; None where it is none."""
    caller: Principal = field(init=False, repr=False, compare=False)
    given: Mapping[str, ContextValue] = field(init=False, repr=False, compare=False)
    """The context under names in lower case."""
    known: Mapping[str, ContextValue] = field(init=False, repr=False, compare=False)
    """`given` and what the principal and the resource themselves say: see `derived_keys`."""
    caller_account: str = field(init=False, repr=False, compare=False)
    """By the principal's ARN; where nobody named the principal, by `aws:PrincipalAccount`; empty: not known."""
    is_across_accounts: bool = field(init=False, repr=False, compare=False)
    """By the account in the resource's ARN, else `aws:ResourceAccount`; False where either is not known."""
    is_ordinary: bool = field(init=False, repr=False, compare=False)
    """True within one account for a caller that identity policies speak of: not its root user, not a service."""
    absent_keys: frozenset[str] = field(init=False, repr=False, compare=False)
    """The absent keys in lower case; a key without any value is absent too."""

    def __post_init__(self) -> None:
        self._require_types()
        has_wildcard = "*" in self.action or "?" in self.action
        if ":" not in self.action or (has_wildcard and not self.wildcards_are_text):
            raise InvalidInputError(
                f"{self.action!r} is not an action", where="action", cure="name one: service:Operation, no wildcards"
            )
        given, absent = _context(self.context, self.absent)
        parts = tuple(self.resource.split(":", 5)) if self.resource.startswith("arn:") else ()
        prepared = self.__dict__
        prepared["action_key"] = self.action.lower()
        prepared["parts"] = parts if len(parts) == 6 else None
        prepared["caller"] = Principal.read(self.principal)
        prepared["given"] = given
        prepared["absent_keys"] = absent
        owner = given.get("aws:resourceaccount")
        account = resource_account(self) or (owner.values[0] if owner else "")
        caller = self.caller
        named = given.get("aws:principalaccount") if not caller.text else None
        caller_account = named.values[0] if named else caller.account_id
        prepared["caller_account"] = caller_account
        prepared["is_across_accounts"] = bool(account and caller_account and account != caller_account)
        prepared["is_ordinary"] = not self.is_across_accounts and caller.kind not in _WITHOUT_IDENTITY_POLICIES
        prepared["known"] = {**{k: v for k, v in derived_keys(self).items() if k not in absent}, **given}

    def _require_types(self) -> None:
        text(self.action, "action")
        text(self.resource, "resource")
        if self.principal is not None:
            text(self.principal, "principal")
        _require_collections(self.context, self.absent)
        flag(self.wildcards_are_text, "wildcards_are_text")

    def is_unknown(self, key: str) -> bool:
        """True for a key, in lower case, of which nothing is known: neither its value nor that it is absent."""
        return key not in self.known and key not in self.absent_keys


def _require_collections(context: object, absent: object) -> None:
    if not isinstance(context, Mapping):
        refuse(context, "context", 'give a mapping, such as {"aws:SourceIp": "192.0.2.1"}')
    if not isinstance(absent, Collection) or isinstance(absent, (str, bytes, Mapping)):
        refuse(absent, "absent", 'give a list of keys, such as ["aws:SourceIp"]')
    for key in absent:
        if not isinstance(key, str):
            refuse(key, "absent", "give texts")


def derived_keys(request: Request) -> dict[str, ContextValue]:
    """The keys that a request has because of who asks for what.

    `aws:PrincipalArn` is left out for sessions, for the path of the role is not in their ARN. Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    caller = request.caller
    texts = {
        "aws:principalarn": caller.entity_arn,
        "aws:principalaccount": caller.account_id,
        "aws:username": caller.user_name,
        "aws:resourceaccount": resource_account(request),
    }
    return {key: context_value(text) for key, text in texts.items() if text}


def resource_account(request: Request) -> str | None:
    """The account in the resource's ARN; None where it names none."""
    account = request.parts[4] if request.parts else ""
    return account if len(account) == 12 and account.isdecimal() else None


def _context(
    context: Mapping[str, ContextInput], absent: Collection[str]
) -> tuple[dict[str, ContextValue], frozenset[str]]:
    known: dict[str, ContextValue] = {}
    known_missing = _lowered(tuple(absent))
    missing: set[str] = set()
    for key, raw in context.items():
        lowered = text(key, "context").lower()
        if lowered in known or lowered in known_missing or lowered in missing:
            raise InvalidInputError(
                f"the context key {key} is given twice", where="context", cure="names compare without case: keep one"
            )
        value = context_value(raw, where=key)
        if value.values:
            known[lowered] = value
        else:
            missing.add(lowered)
    return known, known_missing | missing if missing else known_missing


@lru_cache(maxsize=1024)
def _lowered(keys: tuple[str, ...]) -> frozenset[str]:
    """Keys in lower case; requests of one principal have the same absent keys, by the dozen."""
    return frozenset(key.lower() for key in keys)
