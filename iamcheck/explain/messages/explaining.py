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
from iamcheck.explain.messages.policies import POLICIES
from iamcheck.explain.messages.reading import LONGEST, messages_in
from iamcheck.iam.model import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.explain.messages.facts import Facts
    from iamcheck.explain.messages.families import MessageFamily

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
        cure: What to do; empty where that hangs on what the message leaves open.
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
        statement: The policy to add, where an Allow is missing in an identity policy.
        source: The AWS page, a URL.
    """

    family: str
    title: str
    decision: Decision | None
    policy: str | None
    policy_arn: str | None
    meaning: str
    cure: str
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
    statement: Mapping[str, object] | None
    source: str


_DECISIONS: Final[Mapping[str, Decision]] = {
    "explicit-deny": Decision.EXPLICIT_DENY,
    "explicit-deny-untyped": Decision.EXPLICIT_DENY,
    "implicit-deny": Decision.IMPLICIT_DENY,
}
_INNER: Final = frozenset({"name_arn", "caller_account"})
"""Parts that other parts say better."""


def explain_messages(
    text: str, *, account_id: str | None = None, last_first: bool = False
) -> tuple[ExplainedMessage, ...]:
    """Explains the messages that AWS showed for a denied or failed call of a deployment.

    Args:
        text: The text, with whatever stands around the messages in a log.
        account_id: The 12 digits of the account, for a text that masks it.
        last_first: The text is a log: the last message stands first, and the end of a long text is read.

    Returns:
        The messages that are recognised, the first cause first; none where no message is.

    Raises:
        InvalidInputError: There is no text at all.
    """
    if not text.strip():
        raise InvalidInputError("there is no message", cure="give the text that AWS showed")
    found = messages_in(text, last_first=last_first)
    return tuple(_explained(message.family, facts_of(message.groups, account_id)) for message in found)


def _explained(family: MessageFamily, facts: Facts) -> ExplainedMessage:
    words = POLICIES[facts.policy] if facts.policy else None
    on = f" on {facts.resource}" if facts.resource else ""
    article = "an" if (facts.policy or "").startswith("i") else "a"
    parts = {
        **facts.values,
        "on": on,
        "what": words.what if words else "",
        "a_policy": f"{article} {facts.policy}",
        "hint": hint_of(facts),
    }
    commands = [COMMANDS[name](facts) for name in family.run]
    return ExplainedMessage(
        family=family.id,
        title=family.title,
        decision=_DECISIONS.get(family.id),
        policy=facts.policy,
        policy_arn=facts.values.get("policy_arn"),
        meaning=" ".join(family.meaning.format_map(defaultdict(lambda: "(not named)", parts)).split()),
        cure=family.cure,
        owner=(words.owner if words else family.owner) or None,
        principal=facts.principal,
        action=facts.action,
        resource=facts.resource,
        region=facts.region,
        account_id=facts.account_id,
        parts={name: text for name, text in sorted(facts.values.items()) if name not in _INNER},
        leaves_open=family.leaves_open,
        run=tuple(dict.fromkeys(one for one in commands if one is not None)),
        foreseen_by=family.foreseen_by if words is None or words.is_read or words.flag else (),
        statement=missing_statement(facts) if family.id == "implicit-deny" else None,
        source=family.source,
    )
