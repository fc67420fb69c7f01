"""Checks `request.valid`: whether AWS would take the requests of a deployment as they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.deployment.located import Tool
from iamcheck.deployment.unsettled import cure_of
from iamcheck.iam.model.wording import counted
from iamcheck.results import Assumption, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.checks.request_valid import Problem, RequestPlace, Unjudged
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["Outcome", "request_valid"]

_ID: Final = CheckId.REQUEST_VALID
_SHAPE: Final = "shape"
_UNREAD: Final = "not-read"
"""The rule of parts that no reader read."""
Outcome: TypeAlias = tuple[CheckResult, tuple[Assumption, ...]]
"""The result and the assumptions that it rests on."""

_CORRECT: Final = Remedy("correct each member at its place; the page behind it has the rule")
_SETTLE: Final = Remedy(
    "give what is not known: values that stand for others until the deployment is made, the other request"
)


def request_valid(
    endpoint: WrittenRequest | None,
    config: WrittenRequest | None,
    models: Sequence[WrittenRequest] = (),
    tool: Tool = Tool.SDK,
    target: RequestPlace | None = None,
    *,
    resources: Sequence[WrittenRequest] = (),
    updates: bool = False,
    strict: bool = False,
) -> Outcome:
    """Judges the requests by AWS's service model and by the documented rules between their members.

    Args:
        endpoint: The CreateEndpoint request; None: not given.
        config: The CreateEndpointConfig request; None: not given.
        models: The CreateModel requests that are written as well.
        tool: What will send them.
        target: Where they go; None: nobody says.
        resources: The requests of what is made besides, such as inference components and scalable targets.
        updates: Whether the endpoint exists already.
        strict: Whether a request of which a part was not read is unknown, and no assumption.

    Returns:
        A fail with every problem, or an unknown with everything that cannot be judged before the deployment is made;
        and an assumption where free texts, such as the ARN of a role that the deployment creates, are taken for valid.
    """
    # botocore's model and the rules are loaded when a request is there to be judged
    from iamcheck.checks.request_valid import validity_of

    if endpoint is None and config is None and not models and not resources:
        return CheckResult(_ID, Status.UNKNOWN, "no request is given"), ()
    validity = validity_of(endpoint, config, models, tool, target, resources=resources, updates=updates)
    assumptions = tuple(
        Assumption(
            f"{_where(text)} {text.what}, and is taken for valid"
            if text.rule != _SHAPE
            else f"{_where(text)} is {text.what}, and is taken for valid",
            " and ".join(dict.fromkeys(cause.cure for cause in text.causes if cause.cure)),
        )
        for text in validity.on_trust
    )
    if validity.problems:
        return _result(Status.FAIL, validity.problems, _CORRECT), ()
    if validity.unjudged:
        return _unknown(validity.unjudged), assumptions
    unread = tuple(text for text in validity.on_trust if text.rule == _UNREAD)
    if strict and unread:
        return _unknown(unread), assumptions
    summary = "the requests are as the API documents them"
    notes = tuple(
        Evidence(note=str(assumption), where=text.place)
        for assumption, text in zip(assumptions, validity.on_trust, strict=True)
    )
    if notes:
        # what a table cuts off must not be that
        open_texts = len(notes) - len(unread)
        parts = [f"{open_texts} {'texts are' if open_texts > 1 else 'text is'} not"] if open_texts else []
        if unread:
            operations = ", ".join(dict.fromkeys(text.operation for text in unread))
            parts.append(f"{len(unread)} of the members of {operations} {'are' if len(unread) > 1 else 'is'} not read")
        summary = f"as far as they are known ({'; '.join(parts)}), {summary}"
    return CheckResult(_ID, Status.PASS, summary, notes), assumptions


def _result(status: Status, findings: Sequence[Problem | Unjudged], remedy: Remedy) -> CheckResult:
    first, rest = findings[0], len(findings) - 1
    summary = f"{first.path or first.operation}: {first.what}" + (f", and {rest} more" if rest else "")
    evidence = tuple(
        Evidence(note=f"{_where(finding)}: {finding.what} [{finding.source}]", where=finding.place)
        for finding in findings
    )
    return CheckResult(_ID, status, summary, evidence, remedy=remedy)


def _unknown(unjudged: Sequence[Unjudged]) -> CheckResult:
    """Says one cause once, with the flag that settles it."""
    by_cause: dict[object, list[Unjudged]] = {}
    for finding in unjudged:
        by_cause.setdefault(finding.causes or finding, []).append(finding)
    firsts = [
        replace(group[0], what=f"{group[0].what}{_reasons(group[0])}{_and_more(len(group) - 1)}")
        for group in by_cause.values()
    ]
    causes = [cause for first in firsts for cause in first.causes]
    is_settled = bool(causes) and all(any(cause.cure for cause in first.causes) for first in firsts)
    return _result(Status.UNKNOWN, firsts, Remedy(cure_of(causes)) if is_settled else _SETTLE)


def _reasons(finding: Unjudged) -> str:
    return "".join(f": {cause.text}" for cause in finding.causes[:1])


def _and_more(count: int) -> str:
    return f" (and with it {counted(count, 'more member')})" if count else ""


def _where(finding: Problem | Unjudged) -> str:
    # the path of a request file is the member's own
    place = finding.place._replace(path="") if finding.place.path == finding.path else finding.place
    return f"{finding.path or finding.operation} ({place})"
