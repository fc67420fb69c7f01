"""Defines `iamcheck fleet`, which answers for many deployments."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from iamcheck.cli import check, options
from iamcheck.cli.exit_status import STATUS, UNKNOWN, USAGE
from iamcheck.cli.fleet_output import RESUME, RowProgress, opened_results, summary, terminal_of_progress
from iamcheck.cli.fleet_row_keys import NOT_OF_A_ROW
from iamcheck.cli.fleet_rows import (
    CALL_BUDGET,
    answer_rows,
    answer_sent_rows,
    check_row,
    files_of,
    words_of_deployment,
)
from iamcheck.cli.output import say
from iamcheck.cli.parsing import MappingCommand
from iamcheck.cli.words import CheckWords
from iamcheck.errors import InvalidInputError
from iamcheck.fleet import resuming
from iamcheck.fleet.manifest.reading import read_manifest, template_rows
from iamcheck.fleet.placement import Placement
from iamcheck.fleet.running import InThisProcess, WorkersEndedError, in_order
from iamcheck.fleet.sent_files import SentFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.aws.call_budget import CallBudget
    from iamcheck.cli.fleet_rows import RowToCheck
    from iamcheck.cli.words import FleetWords
    from iamcheck.fleet.manifest.reading import ManifestRow
    from iamcheck.fleet.resuming import FleetState, WrittenResults
    from iamcheck.fleet.row_text import RowResult
    from iamcheck.fleet.running import Call

__all__ = ["command"]

_EXAMPLES = """\b
Examples:
  iamcheck fleet fleet.jsonl --offline --workers 2 --output-file results.jsonl
  iamcheck fleet fleet.csv --region eu-west-1
  iamcheck fleet --from 'stacks/*.yaml' --offline --region eu-west-1 \\
      --account-id 123456789012 --policy deployer.json
  iamcheck fleet fleet.jsonl --offline --resume results.jsonl
"""
_LARGEST_PIECE: Final = 128
"""Rows of a piece of work that asks nobody: the more of one deployment it has, the less is sent."""
_LEAD: Final = 2
"""Pieces by which a worker may be behind another one before that one does its rows too."""
_PIECES_IN_ALL: Final = 8
"""Pieces that each worker gets at least, so that all end at about the same time."""


class _FleetCommand(MappingCommand):
    """A command whose `--timeout` is that of a row, and whose first word may be `report`."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        if args[:1] == ["report"]:
            from iamcheck.cli import fleet_report  # a fleet that runs has no use for it

            return fleet_report.command.make_context(f"{info_name} report", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        return self.call(ctx)


def _defaults() -> list[click.Parameter]:
    """The options of `check` that say how a row is checked where the row does not say it."""
    return [one for one in check.command.params if isinstance(one, click.Option) and one.name not in NOT_OF_A_ROW]


@click.command("fleet", cls=_FleetCommand, epilog=_EXAMPLES)
@click.argument("manifest", metavar="[MANIFEST]", required=False)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    metavar="NUMBER",
    default=1,
    show_default=True,
    help="How many processes check rows at a time.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Give the rows to the workers of this Dask scheduler, such as tcp://127.0.0.1:8786 (needs iamcheck[dask]).",
)
@click.option(
    "--assume-role-name",
    metavar="NAME",
    help="Assume the role of this name in the account of each row, once for all rows of the account.",
)
@click.option("--external-id", metavar="ID", help="The external id that the trust policy of the role asks for.")
@click.option(
    "--max-calls",
    type=click.IntRange(1, 10_000_000),
    metavar="NUMBER",
    help="Make no more calls to AWS in an account, retries included; rows that need more are unknown.",
)
@click.option(
    "--resume",
    metavar="RESULTS",
    help="Go on where an interrupted run stopped that wrote to this file. Manifest, files and options must be the "
    "same as they were.",
)
@options.output_file
@options.debug
def command(words: FleetWords) -> int:
    """Check many deployments: each row of MANIFEST is what `check` takes.

    MANIFEST is JSON Lines, CSV or YAML; - is standard input. The keys of a row are the names of the options of `check`
    with _ for -, and endpoint and config for its arguments; an option of the command is for rows that do not have it.
    Paths in a row are relative to the manifest. Without MANIFEST, --from 'stacks/*.yaml' gives one row a file.

    The results are JSON Lines in the order of the manifest: the JSON document of `check` with "row", the number of the
    row. A row that cannot be used has "verdict": "invalid" and "error".

    `iamcheck fleet report RESULTS` tells what the results come to (`iamcheck fleet report --help`).

    Exit status: 1 if any row fails, else 2 if any is invalid, else 3 if any is unknown, else 0.
    """
    if words["scheduler"] is not None and words["workers"] != 1:
        raise InvalidInputError("the scheduler has workers", where="--workers", cure="give one of the two")
    results = _results_file(words)
    source = _source(words)
    defaults: dict[str, object] = {**words, **({"source": None} if words["manifest"] is None else {})}
    names = (*(name for name in CheckWords.__annotations__ if name not in NOT_OF_A_ROW), *_ONLINE)
    defaults = {name: defaults.get(name) for name in names}
    terminal = terminal_of_progress(results)
    state, total = None, None
    if words["manifest"] is None or not resuming.is_stream(source):
        if results is not None and not resuming.is_stream(results):
            state, total = _state(words, defaults, source, results)
        elif terminal is not None:
            total = sum(1 for _ in _manifest_rows(words, source))
    with ExitStack() as stack:
        file = stack.enter_context(opened_results(results, is_resumed=words["resume"] is not None))
        before = _written(words, state, results, total)
        counts = Counter(before.verdicts)
        bar = stack.enter_context(RowProgress(terminal, total, before.rows))
        rows = (row for row in _rows(words, source) if row.number > before.rows)
        try:
            for result in _results(words, defaults, rows, total, stack):
                file.write(result.texts)
                counts[result.verdict] += 1
                bar.advance()
        except WorkersEndedError as error:
            if counts and results is not None and resuming.state_file(results).is_file():
                raise WorkersEndedError(f"{error}; {RESUME}") from error
            raise
    say(summary(counts))
    return _status(counts)


