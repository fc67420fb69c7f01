"""Words what to do about a denial, once for `iamcheck check` and for `iamcheck explain`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.explain.policy_types import OF_LAYER
from iamcheck.explain.why.words import listed
from iamcheck.iam.model import Decision, PolicyType, Principal, PrincipalKind
from iamcheck.iam.model.principal import SERVICE_LINKED_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.explain.policy_types import PolicyWords

__all__ = [
    "Administrator",
    "add_text",
    "administrator",
    "allow_text",
    "ask_text",
    "denies_text",
    "owner_of",
    "remedy_text",
]

_OF_AWS: Final = r"arn:[\w-]+:iam::aws:policy/.+"
_DETACH: Final = "detach that policy, which is AWS's and cannot be changed"
_MOST_SHOWN: Final = 3
_PERMISSION_SET: Final = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")


class Administrator(NamedTuple):
    """Who changes the identity policies of a principal.

    Args:
        who: Whom to ask; empty: nobody can change them.
        place: Where a statement is added: `a policy of user ann`.
        instead: What to do where nobody can change them, or where they are changed elsewhere; empty otherwise.
    """

    who: str
    place: str
    instead: str = ""


def administrator(principal: str | None) -> Administrator:
    """Who changes the identity policies of a principal, and where.

    A service-linked role has policies of AWS's, which nobody can change, and the roles of IAM Identity Center have
    those of their permission set. Sources:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html and
    https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html

    Args:
        principal: The ARN of the user, group, role or session; None: not known.
    """
    owner = OF_LAYER[PolicyType.IDENTITY].owner
    read = Principal.read(principal)
    if read.kind is PrincipalKind.OTHER and not (principal or "").startswith("arn:"):
        return Administrator(owner, "the identity policy")
    kind = "role" if read.kind is PrincipalKind.SESSION else (principal or "").rpartition(":")[2].partition("/")[0]
    name = read.name or (principal or "").rpartition("/")[2]
    if kind == "role" and name.startswith(SERVICE_LINKED_NAME):
        instead = f"role {name} is a service-linked role, whose policies nobody can change: call as another principal"
        return Administrator("", f"a policy of role {name}", instead)
    if kind == "role" and (match := _PERMISSION_SET.fullmatch(name)):
        instead = f"role {name} is made from the permission set {match[1]}: change that, the role is read-only"
        return Administrator("whoever administers IAM Identity Center", f"the permission set {match[1]}", instead)
    if read.kind is PrincipalKind.FEDERATED:
        # it has no policies of its own: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
        return Administrator(owner, f"a policy of the user who federated {name}")
    return Administrator(owner, f"a policy of {kind} {name}")


def owner_of(words: PolicyWords, principal: str | None) -> str:
    """Whom to ask about a policy; empty: nobody can change it."""
    return administrator(principal).who if words.layer is PolicyType.IDENTITY else words.owner


def add_text(requests: Sequence[str], words: PolicyWords, principal: str | None, name: str = "") -> str:
    """What to add where; what to do instead where nobody can add it.

    Args:
        requests: What has to be allowed, each as `ACTION on RESOURCE`.
        words: The type of policy that gets the statement.
        principal: Whose policies they are; None: not known.
        name: The name of the policy, where there is one.
    """
    is_identity = words.layer is PolicyType.IDENTITY
    owner, place, instead = administrator(principal) if is_identity else (words.owner, f"the {words.short} {name}", "")
    what = allow_text(requests)
    if not owner:
        return f"{what}: {instead}"
    return f"{what}: add the statement to {place}".rstrip() + (f" ({instead})" if instead else "")


def allow_text(requests: Sequence[str]) -> str:
    """What has to be allowed, the first few of them; each is `ACTION on RESOURCE`."""
    return f"allow {listed(requests, _MOST_SHOWN)}"


def ask_text(
    decision: Decision, words: PolicyWords, principal: str | None, requests: Sequence[str], policy_arn: str = ""
) -> str:
    """Whom to ask for what.

    Args:
        decision: `explicitDeny` or `implicitDeny`.
        words: The type of policy that decided.
        principal: Who called; None: not known.
        requests: What was denied, each as `ACTION on RESOURCE`.
        policy_arn: The ARN of the policy that decided; empty: not known.
    """
    cure = "stop denying" if decision is Decision.EXPLICIT_DENY else "allow"
    owner = owner_of(words, principal)
    if not owner:
        return administrator(principal).instead
    if re.fullmatch(_OF_AWS, policy_arn):
        return f"ask {owner} to {_DETACH}: the {words.short} {policy_arn} denies {', '.join(requests)}"
    return f"ask {owner} to {cure} in the {words.short} {policy_arn}".rstrip() + f": {', '.join(requests)}"


def remedy_text(
    decision: Decision, words: PolicyWords, principal: str | None, requests: Sequence[str], policy_arn: str = ""
) -> str:
    """What to do about a denial, where nothing is known but which type of policy decided; as `ask_text`."""
    owner = owner_of(words, principal)
    if decision is Decision.EXPLICIT_DENY or words.layer not in (PolicyType.IDENTITY, PolicyType.BOUNDARY) or not owner:
        return ask_text(decision, words, principal, requests, policy_arn)
    return f"{add_text(requests, words, principal)} (ask {owner})"


def denies_text(
    statement: str, words: PolicyWords, principal: str | None, *, perhaps: bool = False, of_aws: bool = False
) -> str:
    """Which statement denies, or perhaps denies, and whom to ask about it; a policy of AWS's can only be detached."""
    owner = owner_of(words, principal)
    ask = f"ask {owner}" + (f" to {_DETACH}" if of_aws else "")
    verb = "may deny" if perhaps else "denies"
    return f"{statement} {verb} it: {ask if owner else administrator(principal).instead}"
