"""Finds the principal whose policies apply: the caller, what an ARN names, or the role behind a session.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns and
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from iamcheck.aws.clients import call
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.model import Arn
from iamcheck.iam.model.principal import is_service_linked_role
from iamcheck.iam.request_context import ContextFacts, principal_context
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.aws.clients import AwsAnswer, Deadline

__all__ = [
    "IdentityKind",
    "PrincipalIdentity",
    "caller",
    "parse_principal",
    "principal_of",
    "require_account",
    "resolve",
    "with_role",
    "with_source",
    "without_role",
]

_LENGTH_OF_PREFIX = 4
"""Characters at the start of an access key id that tell its kind: `AKIA` of long-term keys, `ASIA` of temporary ones.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
"""


class IdentityKind(str, Enum):
    """What a principal's ARN says that it is."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    ASSUMED_ROLE = "assumed-role"
    FEDERATED_USER = "federated-user"
    ROOT = "root"

    __str__ = str.__str__


_SIMULATED = (IdentityKind.USER, IdentityKind.ROLE, IdentityKind.GROUP)
_WITHOUT_ENTITY = (IdentityKind.ROOT, IdentityKind.FEDERATED_USER)
"""Principals whose own ARN is that of the principal in the context: no user or role stands behind them."""
_NOT_SIMULATED = {
    IdentityKind.ROOT: (
        "the root user cannot be simulated: it may do everything that the organization's SCPs leave it; "
        "deploy with a role, or name one with --principal"
    ),
    IdentityKind.FEDERATED_USER: (
        "a federated user cannot be simulated: what it may do is the intersection of its session policies with the "
        "policies of the user who federated it; give those with --policy and these with --session-policy"
    ),
}


@dataclass(frozen=True)
class PrincipalIdentity:
    """A principal, as far as it is known.

    Args:
        kind: What it is.
        arn: As it was given, or as GetCallerIdentity answered: for a session in a role, the session's.
        account_id: Its account, 12 digits.
        name: The friendly name: of the user, role, group or federated user; `root`.
        session: The name of the role session; None where it is none.
        policy_source_arn: The user, role or group whose policies apply, as `PolicySourceArn` takes it; None where none
            is known: because `resolve` was not called, or for `why_not`.
        path_known: False where the role's path could not be read, so that `policy_source_arn` may lack it.
        why_not: Why it cannot be simulated; empty where it can.
        user_id: The unique id (`AIDA...`, `AROA...:session`); None where it was not read.
        key_prefix: The first four letters of the id of the key that it calls with; None where that is not known.
        assumptions: What was taken for granted on the way.
        tags: The tags of the user or role; None where they were not read.
    """

    kind: IdentityKind
    arn: str
    account_id: str
    name: str
    session: str | None = None
    policy_source_arn: str | None = None
    path_known: bool = True
    why_not: str = ""
    user_id: str | None = None
    key_prefix: str | None = None
    assumptions: tuple[Assumption, ...] = ()
    tags: Mapping[str, str] | None = None

    @property
    def is_service_linked(self) -> bool:
        """True for roles that services made for themselves, which SCPs do not apply to.

        Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        """
        return is_service_linked_role(self.policy_source_arn or "")

    def facts(self) -> ContextFacts:
        """What is known of the context of its calls from who it is: nothing of a group, which never calls."""
        source = self.arn if self.kind in _WITHOUT_ENTITY else self.policy_source_arn
        has_path = self.path_known and source is not None
        if source is None and self.kind is IdentityKind.ASSUMED_ROLE:
            # all but the path of the role is in the session's ARN
            source = str(Arn.parse(self.arn)._replace(service="iam", resource=f"role/{self.name}"))
        if source is None or self.kind is IdentityKind.GROUP:
            return ContextFacts()
        facts = principal_context(source, user_id=self.user_id, access_key_id=self.key_prefix, tags=self.tags)
        if has_path:
            return facts
        return facts._replace(known={key: value for key, value in facts.known.items() if key != "aws:PrincipalArn"})


def parse_principal(text: str, *, where: str = "--principal") -> PrincipalIdentity:
    """Reads the ARN of a principal.

    Args:
        text: The ARN of a user, role, group, role session, federated user, or root.
        where: Where it comes from, for the error.

    Raises:
        InvalidInputError: It is no such ARN.
    """
    arn = Arn.parse(text, where=where)
    kind_text, slash, rest = arn.resource.partition("/")
    known = {kind.value: kind for kind in IdentityKind}
    kind = known.get(kind_text)
    of_sts = kind in (IdentityKind.ASSUMED_ROLE, IdentityKind.FEDERATED_USER)
    good = kind is not None and arn.service == ("sts" if of_sts else "iam") and not arn.region
    name, _, session = rest.partition("/") if of_sts else (rest.rpartition("/")[2], "", "")
    complete = not slash if kind is IdentityKind.ROOT else bool(name)
    if kind is None or not good or not complete or bool(session) is not (kind is IdentityKind.ASSUMED_ROLE):
        raise InvalidInputError(
            f"{text!r} is not the ARN of a principal",
            where=where,
            cure="give the ARN of a user, role, group or role session, as `aws sts get-caller-identity` prints it",
        )
    if len(arn.account_id) != 12 or not (arn.account_id.isascii() and arn.account_id.isdigit()):
        raise InvalidInputError(f"{text!r} has no account id of 12 digits", where=where, cure="give the whole ARN")
    return PrincipalIdentity(
        kind,
        text,
        arn.account_id,
        name or IdentityKind.ROOT.value,
        session or None,
        policy_source_arn=text if kind in _SIMULATED else None,
        why_not=_NOT_SIMULATED.get(kind, ""),
    )


