"""Turns the rows of a manifest into words of `check`, by the options that `check` itself has, and checks them."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import click

from iamcheck.checks.memory import CheckMemory
from iamcheck.cli import check
from iamcheck.cli.fleet_row_keys import NOT_OF_A_ROW, ROW_KEYS, WORDS_FOR_FILES, in_keys, shown
from iamcheck.cli.time_limit import time_limit
from iamcheck.cli.words import CheckWords, DeploymentWords
from iamcheck.errors import IamcheckError, InvalidInputError, TemplateError, in_flags
from iamcheck.fleet.row_text import INVALID, error_result, reports_result
from iamcheck.fleet.running import Missing
from iamcheck.fleet.sent_files import FileContents
from iamcheck.iam.files import files_that_came, local_path, read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.aws.call_budget import CallBudget
    from iamcheck.aws.session import Access
    from iamcheck.aws.shared_sessions import SharedSessions
    from iamcheck.checks.report import Reports
    from iamcheck.cli.fleet_row_keys import RowKey
    from iamcheck.cli.words import FleetWords
    from iamcheck.fleet.manifest.reading import ManifestRow
    from iamcheck.fleet.row_text import RowResult
    from iamcheck.iam.model import Policy, PolicyType

__all__ = [
    "CALL_BUDGET",
    "RowToCheck",
    "answer_rows",
    "answer_sent_rows",
    "check_row",
    "files_of",
    "words_of_deployment",
]

CALL_BUDGET: Final = "call_budget"
"""The key, beside the words of the command, of the `CallBudget` that all workers share; None: there is no bound."""
_KEPT: Final = 512
"""Results of a kind that a worker keeps: so many deployments of some hundred kilobytes each."""


class RowToCheck(NamedTuple):
    """A row to check.

    Args:
        number: Its place in the manifest, from 1.
        words: The words of `check` that it has itself.
        error: Why it cannot be used; None: it can.
    """

    number: int
    words: Mapping[str, object]
    error: str | None = None


def check_row(row: ManifestRow, folder: str) -> RowToCheck:
    """A row of a manifest as words of `check`: each value is judged as the command line judges it.

    Args:
        row: The row.
        folder: The folder of the manifest, to which its paths are relative.
    """
    if row.error is not None:
        return RowToCheck(row.number, {}, str(row.error))
    words: dict[str, object] = {}
    try:
        for key, value in row.values.items():
            row_key = ROW_KEYS.get(key)
            if row_key is None:
                raise _no_key(key)
            words[row_key.word] = _word(row_key, value, folder)
    except InvalidInputError as error:
        return RowToCheck(row.number, {}, str(error))
    return RowToCheck(row.number, words)


def _no_key(key: str) -> InvalidInputError:
    from iamcheck.iam.model.nearest import did_you_mean  # an error is the only user

    cure = did_you_mean(key, ROW_KEYS) or f"one of {', '.join(ROW_KEYS)}"
    where = key if key.isprintable() and 0 < len(key) <= 60 else shown(key)
    return InvalidInputError("there is no such key", where=where, cure=cure)


def _word(row_key: RowKey, value: object, folder: str) -> object:
    """The word that a value stands for.

    Raises:
        InvalidInputError: `check` takes no such value there.
    """
    if value is None:
        return False if row_key.is_flag else () if row_key.is_many else _default(row_key.param)
    if row_key.is_flag:
        if not isinstance(value, bool):
            raise InvalidInputError(f"{shown(value)} is no truth value", where=row_key.key, cure="write true or false")
        return value
    if not row_key.is_many:
        return _converted(row_key, value, folder)
    if isinstance(value, dict) and "=" in row_key.form:
        value = _pairs(row_key, value)
    values = value if isinstance(value, list) else [value]
    return tuple(_converted(row_key, one, folder) for one in values)


def _pairs(row_key: RowKey, values: Mapping[object, object]) -> list[str]:
    """The texts `KEY=VALUE` of an object, which the configuration file takes as a table."""
    for key, value in values.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise InvalidInputError(
                f"{shown(key)}: {shown(value)} is no text", where=row_key.key, cure="write it between quotes"
            )
    return [f"{key}={value}" for key, value in values.items()]


_CONTEXT: Final = click.Context(check.command)


def _default(param: click.Parameter) -> object:
    """The word of an option that is not given; click has an object of its own where there is none."""
    default = param.get_default(_CONTEXT)
    return default if isinstance(default, (str, int, float)) else None


def _converted(row_key: RowKey, value: object, folder: str) -> object:
    if isinstance(value, str):
        return (_kept_text if len(value) <= _LONGEST_KEPT else _converted_text)(row_key, value, folder)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and row_key.takes_number:
        return _taken(row_key, value)
    text_or_list = "write a text, or a list of texts" if row_key.is_many else "write a text"
    cure = "write it between quotes" if is_number else text_or_list
    raise InvalidInputError(f"{shown(value)} is no text", where=row_key.key, cure=cure)


_LONGEST_KEPT: Final = 1000
"""Characters of a text that is kept: some thousands of them are."""


@lru_cache(maxsize=8192)
def _kept_text(row_key: RowKey, value: str, folder: str) -> object:
    """A text as `check` takes it; the same texts come in many rows."""
    return _converted_text(row_key, value, folder)


def _converted_text(row_key: RowKey, value: str, folder: str) -> object:
    if not value.strip():
        raise InvalidInputError("it is empty", where=row_key.key, cure="leave it out, or give a value")
    return _taken(row_key, row_key.paths(value, folder))


def _taken(row_key: RowKey, text: object) -> object:
    key, param = row_key.key, row_key.param
    try:
        converted = param.type(text, param, _CONTEXT)
        return converted if param.callback is None else param.callback(_CONTEXT, param, converted)
    except click.UsageError as error:
        raise InvalidInputError(error.message.rstrip("."), where=key) from None


def files_of(words: Mapping[str, object]) -> Iterator[str]:
    """The files and folders that words of `check` name."""
    for word, form in _FILE_WORDS:
        value = words.get(word)
        if value is not None:
            for text in value if isinstance(value, tuple) else (value,):
                yield from _paths_in(str(text), form)


_FILE_FORMS: Final = frozenset({"FILE", "DIR", "LEVEL", "ARN=FILE", "aws|ignore|DIR"})
_FILE_WORDS: Final = tuple((key.word, key.form) for key in ROW_KEYS.values() if key.form in _FILE_FORMS)
"""The words that name files, with the form in which they do."""


def _paths_in(text: str, form: str) -> Iterator[str]:
    parts = text.split(",") if form == "LEVEL" else [text.partition("=")[2] if form == "ARN=FILE" else text]
    yield from (local_path(part) for part in parts if part not in WORDS_FOR_FILES and part)


def words_of_deployment(row: RowToCheck) -> tuple[object, ...]:
    """The words of a row that say what will be created: rows that have the same share most of their work."""
    return tuple(map(row.words.get, _OF_DEPLOYMENT))


# --- in the worker


def answer_rows(defaults: Mapping[str, object], run: str, rows: Sequence[RowToCheck]) -> list[RowResult]:
    """The results of rows, in order.

    Args:
        defaults: The words of the command, where a row has none.
        run: The run's own name: what its rows have in common is kept for no other run.
        rows: The rows.
    """
    worker = _worker(run, _thread())
    return [worker.answer(defaults, row) for row in rows]


def answer_sent_rows(
    defaults: Mapping[str, object],
    run: str,
    hashes: Mapping[str, str],
    contents: Mapping[str, bytes],
    rows: Sequence[RowToCheck],
) -> list[RowResult] | Missing:
    """The results of rows on another machine, or the hashes of the files that it does not have yet.

    Args:
        defaults: As for `answer_rows`.
        run: As for `answer_rows`.
        hashes: The hash of each file that the rows name, by its name.
        contents: Files that were missing, by their hashes.
        rows: The rows.
    """
    files = _contents(run).files(hashes, contents)
    if isinstance(files, Missing):
        return files
    with files_that_came(files):
        return answer_rows(defaults, run, rows)


@lru_cache(maxsize=2)
def _contents(_run: str) -> FileContents:
    """The files of a run in this process."""
    return FileContents()


def _thread() -> int:
    import threading

    return threading.get_ident()


@lru_cache(maxsize=16)
def _worker(_run: str, _thread: int) -> _Worker:
    """The worker of a run in a thread of this process."""
    return _Worker()


class _Worker:
    """Checks rows one after another, and keeps what they have in common."""

    def __init__(self) -> None:
        self._memory = CheckMemory(_KEPT)
        self._sessions: SharedSessions | None = None

    def answer(self, defaults: Mapping[str, object], row: RowToCheck) -> RowResult:
        """The result of a row: whatever is wrong with it is in the result, and never ends the run."""
        if row.error is not None:
            return error_result(row.number, INVALID, row.error)
        words = cast("CheckWords", {**defaults, **row.words})
        try:
            with time_limit(words["timeout"]):
                reports = self._reports(words)
            return reports_result(row.number, reports, self._memory)
        except InvalidInputError as error:
            verdict, text = INVALID, str(in_flags(error))
        except TemplateError as error:
            verdict, text = INVALID, str(error)
        except IamcheckError as error:
            verdict, text = "unknown", "; ".join(error.lines())
        except Exception as error:  # whatever it is, it must not look like a verdict, and the other rows go on
            return error_result(row.number, "unknown", f"unexpected {type(error).__name__}")
        options = [word for word, key in _KEY_OF_WORD.items() if defaults.get(word) not in _not_given(key)]
        return error_result(row.number, verdict, in_keys(text, {*options} - row.words.keys()))

    def _reports(self, words: CheckWords) -> Reports:
        from iamcheck import api
        from iamcheck.cli.deployments import drafts

        access = None if words["offline"] else self._access(words)
        memory = self._memory
        options = memory.once("options", _those(words, _OF_OPTIONS), lambda: check.options_of(words, self._policy))
        deployments = memory.once("deployments", _those(words, _OF_DEPLOYMENT), partial(drafts, words))
        return api.check_parsed(
            deployments,
            options,
            access,
            region=words["region"],
            account_id=words["account_id"],
            memory=memory,
        )

    def _access(self, words: CheckWords) -> Access:
        """The way to AWS of a row: its time is its own, its session that of the rows before."""
        from iamcheck.aws.session import Access  # a fleet offline does not pay for it
        from iamcheck.aws.shared_sessions import SharedSessions

        fleet = cast("FleetWords", words)
        if self._sessions is None:
            self._sessions = SharedSessions(
                role_name=fleet["assume_role_name"],
                external_id=fleet["external_id"],
                budget=cast("Mapping[str, CallBudget | None]", words)[CALL_BUDGET],
            )
        region, timeout = words["region"], words["timeout"]
        clients = self._sessions.clients(words["profile"], words["account_id"], region=region, timeout=timeout)
        return Access(clients=clients, region=region, timeout=timeout, max_concurrency=words["max_concurrency"])

    def _policy(self, path: str, *, layer: PolicyType | None = None, stored: bool = True) -> Policy:
        read = partial(read_policy, path, layer=layer, stored=stored)
        return self._memory.once("policy", (path, layer, stored), read)


_KEY_OF_WORD: Final = {key.word: key for key in ROW_KEYS.values()}


def _not_given(row_key: RowKey) -> tuple[object, ...]:
    """The words of an option that nobody gave."""
    return False, (), None, _default(row_key.param)


_OF_DEPLOYMENT: Final = tuple(DeploymentWords.__annotations__)
_OF_OPTIONS: Final = tuple(
    name
    for name in CheckWords.__annotations__
    if name not in DeploymentWords.__annotations__ and name not in NOT_OF_A_ROW
)


def _those(words: CheckWords, names: Sequence[str]) -> tuple[object, ...]:
    values: Mapping[str, object] = {**words}
    return tuple(values[name] for name in names)
