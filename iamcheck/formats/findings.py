"""Lists what a report finds, a finding for each cause and place: annotations and SARIF results are made of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iamcheck.formats.causes import call_text, causes_of, evidence_text, nearest_texts, nothing_ran, speaks_against
from iamcheck.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.report import Report
    from iamcheck.formats.causes import CallGroup, Cause
    from iamcheck.iam.model import Place
    from iamcheck.results import Evidence

__all__ = ["NOTHING_RAN", "Finding", "deployment_place", "findings_of", "place_that_asks"]

NOTHING_RAN = "the verdict is unknown: no check ran"


@dataclass(frozen=True)
class Finding:
    """Something that stands against a pass, at one place.

    Args:
        checks: The ids of the checks that say it; empty: no check ran.
        status: Fail or unknown.
        text: The finding in one line.
        place: The place in a file that asks for what is refused, else the statement that refuses it; None: no file
            says either.
        related: Other places that belong to it, such as the statement that decided.
        identity: What makes it the same finding in the next run, whatever the lines are then.
    """

    checks: tuple[str, ...]
    status: Status
    text: str
    place: Place | None
    related: tuple[Place, ...]
    identity: tuple[str, ...]


def findings_of(report: Report) -> list[Finding]:
    """What stands against a pass, in the order of the report; never empty where the verdict is no pass."""
    if nothing_ran(report):
        return [Finding((), Status.UNKNOWN, NOTHING_RAN, deployment_place(report), (), (NOTHING_RAN,))]
    return [finding for cause in causes_of(report.checks) for finding in _findings(cause, report)]


def deployment_place(report: Report) -> Place | None:
    """The place in a file where the deployment is written; None: in no file."""
    written = report.deployment.written
    requests = () if written is None else (written.endpoint, written.config)
    return next((request.place for request in requests if request is not None and request.place.file is not None), None)


def place_that_asks(evidence: Evidence, report: Report) -> Place | None:
    """The place in a file that asks for the call of a piece of evidence, or that the evidence speaks of."""
    asks = [evidence.where]
    asks += [
        permission.where
        for permission in report.permissions
        if (permission.request.action, permission.request.resource) == (evidence.action, evidence.resource)
    ]
    return next((place for place in asks if place is not None and place.file is not None), None)


def _findings(cause: Cause, report: Report) -> Iterator[Finding]:
    if cause.groups:
        for group in cause.groups:
            yield from _of_group(cause, group, report)
        return
    remedy = _remedy(cause)
    against = [fact for fact in cause.checks[0].evidence if speaks_against(fact)]
    for place, evidence in _by_place(against, report):
        texts = [text for text in map(evidence_text, evidence) if text not in cause.summary]
        yield _finding(
            cause,
            cause.status,
            "; ".join([cause.summary, *texts]) + remedy,
            _places(evidence, report),
            _named(place) or (cause.summary,),
        )


def _of_group(cause: Cause, group: CallGroup, report: Report) -> Iterator[Finding]:
    # a check that fails has a finding that fails, whatever its decisions are
    explains_cause = any(each.status is cause.status for each in cause.groups)
    status = group.status if explains_cause else cause.status
    for place, evidence in _by_place(group.evidence, report):
        calls = ", ".join(call_text(fact) for fact in evidence)
        by = group.first.decided_by
        nearest = "".join(f"; {text}" for text in nearest_texts(evidence[0])[:1])
        statement = () if by is None else (by.policy_type.value, by.policy, by.sid or str(by.index))
        places = _named(place) or tuple(f"{fact.resource}" for fact in evidence)
        identity = (group.heading.split(" by ")[0], *statement, *(f"{fact.action}" for fact in evidence), *places)
        # what was not read is why it is unknown; a denial stands whatever it says
        read = cause.facts if status is Status.UNKNOWN else ()
        why = nearest + "".join(f"; {evidence_text(fact)}" for fact in read)
        # the remedy of a cause is for what gave it its status
        text = f"{calls}: {group.heading}{why}{_remedy(cause) if status is cause.status else ''}"
        yield _finding(cause, status, text, _places(evidence, report), identity)


def _finding(cause: Cause, status: Status, text: str, places: Sequence[Place], identity: tuple[str, ...]) -> Finding:
    ids = tuple(check.id for check in cause.checks)
    return Finding(ids, status, text, places[0] if places else None, tuple(places[1:]), identity)


def _by_place(evidence: Sequence[Evidence], report: Report) -> list[tuple[Place | None, list[Evidence]]]:
    by_place: dict[Place | None, list[Evidence]] = {}
    for fact in evidence:
        by_place.setdefault(place_that_asks(fact, report) or fact.place, []).append(fact)
    return list(by_place.items()) or [(None, [])]


def _places(evidence: Sequence[Evidence], report: Report) -> list[Place]:
    """Places in files: those that ask first, then those that decided, each once."""
    asks = [place_that_asks(fact, report) for fact in evidence]
    decided = [None if fact.decided_by is None else fact.decided_by.place for fact in evidence]
    return list(dict.fromkeys(place for place in [*asks, *decided] if place is not None and place.file is not None))


def _named(place: Place | None) -> tuple[str, ...]:
    return () if place is None or place.file is None else (place.file, place.path)


def _remedy(cause: Cause) -> str:
    remedy = cause.checks[0].remedy
    return "" if remedy is None else f". To do: {remedy.text}"
