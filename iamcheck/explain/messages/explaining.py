"""Reads a message: which form it has, and what it says of who asked for what."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages.commands import COMMANDS, Command
from iamcheck.explain.messages.facts import Facts
from iamcheck.explain.messages.forms import FORMS
from iamcheck.explain.messages.policies import POLICIES
from iamcheck.iam.model import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.explain.messages.forms import Form

__all__ = ["Command", "Explained", "explain_message"]

LONGEST: Final = 100_000
"""Characters; the longest messages hold an encoded part of a few thousand."""
_ENDS: Final = "\"'`.,;:\\)]}"
"""What stands behind a name or an ARN in a sentence, in JSON or in a log, and is no part of it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A message, explained."""

    form: str
    """The row of the table that it fits: `implicit-deny`."""
    decision: Decision | None
    """Where the message says it."""
    policy: str | None
    """The type of policy that decided, as AWS calls it; None where the message does not say."""
    policy_arn: str | None
    meaning: str
    owner: str | None
    """Who can change it."""
    principal: str | None
    action: str | None
    resource: str | None
    region: str | None
    account_id: str | None
    not_said: tuple[str, ...]
    """What the message leaves open."""
    run: tuple[Command, ...]
    """What to run, with placeholders in capitals for what the message does not say."""
    source: str
    """The AWS page, a URL."""


_DECISIONS: Final[Mapping[str, Decision]] = {
    "explicit-deny": Decision.EXPLICIT_DENY,
    "explicit-deny-untyped": Decision.EXPLICIT_DENY,
    "implicit-deny": Decision.IMPLICIT_DENY,
}


def explain_message(message: str, *, where: str = "MESSAGE") -> Explained:
    """Explains a message that AWS showed for a denied or failed call of a deployment.

    Args:
        message: The text, with whatever stands around it in a log.
        where: Where it came from, for the error.

    Raises:
        InvalidInputError: It is no message that is known; its text is not repeated.
    """
    text = " ".join("".join(char if char.isprintable() else " " for char in message[:LONGEST]).split())
    text = text.replace('\\"', '"')
    for form in FORMS:
        found = re.search(form.pattern, text)
        if found:
            return _explained(form, _facts(found.groupdict()))
    raise InvalidInputError(
        "it is no message that is known here" if text else "there is no message",
        where=where,
        cure="give the whole text that AWS showed, such as 'User: ARN is not authorized to perform: ACTION ...'",
    )


def _facts(groups: Mapping[str, str | None]) -> Facts:
    values = {name: text.strip("\"'\\").rstrip(_ENDS) for name, text in groups.items() if text}
    values["resource"] = values.pop("quoted", "") or values.get("resource", "")
    for name, starts in (("principal", ("arn:", "anonymous")), ("resource", ("arn:", "*"))):
        # whatever else stands there is no name, and may be what nobody should see
        if not values.get(name, "").startswith(starts):
            values.pop(name, None)
    if "name_arn" in values:
        values["resource"] = values["name_arn"]
        values["name"] = values["name_arn"].rpartition("/")[2]
    return Facts({name: text for name, text in values.items() if text})


def _explained(form: Form, facts: Facts) -> Explained:
    words = POLICIES[facts.policy] if facts.policy else None
    on = f" on {facts.resource}" if facts.resource else ""
    article = "an" if (facts.policy or "").startswith("i") else "a"
    told = {**facts.values, "on": on, "what": words.what if words else "", "a_policy": f"{article} {facts.policy}"}
    made = [COMMANDS[name](facts) for name in form.run]
    return Explained(
        form.id,
        _DECISIONS.get(form.id),
        facts.policy,
        facts.values.get("policy_arn"),
        form.meaning.format_map(defaultdict(lambda: "(not named)", told)),
        (words.owner if words else form.owner) or None,
        facts.principal or None,
        facts.action,
        facts.resource,
        facts.region,
        facts.account_id,
        form.not_said,
        tuple(one for one in made if one is not None),
        form.source,
    )
