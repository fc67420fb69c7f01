"""Answers questions over the results of a fleet: who cannot deploy what, what stops most, what would settle most."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from iamcheck.iam.model.evaluation import POLICY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iamcheck.fleet.report.reading import ResultLine
    from iamcheck.results import Json

__all__ = ["FleetSummary", "StoppedDeployer", "summarize", "to_dict"]

_PRINCIPAL: Final = "principal.allowed"
_CALLER: Final = "the caller"
_POLICIES: Final = {policy_type.value: name for policy_type, name in POLICY_NAMES.items()}
_LISTED: Final = 20
"""Of statements, keys and errors, the most frequent ones that are listed."""


class StoppedDeployer(NamedTuple):
    """A principal that cannot deploy in a place.

    Args:
        principal: Its ARN, or `the caller`.
        account_id: The account; empty where it is not known.
        region: The Region, likewise.
        deployments: Names of the endpoints, or of endpoint configs without one.
        rows: Numbers of the rows.
        stopped_by: What stops it: deciding statements, or the calls that no Allow matches.
        causes: The same in short, what stops most rows first: of calls that differ in their resource alone one text.
    """

    principal: str
    account_id: str
    region: str
    deployments: tuple[str, ...]
    rows: tuple[int, ...]
    stopped_by: tuple[str, ...]
    causes: tuple[str, ...]


class FleetSummary(NamedTuple):
    """What the results of a fleet come to.

    Args:
        rows: How many rows there are.
        verdicts: How many of each verdict.
        stopped: Who cannot deploy what and where.
        statements: Statements that deny, with the number of rows that each stops.
        missing: Calls that no Allow matches, likewise; those that differ in their resource alone are one.
        checks: Other checks that fail, with the number of rows.
        open_keys: Context keys that are not known, with the rows that depend on each, and those that it alone settles.
        key_sets: Context keys that settle rows together, with the number of rows that need just these.
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
    key_sets: tuple[tuple[tuple[str, ...], int], ...]
    cures: tuple[tuple[str, int], ...]
    errors: tuple[tuple[str, tuple[int, ...]], ...]
    spellings: Mapping[str, str]


def summarize(results: Iterable[ResultLine]) -> FleetSummary:
    """The summary of results; it holds no result longer than it looks at it."""
    counts = _Counts()
    for result in results:
        counts.add(result)
    return counts.summary()


class _Stop(NamedTuple):
    """What stops a call: a statement, or that no Allow matches."""

    statement: str
    """Empty: none is known."""
    decision: str = ""
    action: str = ""
    resource: str = ""

    @property
    def text(self) -> str:
        return self.statement or f"{self.decision}: {self.action} on {self.resource}"


