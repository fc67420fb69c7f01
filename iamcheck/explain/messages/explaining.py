"""Explains messages of AWS: what each means, who decides, what it leaves open, what to do and what to run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages.commands import COMMANDS, Command
from iamcheck.explain.messages.facts import facts_of
from iamcheck.explain.messages.hints import hint_of
from iamcheck.explain.messages.missing_statement import missing_statement
from iamcheck.explain.messages.reading import LONGEST, messages_in
from iamcheck.explain.policy_types import POLICIES
from iamcheck.explain.remedies.wording import ask_text, owner_of, remedy_text
from iamcheck.iam.model import Decision, Request
from iamcheck.results import Remedy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.explain.messages.facts import Facts
    from iamcheck.explain.messages.families import MessageFamily
    from iamcheck.explain.messages.trying import GivenPolicies, Trial

__all__ = ["LONGEST", "Command", "ExplainedMessage", "explain_messages"]


@dataclass(frozen=True, slots=True)
class ExplainedMessage:
    """A message, explained.

    Args:
        family: The family of the message, such as `implicit-deny`.
        title: What has happened, as a heading.
        decision: Where the message says it.
        policy: The type of policy that decided, as AWS calls it; None where the message does not say.
        policy_arn: The policy that decided, where the message names it.
        meaning: What the message means.
        remedy: What to do, and the statement to add where an Allow is missing; None: that hangs on what the message
            leaves open.
        nearest: Of the policies that the user gave: the statements that came nearest to allowing the call, or deny it.
        owner: Who can change it.
        principal: ARN of who called.
        action: The action that was denied.
        resource: The ARN of the resource, or `*`.
        region: The Region that the message names.
        account_id: The account that the message names, or that the user gave.
        parts: The named parts of the message.
        leaves_open: What the message does not say.
        run: What to run, with placeholders in capitals for what the message does not say.
        foreseen_by: Ids of the checks that tell before the deployment.
        source: The AWS page, a URL.
    """

    family: str
    title: str
    decision: Decision | None
    policy: str | None
    policy_arn: str | None
    meaning: str
    remedy: Remedy | None
    nearest: tuple[str, ...]
    owner: str | None
    principal: str | None
    action: str | None
    resource: str | None
    region: str | None
    account_id: str | None
    parts: Mapping[str, str]
    leaves_open: tuple[str, ...]
    run: tuple[Command, ...]
    foreseen_by: tuple[str, ...]
    source: str


_DECISIONS: Final[Mapping[str, Decision]] = {
    "explicit-deny": Decision.EXPLICIT_DENY,
    "explicit-deny-untyped": Decision.EXPLICIT_DENY,
    "implicit-deny": Decision.IMPLICIT_DENY,
}
_DENIALS: Final = frozenset({*_DECISIONS, "denied", "denied-in-part"})
"""Families whose messages name a call that was denied."""
_NO_RESOURCE: Final = ("on which resource: the message names none, or not by an ARN",)
_HIDDEN_RESOURCE: Final = ("on which resource: the text does not have its name whole",)
_NOBODY: Final = "nobody: AWS alone changes the policies of a service-linked role"
_INNER: Final = frozenset({"name_arn", "caller_account"})
"""Parts that other parts say better."""


def explain_messages(
    text: str, *, account_id: str | None = None, last_first: bool = False, given: GivenPolicies | None = None
) -> tuple[ExplainedMessage, ...]:
    """Explains the messages that AWS showed for a denied or failed call of a deployment.

    Args:
        text: The text, with whatever stands around the messages in a log.
        account_id: The 12 digits of the account, for a text that masks it.
        last_first: The text is a log: the last message stands first, and the end of a long text is read.
        given: Policies under which each denied call is tried; None: there are none.

    Returns:
        The messages that are recognised, the first cause first; none where no message is.

    Raises:
        InvalidInputError: There is no text at all; or policies are given, and no message names a call to try.
    """
    if not text.strip():
        raise InvalidInputError("there is no message", cure="give the text that AWS showed")
    found = messages_in(text, last_first=last_first)
    explained = tuple(_explained(message.family, facts_of(message.groups, account_id), given) for message in found)
    if given is not None and found and not any(tried for _, tried in explained):
        raise InvalidInputError(
            "no message of the text names a denied call with a whole resource, on which policies could be tried",
            where="--policy",
            cure="leave the policies out, or give the whole message, with --account-id where it masks the account",
        )
    return tuple(message for message, _ in explained)


def _explained(family: MessageFamily, facts: Facts, given: GivenPolicies | None) -> tuple[ExplainedMessage, bool]:
    """The message, and whether its call was tried under policies that were given."""
    words = POLICIES[facts.policy] if facts.policy else None
    on = f" on {facts.resource}" if facts.resource else ""
    decision = _DECISIONS.get(family.id)
    tried = _tried(family, facts, given, decision)
    parts = {
        **facts.values,
        "on": on,
        "what": words.what if words else "",
        "a_policy": f"{words.article} {words.name}" if words else "",
        "hint": hint_of(facts),
    }
    commands = [COMMANDS[name](facts) for name in family.run]
    message = ExplainedMessage(
        family=family.id,
        title=family.title,
        decision=decision,
        policy=facts.policy,
        policy_arn=facts.values.get("policy_arn"),
        meaning=" ".join(family.meaning.format_map(defaultdict(lambda: "(not named)", parts)).split()),
        remedy=_of_role_elsewhere(family, facts) or (tried.remedy if tried else _remedy(family, facts, decision)),
        nearest=tried.nearest if tried else (),
        owner=(owner_of(words, facts.principal_arn) or _NOBODY if words else family.owner) or None,
        principal=facts.principal,
        action=facts.action,
        resource=facts.resource,
        region=facts.region,
        account_id=facts.account_id,
        parts={name: text for name, text in sorted(facts.values.items()) if name not in _INNER},
        leaves_open=(*family.leaves_open, *(_resource_left_open(facts) if family.id in _DENIALS else ())),
        run=tuple(dict.fromkeys(command for command in commands if command is not None)),
        foreseen_by=family.foreseen_by if words is None or words.is_read or words.flag else (),
        source=family.source,
    )
    return message, tried is not None


def _resource_left_open(facts: Facts) -> tuple[str, ...]:
    """What the message does not say of the resource."""
    if not facts.resource:
        return _NO_RESOURCE
    return _HIDDEN_RESOURCE if facts.hides_resource else ()


def _tried(family: MessageFamily, facts: Facts, given: GivenPolicies | None, decision: Decision | None) -> Trial | None:
    if given is None or family.id not in _DENIALS:
        return None
    from iamcheck.explain.messages.trying import try_call  # it brings the engine along

    return try_call(facts, given, is_explicit=decision is Decision.EXPLICIT_DENY)


def _of_role_elsewhere(family: MessageFamily, facts: Facts) -> Remedy | None:
    """What to do where a role of another account was to be passed, which no policy can allow; None: it was not.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    if family.id not in _DENIALS or facts.resource is None or (facts.action or "").lower() != "iam:passrole":
        return None
    request = Request("iam:PassRole", facts.resource, principal=facts.principal_arn)
    if not request.is_across_accounts:
        return None
    return Remedy(
        f"name a role of account {request.caller_account} in the request, for no policy can allow "
        f"{request.action} on {request.resource}"
    )


def _remedy(family: MessageFamily, facts: Facts, decision: Decision | None) -> Remedy | None:
    """What to do, in the words of `iamcheck check` where the message says which type of policy denies."""
    words = POLICIES[facts.policy] if facts.policy else None
    if family.id == "kms-key" and facts.action is not None:
        key_policy = POLICIES["resource-based policy"]
        return Remedy(ask_text(Decision.IMPLICIT_DENY, key_policy, None, [f"{facts.action} on the key"]))
    if decision is None or words is None or facts.action is None:
        return Remedy(family.cure) if family.cure else None
    resource = "the resource whose name the text hides" if facts.hides_resource else facts.resource
    call = f"{facts.action} on {resource}" if resource else facts.action
    policy = missing_statement(facts) if decision is Decision.IMPLICIT_DENY else None
    text = remedy_text(decision, words, facts.principal_arn, [call], facts.values.get("policy_arn", ""))
    if decision is Decision.EXPLICIT_DENY and words.flag:
        text += (
            "; or change the call, if the statement exempts other Regions, instance types or tags: iamcheck explain "
            f"names them with {words.flag}"
        )
    return Remedy(text, policy)