command.params[1:1] = _defaults()


_ONLINE: Final = ("assume_role_name", "external_id", "max_calls")
"""Words of a fleet alone that a worker needs to ask AWS."""


def _status(counts: Counter[str]) -> int:
    if counts["fail"]:
        return STATUS["fail"]
    if counts["invalid"]:
        return USAGE
    return UNKNOWN if counts["unknown"] else STATUS["pass"]


def _results_file(words: FleetWords) -> str | None:
    """The file of the results; None: standard output."""
    resumed, file = words["resume"], words["output_file"]
    if resumed is not None and file is not None and os.path.realpath(resumed) != os.path.realpath(file):
        raise InvalidInputError(f"--resume goes on in {resumed}", where="--output-file", cure="leave it out")
    if resumed is not None and not Path(resumed).is_file() and not resuming.state_file(resumed).is_file():
        raise InvalidInputError("there is no such file", where=f"--resume {resumed}", cure="give --output-file instead")
    return resumed or (None if file == "-" else file)


def _source(words: FleetWords) -> str:
    """The manifest, or the pattern of templates in its place."""
    if words["manifest"] is not None:
        if words["resume"] is not None and resuming.is_stream(words["manifest"]):
            raise InvalidInputError(
                "whether a stream gives the same rows again cannot be told",
                where="--resume",
                cure="save the manifest as a file and start anew, with --output-file",
            )
        return words["manifest"]
    if words["source"] is None:
        raise InvalidInputError("not given", where="MANIFEST", cure="name a manifest, or give --from 'stacks/*.yaml'")
    return words["source"]


def _rows(words: FleetWords, source: str) -> Iterator[RowToCheck]:
    folder = os.path.dirname(source) if words["manifest"] is not None else ""  # noqa: PTH120  as the user wrote it
    return (check_row(row, folder) for row in _manifest_rows(words, source))


def _manifest_rows(words: FleetWords, source: str) -> Iterator[ManifestRow]:
    return template_rows(source) if words["manifest"] is None else read_manifest(source)


