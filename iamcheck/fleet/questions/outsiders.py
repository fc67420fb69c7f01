"""Names who may do something without being a user or role of the accounts: services, identity providers, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.policy.reach import acts_on
from iamcheck.iam.model import Effect, Policy, Principal, PrincipalKind, Unread

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from iamcheck.iam.model import Statement

__all__ = ["ASSUMING", "Outsider", "names_everyone", "outsiders_of"]

ASSUMING: Final = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
"""The actions of trust policies that open a session of the role.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
"""


class Outsider(NamedTuple):
    """Somebody who is not among the principals of the accounts, and may do it or become a role that may.

    Args:
        kind: `root user`, `service`, `identity provider`, `account`, `principal`, `unique id`, `canonical user` or
            `anyone`.
        principal: As the policy has it: `ec2.amazonaws.com`, an ARN, `*`.
        role: The ARN of the role that it may become; None: the policy of the resource, or AWS, lets it itself.
        is_certain: Whether it may whatever is unknown. What policies elsewhere say is not known of most.
        conditions: The context keys that the statement asks for.
    """

    kind: str
    principal: str
    role: str | None
    is_certain: bool = False
    conditions: tuple[str, ...] = ()


def outsiders_of(
    policy: Policy | Unread | None, actions: Sequence[str], known: Collection[str], role: str | None
) -> Iterator[Outsider]:
    """Those whom the Allows of a policy name and who are not known, each once; anyone where nobody has read it.

    Args:
        policy: A trust policy, or the policy of a resource.
        actions: The actions that count.
        known: The ARNs of the principals of the accounts, of their root users, and the ids of the accounts.
        role: The role that the trust policy is of.
    """
    if isinstance(policy, Unread):
        yield Outsider("anyone", "*", role)
    seen: set[tuple[str, str]] = set()
    for statement in policy.statements if isinstance(policy, Policy) else ():
        if statement.effect is not Effect.ALLOW or not any(acts_on(statement, action) for action in actions):
            continue
        keys = tuple(dict.fromkeys(condition.key for condition in statement.conditions))
        for kind, text in _named(statement):
            if (kind, text) not in seen and not _is_known(text, known):
                seen.add((kind, text))
                yield Outsider(kind, text, role, conditions=keys)


def names_everyone(statement: Statement) -> bool:
    """Whether Principal stands for everyone; NotPrincipal goes with Deny only."""
    return statement.principals is not None and "*" in statement.principals.aws


def _named(statement: Statement) -> Iterator[tuple[str, str]]:
    if names_everyone(statement):
        yield "anyone", "*"
    named = statement.principals
    if named is None:
        return
    yield from ((_kind(text), text) for text in named.aws if text != "*")
    yield from (("service", text) for text in named.service)
    yield from (("identity provider", text) for text in named.federated)
    yield from (("canonical user", text) for text in named.canonical_user)


def _kind(text: str) -> str:
    if ":" not in text:
        return "account" if text.isdecimal() else "unique id"
    return "account" if Principal.read(text).kind is PrincipalKind.ROOT else "principal"


def _is_known(text: str, known: Collection[str]) -> bool:
    caller = Principal.read(text)
    if caller.kind is PrincipalKind.SESSION:
        # a session is of the role that stands among the principals, wherever its path is
        return f"{caller.account_id}:{caller.name}" in known
    return text in known
