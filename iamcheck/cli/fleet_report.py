"""Defines `iamcheck fleet report`, which answers questions over the results of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli import options
from iamcheck.cli.exit_status import DONE
from iamcheck.cli.output import style, write
from iamcheck.cli.parsing import MappingCommand
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.cli.words import FleetReportWords

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck fleet report results.jsonl
  iamcheck fleet report results.jsonl --output html --output-file fleet.html
  iamcheck fleet report results.jsonl --parquet results.parquet
"""


@click.command("report", cls=MappingCommand, epilog=_EXAMPLES)
@click.argument("results", metavar="RESULTS")
@click.option(
    "--parquet",
    metavar="FILE",
    help="Write the results there too, a line for each piece of evidence, for DuckDB (needs iamcheck[arrow]).",
)
@options.redact
@options.output("table", "markdown", "html", "json")
def command(words: FleetReportWords) -> int:
    """Tell who cannot deploy what and where, which statement stops most, and what would settle most of the unknown.

    RESULTS is the file of `iamcheck fleet`; - is standard input. A manifest that is called report is ./report.

    Exit status: 0, or 2 for bad input.
    """
    from iamcheck.fleet.report.formats import render
    from iamcheck.fleet.report.reading import read_results
    from iamcheck.fleet.report.summary import summarize

    if words["parquet"] is not None and words["redact"]:
        raise InvalidInputError(
            "--parquet writes the results as they are", where="--redact", cure="give one of the two"
        )
    results = read_results(words["results"])
    if words["parquet"] is not None:
        from pathlib import Path

        from iamcheck.fleet.report.parquet import write_parquet  # few people have pyarrow

        if Path(words["parquet"]).resolve() == Path(words["results"]).resolve():
            raise InvalidInputError("it is the file of the results", where="--parquet", cure="name another file")

        results = write_parquet(results, words["parquet"])
    summary = summarize(results)
    if words["redact"]:
        from iamcheck.formats.redacting import redacted_value  # few reports are for strangers

        summary = redacted_value(summary)
    shown = style(no_color=words["no_color"], output_file=words["output_file"])
    write(render(summary, words["output"], shown), words["output_file"])
    return DONE