def caller(sts: object, *, access_key_id: str | None = None, deadline: Deadline | None = None) -> PrincipalIdentity:
    """Who calls, as STS says.

    Args:
        sts: A boto3 client for STS.
        access_key_id: The id of the key that `sts` signs with; only its prefix is looked at.
        deadline: When the run must have ended.

    Raises:
        AwsUnavailableError: STS could not be asked, or its answer cannot be understood.
    """
    principal = principal_of(call(sts, "sts:GetCallerIdentity", deadline))
    return replace(principal, key_prefix=None if access_key_id is None else access_key_id[:_LENGTH_OF_PREFIX])


def principal_of(answer: AwsAnswer) -> PrincipalIdentity:
    """The principal that an answer of GetCallerIdentity names; AwsUnavailableError where it cannot be understood."""
    arn, account_id = answer.text("Arn"), answer.text("Account")
    try:
        principal = parse_principal(arn, where="GetCallerIdentity")
    except InvalidInputError as error:
        raise answer.unusable(str(error)) from error
    if principal.account_id != account_id:
        raise answer.unusable(f"the account {account_id} is not that of {arn}")
    return replace(principal, user_id=answer.text("UserId"))


def resolve(principal: PrincipalIdentity, iam: object, *, deadline: Deadline | None = None) -> PrincipalIdentity:
    """Finds the role behind a session; every other principal is returned as it is.

    The ARN of a session has no path, and the roles of IAM Identity Center have one
    (`/aws-reserved/sso.amazonaws.com/...`), so IAM is asked. Where the caller may not ask, the ARN without a path is
    taken: the simulator looks entities up by name (observed in AWS's answers, September 2026).

    Raises:
        AwsUnavailableError: IAM could not be asked for another reason, or its answer cannot be understood.
    """
    if principal.kind is not IdentityKind.ASSUMED_ROLE:
        return principal
    try:
        return with_role(principal, call(iam, "iam:GetRole", deadline, RoleName=principal.name))
    except AwsUnavailableError as error:
        if not is_access_denied(error):
            raise
        return without_role(principal)


def with_role(principal: PrincipalIdentity, answer: AwsAnswer) -> PrincipalIdentity:
    """The principal over the role that GetRole answered for its name.

    Raises:
        AwsUnavailableError: The answer is about another role, or cannot be understood.
    """
    arn = (answer.part("Role") or answer).text("Arn")
    resolved = with_source(principal, arn)
    if resolved is None:
        raise answer.unusable(f"{arn} is not the role of {principal.arn}")
    return resolved


def with_source(principal: PrincipalIdentity, arn: str) -> PrincipalIdentity | None:
    """The principal over the user, role or group that IAM has under its name; None where the ARN is of another.

    IAM looks entities up by their name alone: a path that was given may not be the real one.
    """
    kind = IdentityKind.ROLE if principal.kind is IdentityKind.ASSUMED_ROLE else principal.kind
    if not arn.startswith(_pathless(principal, kind).removesuffix(principal.name)):
        return None
    if arn.rpartition("/")[2] != principal.name:
        return None
    assumptions = principal.assumptions
    if principal.kind in _SIMULATED and arn != principal.arn:
        text = f"{principal.arn} is taken to be {arn}, the only {kind} of that name"
        assumptions = (*assumptions, Assumption(text, "--principal"))
    return replace(principal, policy_source_arn=arn, path_known=True, assumptions=assumptions)


def without_role(principal: PrincipalIdentity) -> PrincipalIdentity:
    """The principal of a session over a role that may not be read: its ARN is taken to have no path."""
    pathless = _pathless(principal, IdentityKind.ROLE)
    text = f"the role's path could not be read (grant iam:GetRole on {pathless}): {pathless} was asked about"
    assumed = Assumption(text, "--principal")
    return replace(
        principal, policy_source_arn=pathless, path_known=False, assumptions=(*principal.assumptions, assumed)
    )


def _pathless(principal: PrincipalIdentity, kind: IdentityKind) -> str:
    return f"arn:{Arn.parse(principal.arn).partition}:iam::{principal.account_id}:{kind}/{principal.name}"


def require_account(principal: PrincipalIdentity, account_id: str) -> None:
    """Returns where the principal belongs to the account that will be deployed to.

    Raises:
        InvalidInputError: It belongs to another: its policies say nothing about resources there.
    """
    if principal.account_id != account_id:
        raise InvalidInputError(
            f"{principal.arn} belongs to account {principal.account_id}, and the deployment to {account_id}",
            where="--account-id",
            cure="use credentials of the deployment's account, or leave --account-id out",
        )
