"""Answers questions over the results of a fleet: who cannot deploy what, what stops most, what would settle most."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import opened
from iamcheck.iam.model.evaluation import POLICY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iamcheck.results import Json

__all__ = ["FleetSummary", "ResultLine", "StoppedDeployer", "read_results", "summarize", "to_dict"]

_PRINCIPAL: Final = "principal.allowed"
_CALLER: Final = "the caller"
_POLICIES: Final = {policy_type.value: name for policy_type, name in POLICY_NAMES.items()}
_LISTED: Final = 20
"""Of statements, keys and errors, the most frequent ones that are listed."""


class ResultLine(NamedTuple):
    """One result: the document of `check` with its row."""

    number: int
    document: Mapping[str, object]


class StoppedDeployer(NamedTuple):
    """A principal that cannot deploy in a place.

    Args:
        principal: Its ARN, or `the caller`.
        account_id: The account; empty where it is not known.
        region: The Region, likewise.
        deployments: Names of the endpoints, or of endpoint configs without one.
        rows: Numbers of the rows.
        stopped_by: What stops it: deciding statements, or the calls that no Allow matches.
    """

    principal: str
    account_id: str
    region: str
    deployments: tuple[str, ...]
    rows: tuple[int, ...]
    stopped_by: tuple[str, ...]


class FleetSummary(NamedTuple):
    """What the results of a fleet come to.

    Args:
        rows: How many rows there are.
        verdicts: How many of each verdict.
        stopped: Who cannot deploy what and where.
        statements: Statements that deny, with the number of rows that each stops.
        missing: Calls that no Allow matches, likewise.
        checks: Other checks that fail, with the number of rows.
        open_keys: Context keys that are not known, with the rows that depend on each, and those that it alone settles.
        cures: What would settle rows that are unknown for another reason, with their number.
        errors: Why rows are invalid, with the numbers of the rows.
        spellings: Open keys as the policies spell them, by their lower case, as far as the results have it.
    """

    rows: int
    verdicts: Mapping[str, int]
    stopped: tuple[StoppedDeployer, ...]
    statements: tuple[tuple[str, int], ...]
    missing: tuple[tuple[str, int], ...]
    checks: tuple[tuple[str, int], ...]
    open_keys: tuple[tuple[str, int, int], ...]
    cures: tuple[tuple[str, int], ...]
    errors: tuple[tuple[str, tuple[int, ...]], ...]
    spellings: Mapping[str, str]


def read_results(path: str) -> Iterator[ResultLine]:
    """Reads the results of `iamcheck fleet`, one at a time.

    Args:
        path: The file; `-` is standard input.

    Raises:
        InvalidInputError: The file cannot be read, is empty, or has a line that is no result.
    """
    place, number = "standard input" if path == "-" else path, 0
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            try:
                document = json.loads(line)
                row = document["row"]
                if not isinstance(row, int) or not isinstance(document["verdict"], str):
                    raise TypeError
                if not isinstance(document["reports"], list):
                    raise TypeError
            except (ValueError, KeyError, TypeError, RecursionError):
                cure = "half a line at the end is repaired by iamcheck fleet --resume" if line[-1:] != b"\n" else ""
                raise InvalidInputError("it is no result of iamcheck fleet", where=f"{place}, line {number}",
                                        cure=cure or "give the file that --output-file made") from None  # fmt: skip
            yield ResultLine(row, document)
    if not number:
        raise InvalidInputError("the file is empty", where=place, cure="give the file that --output-file made")


def summarize(results: Iterable[ResultLine]) -> FleetSummary:
    """The summary of results; it holds no result longer than it looks at it."""
    counts = _Counts()
    for result in results:
        counts.add(result)
    return counts.summary()


class _Counts:
    """What is counted."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.statements: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.checks: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.only_keys: Counter[str] = Counter()
        self.cures: Counter[str] = Counter()
        self.errors: dict[str, list[int]] = {}
        self.spellings: dict[str, str] = {}
        self.stopped: dict[tuple[str, str, str], tuple[dict[str, None], dict[int, None], dict[str, None]]] = {}

    def add(self, result: ResultLine) -> None:
        verdict = str(result.document["verdict"])
        self.verdicts[verdict] += 1
        error = result.document.get("error")
        if error is not None:
            self.errors.setdefault(str(error), []).append(result.number)
        checks = [(report, one) for report in _maps(result.document["reports"]) for one in _maps(report.get("checks"))]
        statements: dict[str, None] = {}
        missing: dict[str, None] = {}
        failed: dict[str, None] = {}
        for report, check in checks:
            if check.get("status") != "fail":
                continue
            if check.get("id") != _PRINCIPAL:
                failed[str(check.get("id"))] = None
                continue
            by = self._stops(check)
            statements |= dict.fromkeys(text for text, is_statement in by if is_statement)
            missing |= dict.fromkeys(text for text, is_statement in by if not is_statement)
            self._stop(report, result.number, [text for text, _ in by])
        self.statements.update(statements.keys())
        self.missing.update(missing.keys())
        self.checks.update(failed.keys())
        if verdict == "unknown":
            self._open([one for _, one in checks if one.get("status") == "unknown"])

    def _stops(self, check: Mapping[str, object]) -> list[tuple[str, bool]]:
        """What denies, and whether it is a statement."""
        found: list[tuple[str, bool]] = []
        for evidence in _maps(check.get("evidence")):
            if evidence.get("decision") in (None, "allowed") or evidence.get("certain") is False:
                continue
            by = evidence.get("decided_by")
            if isinstance(by, dict):
                found.append((_statement(by), True))
            else:
                found.append(
                    (f"{evidence.get('decision')}: {evidence.get('action')} on {evidence.get('resource')}", False)
                )
        return found

    def _stop(self, report: Mapping[str, object], number: int, by: list[str]) -> None:
        place = report.get("deployment")
        place = place if isinstance(place, dict) else {}
        key = (
            str(report.get("principal") or _CALLER),
            str(place.get("account_id") or ""),
            str(place.get("region") or ""),
        )
        names, rows, stops = self.stopped.setdefault(key, ({}, {}, {}))
        names[str(place.get("endpoint_name") or place.get("endpoint_config_name") or "an endpoint")] = None
        rows[number] = None
        stops.update(dict.fromkeys(by))

    def _open(self, checks: list[Mapping[str, object]]) -> None:
        keys = sorted({str(key) for check in checks for key in cast("list[object]", check.get("open_keys") or [])})
        self.keys.update(keys)
        for key in keys:
            if key not in self.spellings and (spelling := _spelling(key, checks)):
                self.spellings[key] = spelling
        others = {
            str(cast("dict[str, object]", check["remedy"]).get("text"))
            if check.get("remedy")
            else str(check.get("summary"))
            for check in checks
            if not check.get("open_keys")
        }
        self.cures.update(others)
        if len(keys) == 1 and not others:
            self.only_keys[keys[0]] += 1

    def summary(self) -> FleetSummary:
        keys = sorted(self.keys, key=lambda key: (-self.only_keys[key], -self.keys[key], key))
        stopped = (
            StoppedDeployer(*key, tuple(names), tuple(rows), tuple(stops))
            for key, (names, rows, stops) in self.stopped.items()
        )
        return FleetSummary(
            rows=sum(self.verdicts.values()),
            verdicts={verdict: self.verdicts[verdict] for verdict in ("pass", "fail", "invalid", "unknown")},
            stopped=tuple(sorted(stopped, key=lambda one: (one.account_id, one.principal, one.region))),
            statements=_most(self.statements),
            missing=_most(self.missing),
            checks=_most(self.checks),
            open_keys=tuple((key, self.keys[key], self.only_keys[key]) for key in keys[:_LISTED]),
            cures=_most(self.cures),
            errors=tuple(
                (text, tuple(numbers))
                for text, numbers in sorted(self.errors.items(), key=lambda item: (-len(item[1]), item[0]))[:_LISTED]
            ),
            spellings=self.spellings,
        )


