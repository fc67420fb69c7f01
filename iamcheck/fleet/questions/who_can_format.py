"""Writes who may do something, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck._version import __version__
from iamcheck.aws.secrets import mask_json
from iamcheck.formats.text import coloured, hanging, json_text, text_of
from iamcheck.iam.catalogue import reference_date
from iamcheck.iam.model.wording import counted
from iamcheck.results import Status, evidence_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.fleet.questions.outsiders import Outsider
    from iamcheck.fleet.questions.who_can import PrincipalAnswer, WhoCan, WhoCanQuestion
    from iamcheck.formats import Style
    from iamcheck.formats.text import Line
    from iamcheck.results import Json

__all__ = ["render"]

_WORDS: Final = {Status.PASS: "allowed", Status.UNKNOWN: "unknown", Status.FAIL: "denied"}


def render(question: WhoCanQuestion, found: WhoCan, output: str, style: Style, *, shows_denied: bool) -> str:
    """The answers as text.

    Args:
        question: What was asked.
        found: The answers.
        output: `table` or `json`.
        style: How wide, and whether in colour.
        shows_denied: Whether the table has those that may not, too; the JSON has them always.
    """
    if output == "json":
        return json_text(mask_json(_document(question, found)))
    return text_of(_lines(question, found, style, shows_denied=shows_denied), style)


def _document(question: WhoCanQuestion, found: WhoCan) -> Json:
    return {
        "schema_version": "1",
        "iamcheck_version": __version__,
        "reference_date": reference_date(),
        "action": question.action,
        "resource": question.resource,
        "counts": {word: _count(found, status) for status, word in _WORDS.items()},
        "principals": [
            {
                "principal": answer.principal,
                "decision": _WORDS[answer.result.status],
                "summary": answer.result.summary,
                "decided_by": evidence_to_dict(answer.result.evidence[0])["decided_by"],
                "open_keys": list(answer.result.open_keys),
                "unread": list(answer.gaps),
            }
            for answer in found.answers
        ],
        "chains": [
            {
                "principal": one.principal,
                "role": one.role,
                "decision": _word(is_certain=one.is_certain),
                "open_keys": list(one.open_keys),
            }
            for one in found.chains
        ],
        "others": [
            {
                "kind": one.kind,
                "principal": one.principal,
                "role": one.role,
                "decision": _word(is_certain=one.is_certain),
                "conditions": list(one.conditions),
            }
            for one in found.outsiders
        ],
        "assumptions": [str(one) for one in found.assumptions],
    }


def _word(*, is_certain: bool) -> str:
    return _WORDS[Status.PASS if is_certain else Status.UNKNOWN]


def _count(found: WhoCan, status: Status) -> int:
    return sum(answer.result.status is status for answer in found.answers)


def _lines(question: WhoCanQuestion, found: WhoCan, style: Style, *, shows_denied: bool) -> Iterator[Line]:
    yield f"Who can {question.action} on {question.resource}"
    shown = {status: word for status, word in _WORDS.items() if shows_denied or status is not Status.FAIL}
    if any(answer.result.status in shown for answer in found.answers):
        yield ""
    for status, word in shown.items():
        for answer in found.answers:
            if answer.result.status is status:
                label = f"{word:9}"
                yield from coloured(hanging(label, f"{answer.principal}: {_why(answer)}", style), word, status.value)
    if found.chains:
        yield ""
        yield "May become a role that may:"
        for one in found.chains:
            depends = f": it depends on {', '.join(one.open_keys)}" if one.open_keys else ""
            open_ended = "" if one.is_certain else f" (not certain{depends})"
            yield from hanging("  ", f"{one.principal} -> {one.role}{open_ended}", style)
    if found.outsiders:
        yield ""
        yield "Not among these principals, and may too:"
        for outsider in found.outsiders:
            yield from hanging("  ", _outsider(outsider), style)
    if found.assumptions:
        yield ""
        yield "Assumed:"
        for assumption in found.assumptions:
            yield from hanging("  - ", str(assumption).removeprefix("assumed: "), style)
    yield ""
    counts = ", ".join(f"{_count(found, status):,} {word}" for status, word in _WORDS.items())
    yield f"{counted(len(found.answers), 'principal')}: {counts}"


_OUTSIDERS: Final = {
    "root user": "the root user",
    "service": "the service",
    "identity provider": "whom the identity provider lets in:",
    "account": "principals that the account lets:",
    "principal": "the principal",
    "unique id": "the principal with the unique id",
    "canonical user": "the account with the canonical id",
    "anyone": "anyone in any account:",
}
"""How the table names somebody of each kind."""


def _outsider(one: Outsider) -> str:
    """Who it is, and what it may become."""
    what = [f"under conditions on {', '.join(one.conditions)}"] if one.conditions else []
    if one.kind == "service" and one.role is not None:
        what.insert(0, "and with it whoever can give the service this role")
    if not one.is_certain:
        what.append("not certain")
    role = "" if one.role is None else f" -> {one.role}"
    more = f" ({'; '.join(what)})" if what else ""
    return f"{_OUTSIDERS[one.kind]} {one.principal}{role}{more}"


def _why(answer: PrincipalAnswer) -> str:
    """What decided."""
    evidence = answer.result.evidence[0]
    if answer.result.status is Status.PASS:
        return f"by {evidence.decided_by}" if evidence.decided_by else "allowed"
    return "; ".join(
        (answer.result.summary.partition(": ")[2].partition(": ")[2] or answer.result.summary, *answer.gaps)
    )
