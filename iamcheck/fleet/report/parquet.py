"""Writes results as a Parquet file for DuckDB or pandas. The only importer of pyarrow (extra `iamcheck[arrow]`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from iamcheck.fleet.report.reading import ResultLine

__all__ = ["write_parquet"]

_BATCH: Final = 20_000
"""Lines of the table that are held at a time."""
_TEXTS: Final = (
    *("verdict", "error", "principal", "account_id", "region", "endpoint_name", "endpoint_config_name"),
    *("check_id", "status", "summary", "action", "resource", "decision", "policy_type", "policy", "sid"),
)


def write_parquet(results: Iterable[ResultLine], path: str) -> Iterator[ResultLine]:
    """Writes each result as it comes, and gives it on: a line for each piece of evidence, at least one a row.

    The file is there when all results are in it, and not before.

    Args:
        results: The results.
        path: The file.

    Raises:
        InvalidInputError: pyarrow is not installed, or the file cannot be written.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InvalidInputError("pyarrow is not installed", where="--parquet", cure="install iamcheck[arrow]") from None
    schema = pyarrow.schema(
        [
            ("row", pyarrow.int64()),
            *((name, pyarrow.string()) for name in _TEXTS),
            ("statement_index", pyarrow.int64()),
            ("certain", pyarrow.bool_()),
            ("open_keys", pyarrow.list_(pyarrow.string())),
        ]
    )
    unfinished = Path(f"{path}.unfinished")
    try:
        with pyarrow.parquet.ParquetWriter(str(unfinished), schema) as writer:
            lines: list[Mapping[str, object]] = []
            for result in results:
                lines += _lines(result)
                if len(lines) >= _BATCH:
                    writer.write_table(pyarrow.Table.from_pylist(lines, schema=schema))
                    lines = []
                yield result
            writer.write_table(pyarrow.Table.from_pylist(lines, schema=schema))
        unfinished.replace(path)
    except OSError as error:
        # pyarrow puts its own words, and the name of the unfinished file, in place of the system's reason
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InvalidInputError(f"cannot be written: {reason}", where=path) from None
    finally:
        # a table of half of the results would look like one of all
        unfinished.unlink(missing_ok=True)


def _lines(result: ResultLine) -> Iterator[Mapping[str, object]]:
    head = {"row": result.number, "verdict": result.document["verdict"], "error": result.document.get("error")}
    reports = result.document["reports"]
    if not isinstance(reports, list) or not reports:
        yield head
        return
    for report in reports:
        of_report = {**head, "principal": report.get("principal"), **_known(report["deployment"])}
        for check in report["checks"]:
            of_check = {
                **of_report,
                "check_id": check.get("id"),
                **{name: check.get(name) for name in ("status", "summary", "open_keys")},
            }
            for evidence in check.get("evidence") or [{}]:
                by = evidence.get("decided_by") or {}
                yield {
                    **of_check,
                    **{name: evidence.get(name) for name in ("action", "resource", "decision", "certain")},
                    **{name: by.get(name) for name in ("policy_type", "policy", "sid")},
                    "statement_index": by.get("index"),
                }


def _known(deployment: Mapping[str, object]) -> Mapping[str, object]:
    return {name: deployment.get(name) for name in ("account_id", "region", "endpoint_name", "endpoint_config_name")}