def _state(words: FleetWords, defaults: dict[str, object], source: str, results: str) -> tuple[FleetState, int]:
    """What the results will be made from, and how many rows there are."""
    number = 0
    names = dict.fromkeys(files_of(defaults))
    for row in _rows(words, source):
        number = row.number
        names |= dict.fromkeys(files_of(row.words))
    is_pattern = words["manifest"] is None
    resuming.require_apart(results, names if is_pattern else {**names, source: None})
    environment = {name: os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")}
    written = [os.path.realpath(name) for name in (results, resuming.state_file(results))]
    state = resuming.FleetState(
        resuming.text_hash(list(names)) if is_pattern else resuming.file_hash(source),
        resuming.text_hash([defaults, environment]),
        {name: resuming.file_hash(name, without=written) for name in names},
    )
    return state, number


def _written(words: FleetWords, state: FleetState | None, results: str | None, total: int | None) -> WrittenResults:
    """What an interrupted run wrote; for a new run nothing, and RESULTS.state says what it is made from."""
    nothing = resuming.WrittenResults(0, {})
    if results is None or resuming.is_stream(results):
        return nothing
    file = resuming.state_file(results)
    if words["resume"] is not None and state is not None and total is not None:
        state.require_same(file)
        return resuming.repair(results, rows=total)
    try:
        if state is None:
            # of a run before: it says nothing about these results
            file.unlink(missing_ok=True)
        else:
            state.write(file)
    except OSError as error:
        raise InvalidInputError(f"cannot be written: {error.strerror}", where=str(file)) from None
    return nothing


def _results(
    words: FleetWords,
    defaults: dict[str, object],
    rows: Iterator[RowToCheck],
    total: int | None,
    stack: ExitStack,
) -> Iterator[RowResult]:
    import secrets

    run = secrets.token_hex(8)
    defaults = {**defaults, CALL_BUDGET: _call_budget(words, stack)}
    count = words["workers"]
    if words["scheduler"] is not None:
        from iamcheck.fleet.scheduler import scheduler_workers  # few runs have a cluster

        executor, count = scheduler_workers(words["scheduler"], stack)
        work = partial(_sent_call, SentFiles(), defaults, run)
    elif count == 1:
        return (result for row in rows for result in answer_rows(defaults, run, [row]))
    else:
        from iamcheck.fleet.processes import worker_processes  # one process needs no others

        executor = worker_processes(count, stack)
        work = partial(_call, defaults, run)
    size = _piece(words, total, count)
    # rows that ask AWS share little of what they cost: whichever worker is idle does the next one
    placement = Placement(count, words_of_deployment, _LEAD * size) if words["offline"] else None
    return in_order(rows, work, executor, piece=size, workers=count, placement=placement)


def _call_budget(words: FleetWords, stack: ExitStack) -> CallBudget | None:
    """The bound on the calls in an account, which all workers on this machine share."""
    if words["max_calls"] is None:
        return None
    from tempfile import TemporaryDirectory  # few runs have a bound

    from iamcheck.aws.call_budget import CallBudget

    return CallBudget(stack.enter_context(TemporaryDirectory(prefix="iamcheck-calls-")), words["max_calls"])


def _piece(words: FleetWords, total: int | None, count: int) -> int:
    """Rows of a piece: a single one where AWS is asked, for each takes seconds."""
    if not words["offline"]:
        return 1
    if total is None:
        return _LARGEST_PIECE // 8
    return max(1, min(_LARGEST_PIECE, total // (count * _PIECES_IN_ALL)))


def _call(
    defaults: dict[str, object], run: str, rows: Sequence[RowToCheck], _missing: tuple[str, ...]
) -> Call[RowResult]:
    return partial(answer_rows, defaults, run, rows)


def _sent_call(
    files: SentFiles, defaults: dict[str, object], run: str, rows: Sequence[RowToCheck], missing: tuple[str, ...]
) -> Call[RowResult]:
    """The call for a worker of a cluster; rows that name folders or templates, which do not travel, stay here."""
    here: Call[RowResult] = InThisProcess(partial(answer_rows, defaults, run, rows))
    words = [{**defaults, **row.words} for row in rows]
    if not all(one["offline"] for one in words) or any(one.get(name) for one in words for name in _NOT_SENT):
        # credentials do not travel either
        return here
    hashes = files.hashes(dict.fromkeys(name for one in words for name in files_of(one)))
    if hashes is None:
        return here
    return partial(answer_sent_rows, defaults, run, hashes, files.contents(missing), rows)


_NOT_SENT: Final = ("template", "template_dir", "profile")
"""Words for what is on this machine alone: templates render in a process of their own, profiles are configuration."""