def _most(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_LISTED])


def _statement(by: Mapping[str, object]) -> str:
    """A deciding statement in words."""
    name = f"statement {by['sid']}" if by.get("sid") else f"Statement[{by.get('index')}]"
    line = f", line {by['line']}" if by.get("line") else ""
    policy_type = _POLICIES.get(str(by.get("policy_type")), "policy")
    return f"{name} of the {policy_type} {by.get('policy')}{line}"


def _spelling(key: str, checks: list[Mapping[str, object]]) -> str:
    """A key as the texts of checks spell it; empty where none of them names it."""
    for check in checks:
        remedy = check.get("remedy")
        texts = [check.get("summary"), remedy.get("text") if isinstance(remedy, dict) else None]
        texts += [evidence.get("note") for evidence in _maps(check.get("evidence"))]
        for text in texts:
            named = re.search(rf"(?<![\w:/]){re.escape(key)}(?![\w:/])", str(text), re.IGNORECASE)
            if named:
                return named[0]
    return ""


def _maps(value: object) -> Iterator[Mapping[str, object]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def to_dict(summary: FleetSummary) -> dict[str, Json]:
    """The summary as JSON."""
    return {
        "schema_version": "1",
        "rows": summary.rows,
        "verdicts": dict(summary.verdicts),
        "cannot_deploy": [
            {
                "principal": one.principal,
                "account_id": one.account_id,
                "region": one.region,
                "deployments": list(one.deployments),
                "rows": list(one.rows),
                "stopped_by": list(one.stopped_by),
            }
            for one in summary.stopped
        ],
        "statements": [{"statement": text, "rows": rows} for text, rows in summary.statements],
        "missing": [{"call": text, "rows": rows} for text, rows in summary.missing],
        "checks": [{"id": text, "rows": rows} for text, rows in summary.checks],
        "unknown": {
            "keys": [{"key": key, "rows": rows, "settles": settles} for key, rows, settles in summary.open_keys],
            "cures": [{"cure": text, "rows": rows} for text, rows in summary.cures],
        },
        "invalid": [
            {"error": text, "rows": len(numbers), "row_numbers": list(numbers)} for text, numbers in summary.errors
        ],
    }
