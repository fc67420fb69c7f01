"""Reads the results of a fleet line by line, and refuses what is no result of this version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

__all__ = ["ResultLine", "read_results"]

Map: TypeAlias = "Mapping[str, object]"

_SCHEMA: Final = "2"
_VERDICTS: Final = frozenset({"pass", "fail", "invalid", "unknown"})
_MOST_ROWS: Final = 2**63 - 1
"""The largest number that a table has room for."""
_TEXT, _TEXTS, _MAP, _MAPS, _BOOLEAN, _NUMBER = "text", "texts", "map", "maps", "boolean", "number"
_RESULT: Final = {"error": _TEXT}
_REPORT: Final = {"principal": _TEXT, "deployment": _MAP, "checks": _MAPS}
_DEPLOYMENT: Final = dict.fromkeys(("account_id", "region", "endpoint_name", "endpoint_config_name"), _TEXT)
_CHECK: Final = {
    **dict.fromkeys(("id", "status", "summary"), _TEXT),
    **{"open_keys": _TEXTS, "evidence": _MAPS, "remedy": _MAP},
}
_EVIDENCE: Final = {
    **dict.fromkeys(("action", "resource", "decision", "note"), _TEXT),
    **{"certain": _BOOLEAN, "denied_anyway": _BOOLEAN, "decided_by": _MAP},
}
_STATEMENT: Final = {**dict.fromkeys(("policy_type", "policy", "sid"), _TEXT), "index": _NUMBER, "line": _NUMBER}


class ResultLine(NamedTuple):
    """One result: the document of `check` with its row."""

    number: int
    document: Mapping[str, object]


def read_results(path: str) -> Iterator[ResultLine]:
    """Reads the results of `iamcheck fleet`, one at a time.

    Args:
        path: The file; `-` is standard input.

    Raises:
        InvalidInputError: The file cannot be read, is empty, or has a line that is no result of this version.
    """
    place, number = "standard input" if path == "-" else path, 0
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            where = f"{place}, line {number}"
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                document = None
            if isinstance(document, dict) and document.get("schema_version", _SCHEMA) != _SCHEMA:
                raise InvalidInputError("it is a result of another version of iamcheck", where=where,
                                        cure="run the fleet again with this version")  # fmt: skip
            if not isinstance(document, dict) or not _is_result(document):
                cure = "half a line at the end is repaired by iamcheck fleet --resume" if line[-1:] != b"\n" else ""
                raise InvalidInputError("it is no result of iamcheck fleet", where=where,
                                        cure=cure or "give the file that --output-file made")  # fmt: skip
            yield ResultLine(document["row"], document)
    if not number:
        raise InvalidInputError("the file is empty", where=place, cure="give the file that --output-file made")


def _is_result(document: Map) -> bool:
    """Whether all that is looked at has its type; what is left out or null is none."""
    row, verdict, reports = document.get("row"), document.get("verdict"), document.get("reports")
    if not _is_number(row) or not 1 <= int(str(row)) <= _MOST_ROWS:
        return False
    if not isinstance(verdict, str) or verdict not in _VERDICTS or reports is None:
        return False
    return _has(document, {**_RESULT, "reports": _MAPS}) and all(map(_is_report, _maps(reports)))


def _is_report(report: Map) -> bool:
    if not _has(report, _REPORT) or report.get("checks") is None:
        return False
    deployment = report.get("deployment")
    if not isinstance(deployment, dict) or not _has(deployment, _DEPLOYMENT):
        return False
    return all(map(_is_check, _maps(report["checks"])))


def _is_check(check: Map) -> bool:
    if not _has(check, _CHECK) or not _has(_map(check.get("remedy")), {"text": _TEXT}):
        return False
    return all(
        _has(evidence, _EVIDENCE) and _has(_map(evidence.get("decided_by")), _STATEMENT)
        for evidence in _maps(check.get("evidence"))
    )


def _has(holder: Map, members: Mapping[str, str]) -> bool:
    return all(_is_of(holder.get(name), kind) for name, kind in members.items())


def _is_of(value: object, kind: str) -> bool:
    if value is None:
        return True
    if kind == _NUMBER:
        return _is_number(value)
    if kind in (_TEXTS, _MAPS):
        of_item = str if kind == _TEXTS else dict
        return isinstance(value, list) and all(isinstance(one, of_item) for one in value)
    return isinstance(value, {_TEXT: str, _MAP: dict, _BOOLEAN: bool}[kind])


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _maps(value: object) -> list[Map]:
    return value if isinstance(value, list) else []


def _map(value: object) -> Map:
    return value if isinstance(value, dict) else {}