class _Stops:
    """What stops rows, by its cause: a statement, or an action that is denied whatever its resource."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str, str]] = Counter()
        self._resources: dict[tuple[str, str, str], dict[str, None]] = {}

    def add(self, stops: Iterable[_Stop]) -> None:
        """Counts the stops of one row, each cause once."""
        causes: dict[tuple[str, str, str], None] = {}
        for stop in stops:
            cause = stop.statement, stop.decision, stop.action
            causes[cause] = None
            self._resources.setdefault(cause, {})[stop.resource] = None
        self._rows.update(causes.keys())

    def most(self) -> list[tuple[str, int]]:
        """The causes in words, with the number of rows that each stops, the most frequent first."""
        counted = ((self._words(cause), rows) for cause, rows in self._rows.items())
        return sorted(counted, key=lambda item: (-item[1], item[0]))

    def _words(self, cause: tuple[str, str, str]) -> str:
        statement, decision, action = cause
        resources = self._resources[cause]
        what = min(resources)
        if len(resources) > 1:
            what = f"{len(resources):,} resources, such as {what}"
        return statement or f"{decision}: {action} on {what}"


class _StoppedInPlace(NamedTuple):
    """What is known of a principal that cannot deploy in a place; the dictionaries keep an order and no values."""

    names: dict[str, None]
    rows: dict[int, None]
    texts: dict[str, None]
    causes: _Stops


class _Counts:
    """What is counted."""

    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.statements = _Stops()
        self.missing = _Stops()
        self.checks: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.key_sets: Counter[tuple[str, ...]] = Counter()
        self.cures: Counter[str] = Counter()
        self.errors: dict[str, list[int]] = {}
        self.spellings: dict[str, str] = {}
        self.stopped: dict[tuple[str, str, str], _StoppedInPlace] = {}

    def add(self, result: ResultLine) -> None:
        verdict = str(result.document["verdict"])
        self.verdicts[verdict] += 1
        error = result.document.get("error")
        if error is not None:
            self.errors.setdefault(str(error), []).append(result.number)
        checks = [(report, one) for report in _maps(result.document["reports"]) for one in _maps(report.get("checks"))]
        stops: list[_Stop] = []
        failed: dict[str, None] = {}
        for report, check in checks:
            if check.get("status") != "fail":
                continue
            if check.get("id") != _PRINCIPAL:
                failed[str(check.get("id"))] = None
                continue
            stops_of_check = list(_stops(check))
            stops += stops_of_check
            self._stop(report, result.number, stops_of_check)
        self.statements.add(stop for stop in stops if stop.statement)
        self.missing.add(stop for stop in stops if not stop.statement)
        self.checks.update(failed.keys())
        if verdict == "unknown":
            self._open([one for _, one in checks if one.get("status") == "unknown"])

    def _stop(self, report: Mapping[str, object], number: int, stops: list[_Stop]) -> None:
        place = report.get("deployment")
        place = place if isinstance(place, dict) else {}
        key = (
            str(report.get("principal") or _CALLER),
            str(place.get("account_id") or ""),
            str(place.get("region") or ""),
        )
        stopped = self.stopped.setdefault(key, _StoppedInPlace({}, {}, {}, _Stops()))
        stopped.names[str(place.get("endpoint_name") or place.get("endpoint_config_name") or "an endpoint")] = None
        stopped.rows[number] = None
        stopped.texts.update((stop.text, None) for stop in stops)
        stopped.causes.add(stops)

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
        if keys and not others:
            self.key_sets[tuple(keys)] += 1

    def summary(self) -> FleetSummary:
        alone = {key: self.key_sets[key,] for key in self.keys}
        keys = sorted(self.keys, key=lambda key: (-alone[key], -self.keys[key], key))
        sets = Counter({keys: rows for keys, rows in self.key_sets.items() if len(keys) > 1})
        stopped = (
            StoppedDeployer(
                *key, tuple(one.names), tuple(one.rows), tuple(one.texts), tuple(text for text, _ in one.causes.most())
            )
            for key, one in self.stopped.items()
        )
        return FleetSummary(
            rows=sum(self.verdicts.values()),
            verdicts={verdict: self.verdicts[verdict] for verdict in ("pass", "fail", "invalid", "unknown")},
            stopped=tuple(sorted(stopped, key=lambda one: (one.account_id, one.principal, one.region))),
            statements=tuple(self.statements.most()[:_LISTED]),
            missing=tuple(self.missing.most()[:_LISTED]),
            checks=_most(self.checks),
            open_keys=tuple((key, self.keys[key], alone[key]) for key in keys[:_LISTED]),
            key_sets=tuple(sorted(sets.items(), key=lambda item: (-item[1], item[0]))[:_LISTED]),
            cures=_most(self.cures),
            errors=tuple(
                (text, tuple(numbers))
                for text, numbers in sorted(self.errors.items(), key=lambda item: (-len(item[1]), item[0]))[:_LISTED]
            ),
            spellings=self.spellings,
        )


def _stops(check: Mapping[str, object]) -> Iterator[_Stop]:
    """What denies, whatever is unknown."""
    for evidence in _maps(check.get("evidence")):
        is_open = evidence.get("certain") is False and not evidence.get("denied_anyway")
        if evidence.get("decision") in (None, "allowed") or is_open:
            continue
        by = evidence.get("decided_by")
        if isinstance(by, dict):
            yield _Stop(_statement(by))
        else:
            yield _Stop("", *(str(evidence.get(name)) for name in ("decision", "action", "resource")))


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
        "key_sets": [{"keys": list(keys), "rows": rows} for keys, rows in summary.key_sets],
        "invalid": [
            {"error": text, "rows": len(numbers), "row_numbers": list(numbers)} for text, numbers in summary.errors
        ],
    }
