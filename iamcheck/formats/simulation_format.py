"""Writes the answer of `iamcheck simulate` as AWS's JSON or a table, and why each statement matches or does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from iamcheck.explain.why.words import listed
from iamcheck.formats.text import Coloured, coloured, hanging, json_text, text_of
from iamcheck.iam.model import Decision, PolicyType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.formats import Style
    from iamcheck.formats.text import Line
    from iamcheck.iam.engine.explain import ElementTrace, StatementTrace
    from iamcheck.simulators.simulate import Simulated, SimulatedDecision

__all__ = ["explanation", "render"]

_WIDTH: Final = max(len(decision.value) for decision in Decision) + 2
_STATUS: Final = {True: "pass", False: "fail", None: "unknown"}
_NO_ALLOW: Final = {
    PolicyType.IDENTITY: "no statement allows it",
    PolicyType.RESOURCE: "the resource policy does not allow it",
    PolicyType.BOUNDARY: "the permissions boundary does not allow it",
    PolicyType.SCP: "a level of service control policies does not allow it",
}


def render(simulated: Simulated, output: str, style: Style) -> str:
    """The answer as `table` or `json`, ending in a newline.

    JSON is laid out as the AWS CLI does.
    """
    if output == "json":
        return json_text(simulated.response, indent=4)
    lines = [line for answer in simulated.answers for line in _answer(simulated, answer, style)]
    counts = Counter(answer.decision.value for answer in simulated.answers)
    counted = ", ".join(f"{counts[decision.value]} {decision}" for decision in Decision if counts[decision.value])
    verdict = simulated.verdict.value
    return text_of([*lines, "", Coloured(f"{counted}: {verdict}", verdict, verdict)], style)


def _answer(simulated: Simulated, answer: SimulatedDecision, style: Style) -> Iterator[Line]:
    request, evaluation = answer.evaluation.request, answer.evaluation
    decision = answer.decision.value
    text = hanging(f"{decision:<{_WIDTH}}", f"{request.action} on {request.resource}", style)
    yield from coloured(text, decision, _STATUS[answer.allowed])
    indent = " " * _WIDTH
    for ref in evaluation.matched if answer.agreed else ():
        yield from hanging(f"{indent}by ", str(simulated.known_as(ref)), style)
    if answer.reason:
        yield from hanging(f"{indent}- ", answer.reason, style)
    elif answer.agreed and answer.decision is Decision.IMPLICIT_DENY and evaluation.blocked_by:
        yield from hanging(f"{indent}- ", _NO_ALLOW.get(evaluation.blocked_by, "no policy allows it"), style)
    if not answer.agreed:
        yield from hanging(f"{indent}? ", f"the local engine says {evaluation.decision}", style)
    if evaluation.open_keys:
        yield from hanging(f"{indent}? ", f"open: {', '.join(simulated.spelled(evaluation.open_keys))}", style)


def explanation(simulated: Simulated, style: Style) -> str:
    """How each statement fares with each action and resource, nearest to a match first."""
    return text_of((line for answer in simulated.answers for line in _explained(simulated, answer, style)), style)


def _explained(simulated: Simulated, answer: SimulatedDecision, style: Style) -> Iterator[Line]:
    request = answer.evaluation.request
    yield ""
    yield from hanging("", f"{request.action} on {request.resource}: {answer.decision}", style)
    if answer.reason:
        yield from hanging("  ", answer.reason, style)
    for trace in answer.traces:
        matches = {True: "matches", False: "does not match", None: "may match"}[trace.matched]
        text = f"{trace.effect} by {simulated.known_as(trace.ref)} {matches}"
        yield from hanging("  - ", text, style)
        yield from _elements(trace, style)


def _elements(trace: StatementTrace, style: Style) -> Iterator[Line]:
    """What failed, then what is open; a statement of other actions is not looked at further."""
    action = trace.elements[0]
    failed = (action,) if action.matched is False else trace.failed
    unclear = () if action.matched is False else tuple(element for element in trace.elements if element.matched is None)
    for mark, elements in (("no", failed), ("open", unclear)):
        for element in elements:
            yield from hanging(f"      {mark}: ", _element(element), style)


def _element(trace: ElementTrace) -> str:
    name = f"{trace.operator} {trace.key}" if trace.operator else trace.element
    expected = listed(trace.wanted)
    if trace.had is None:
        had = "nothing is known of it" if trace.unknown else "the request has none"
    else:
        had = f"the request has {', '.join(trace.had)}"
    unknown = [key for key in trace.unknown if key != trace.key]
    also = f"; nothing is known of {', '.join(unknown)}" if unknown else ""
    return f"{name} {expected}: {had}{also}"
