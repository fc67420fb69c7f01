"""Shows whole reports and results as text, with everything that they hold, so that a text can be approved."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from iamcheck.checks.report import Report
    from iamcheck.iam.model import Place, StatementRef
    from iamcheck.permissions import RequiredPermission
    from iamcheck.results import CheckResult, Evidence, Remedy
    from tests.server import LoopbackAws

    Scenario: TypeAlias = Callable[["Here"], str]
    """What gives the text of a world, in the place where it runs."""

__all__ = ["Here", "error_text", "report_text", "result_text", "sections", "whole_text"]

_SHORT: Final = {
    "arn:aws:sagemaker:eu-west-1:123456789012:": "sm:",
    "arn:aws:iam::123456789012:": "iam:",
    "arn:aws:kms:eu-west-1:123456789012:": "kms:",
    "arn:aws:logs:eu-west-1:123456789012:": "logs:",
    "arn:aws:ecr:eu-west-1:123456789012:": "ecr:",
}
"""Beginnings of ARNs that would fill the approved texts, and what stands in their place."""
_OFTEN: Final = 6
_LONG: Final = 80
_HEAD: Final = re.compile(r"^=== (.*)\n", re.MULTILINE)


class Here(NamedTuple):
    """Where a scenario runs.

    Args:
        folder: An empty folder, which is the working directory.
        aws: A fresh AWS; None: the group needs none.
    """

    folder: Path
    aws: LoopbackAws | None = None

    def write(self, name: str, content: object) -> Path:
        """Writes a file, as JSON where it is no text, and gives its name as a user would type it."""
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder.__class__(name)

    def shown(self, text: str) -> str:
        """The text without what differs from run to run, and with short ARNs."""
        text = text.replace(f"{self.folder}/", "").replace(str(self.folder), "FOLDER")
        text = text if self.aws is None else text.replace(self.aws.url, "https://aws")
        for beginning, short in _SHORT.items():
            text = text.replace(beginning, short)
        return text


def sections(text: str) -> dict[str, str]:
    """The parts of an approved text, by the name of the scenario."""
    head, *parts = _HEAD.split(text)
    legend = dict(line.split(" ", 1) for line in head.splitlines() if line)

    def whole(part: str) -> str:
        return "\n".join(legend.get(line, line) for line in part.strip("\n").split("\n"))

    return {name: whole(part) for name, part in zip(parts[::2], parts[1::2], strict=True)}


def whole_text(parts: Mapping[str, str]) -> str:
    """The approved text of these parts.

    Long lines that come again and again stand once, before the first part, but for those that say a decision.
    """
    counts = Counter(line for part in parts.values() for line in part.strip("\n").split("\n"))
    often = [
        line for line, count in counts.items() if count >= _OFTEN and len(line) >= _LONG and not line.startswith("  - ")
    ]
    signs = {line: f"[{hashlib.sha256(line.encode()).hexdigest()[:5]}]" for line in often}
    lines = [f"{sign} {line}\n" for line, sign in signs.items()]
    for name, part in parts.items():
        body = "\n".join(signs.get(line, line) for line in part.strip("\n").split("\n"))
        lines.append(f"=== {name}\n{body}\n\n")
    return "".join(lines)


# --- reports


def report_text(
    report: Report, *, only: Collection[str] = (), brief: Collection[str] = (), show: Collection[str] = ()
) -> str:
    """A report with everything that it holds.

    Args:
        report: The report.
        only: Ids of the checks to show; none: all of them, and the headline.
        brief: Ids of the checks of which one line is enough where they pass.
        show: `policy`, `permissions` and `context` (of the permissions), to show these too.
    """
    return "\n".join(_report(report, only, brief, show))


def _report(report: Report, only: Collection[str], brief: Collection[str], show: Collection[str]) -> Iterator[str]:
    yield str(report.verdict) if only else report.headline()
    mode = "offline" if report.offline else "online"
    yield f"{mode}, engine {report.engine}, scope {report.scope}, principal {report.principal}"
    if "policy" in show:
        yield f"policy: {json.dumps(report.policy)}"
    if "permissions" in show:
        yield from (_permission(permission, context="context" in show) for permission in report.permissions)
    for check in report.checks:
        if not only or check.id in only:
            text = result_text(check)
            yield text.partition("\n")[0] if check.id in brief and check.status == "pass" else text
    yield from (f"~ {one.removeprefix('assumed: ')}" for one in report.assumptions)
    yield from (f"not covered: {item.what} | {_place(item.where)} | {item.why}" for item in report.not_covered)
    # how many actions there are, the packaged reference of another release may say otherwise
    yield from (f"excess of {one.subject}" for one in report.excess)


def _permission(permission: RequiredPermission, *, context: bool) -> str:
    request = permission.request
    known = f" { ({key: value.values for key, value in sorted(request.given.items())}) }" if context else ""
    absent = f" absent {', '.join(sorted(request.absent))}" if context and request.absent else ""
    where = "" if permission.where is None else f" | {_place(permission.where)}"
    settled = f" | unless {permission.settled_by}" if permission.settled_by else ""
    return f"permission: {request.action} on {request.resource}{known}{absent} | {permission.reason}{where}{settled}"


def result_text(result: CheckResult) -> str:
    """A result with everything that it holds."""
    return "\n".join(_result(result))


def _result(result: CheckResult) -> Iterator[str]:
    yield f"{result.id}: {result.status}: {result.summary}"
    if result.open_keys:
        yield f"  open keys: {', '.join(result.open_keys)}"
    before: tuple[str, list[str]] | None = None
    for evidence in result.evidence:
        first, *others = _evidence(evidence)
        call, _, decision = first.rpartition(": ")
        # calls with the same decision stand in a list below the first of them and what is said of it
        is_same = evidence.action is not None and (decision, others) == before
        yield f"      {call}" if is_same else f"  - {first}"
        yield from () if is_same else (f"      {line}" for line in others)
        before = decision, others
    if result.remedy is not None:
        yield from (f"  {line}" for line in _remedy(result.remedy))


def _evidence(evidence: Evidence) -> Iterator[str]:
    if evidence.action is not None:
        certain = "certain" if evidence.certain else "not certain"
        anyway = ", denied anyway" if evidence.is_denied_anyway else ""
        blocked = "" if evidence.blocked_by is None else f", blocked by {evidence.blocked_by}"
        by = "" if evidence.decided_by is None else f", by {_statement(evidence.decided_by)}"
        decision = f"{evidence.decision}, {certain}{anyway}{blocked}{by}"
        yield f"{evidence.action} on {evidence.resource}: {decision.replace(': ', ':')}"
    elif evidence.decided_by is not None:
        yield f"by {_statement(evidence.decided_by)}"
    if evidence.call is not None:
        yield f"call {evidence.call.operation} {evidence.call.endpoint or '-'}: {evidence.call.answer}"
    if evidence.note is not None:
        yield f"note: {evidence.note}"
    yield from (f"nearest: {text}" for text in evidence.nearest)
    if evidence.denial is not None:
        text = evidence.denial.replace(f"{evidence.action} on resource: {evidence.resource}", "it")
        yield f"denial: {text.replace(f'the {evidence.action} action', 'it')}"
    if evidence.where is not None:
        yield f"where: {_place(evidence.where)}"


def _statement(by: StatementRef) -> str:
    return str(by) + ("" if by.place is None else f" at {_place(by.place)}")


def _place(place: Place) -> str:
    return f"{place.label or place.file}:{place.line}:{place.column} {place.path}".rstrip()


def _remedy(remedy: Remedy) -> Iterator[str]:
    yield f"remedy{' (proved)' if remedy.proved else ''}: {remedy.text}"
    if remedy.policy is not None:
        yield f"  policy: {json.dumps(remedy.policy)}"
    if remedy.diff is not None:
        yield from (f"  {line}" for line in remedy.diff.splitlines() if line)


def error_text(error: Exception) -> str:
    """What somebody reads who gave something that cannot be used."""
    return f"{type(error).__name__}: {error}"
