"""Checks many deployments for a program, on any executor of `concurrent.futures`."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from iamcheck import api
from iamcheck.checks.memory import CheckMemory
from iamcheck.checks.placing import require_deployments
from iamcheck.checks.report import Reports
from iamcheck.errors import InvalidInputError, keywords_in_errors
from iamcheck.fleet.running import Missing, in_order
from iamcheck.iam.model.argument_types import items, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor
    from typing import TypeAlias

    from typing_extensions import Unpack

    from iamcheck.aws.call_budget import CallBudget
    from iamcheck.checks.keywords import DoorKeywords
    from iamcheck.checks.report import Report
    from iamcheck.deployment import Deployment, UnplacedDeployment
    from iamcheck.fleet.running import Call

__all__ = ["check_all"]

Row: TypeAlias = "Deployment | UnplacedDeployment | Mapping[str, object]"

_PIECE: Final = 8
_WORKERS: Final = 8
"""Workers that an executor is thought to have: it does not say how many there are."""
_KEPT_RUNS: Final = 16
_KEPT_RESULTS: Final = 256
"""Results of a kind that a run keeps in each thread of a worker."""


@keywords_in_errors()
def check_all(
    rows: Iterable[Row],
    *,
    executor: Executor | None = None,
    max_calls: int | None = None,
    **options: Unpack[DoorKeywords],
) -> Reports:
    """Tells of each of several deployments whether it will be allowed, such as of those of `deployments_from_file`.

    Args:
        rows: What will be created: deployments, or mappings with a `deployment` and keywords of `check` that count for
            it alone, in place of those of `options`.
        executor: Where the checks run, such as a `concurrent.futures.ProcessPoolExecutor`; None: here. Rows are given
            out a bounded number at a time; what `options` has (policies, say) travels once to each worker.
        max_calls: The most calls to AWS that are made with a session, retries included, over all workers, which are on
            this machine; reports that need more are `unknown`. Those do not count by which the session itself gets
            credentials. None: there is no bound.
        options: The keywords of `check`; and `region` (Region code) and `account_id` (12 digits) for deployments that
            do not say where they go. `scope` may be None: `update` for a deployment that a plan shows as an update,
            else `create`.

    Returns:
        The reports, in the order of the rows, the same wherever the checks ran.

    Raises:
        InvalidInputError: Something that was given cannot be used, or cannot be sent to the executor's processes.
        TemplateError: The template does not give an IAM policy.
        TypeError: There is no such keyword.
        WorkersEndedError: The executor's workers ended before they answered.
    """
    if max_calls is None:
        return _check_all(rows, executor, _RunOptions(options, None))
    most = number(max_calls, "max_calls")
    if most < 1 or most != int(most):
        raise InvalidInputError(f"{most} is no number of calls", where="max_calls", cure="give 1 or more")
    # few callers have a bound
    from tempfile import TemporaryDirectory

    from iamcheck.aws.call_budget import CallBudget

    with TemporaryDirectory(prefix="iamcheck-calls-") as folder:
        return _check_all(rows, executor, _RunOptions(options, CallBudget(folder, int(most))))


class _RunOptions(NamedTuple):
    """What a caller gave besides the rows.

    Args:
        keywords: The keywords of `check_all` of `api`.
        budget: The most calls to AWS; None: there is no bound.
    """

    keywords: DoorKeywords
    budget: CallBudget | None

    def parsed(self) -> api.ParsedRun:
        """The keywords, parsed; calls to AWS are counted.

        Raises:
            InvalidInputError: Something that was given cannot be used.
        """
        if self.budget is None or self.keywords.get("offline", False):
            return api.parse_run(self.keywords)
        from iamcheck.aws.clients import endpoint_of  # brings the way to AWS along

        given = cast("Mapping[str, object]", self.keywords)
        clients = [name for name in ("iam", "sts", "sagemaker") if endpoint_of(given.get(name)) is not None]
        if clients:
            cure = "give a session"
            raise InvalidInputError(
                "the calls of a client that is passed in are not counted", where=clients[0], cure=cure
            )
        budget = self.budget.of_session(given.get("session"))
        return api.parse_run(self.keywords, lambda events: budget.watch(events, lambda: "the credentials"))


def _check_all(rows: Iterable[Row], executor: Executor | None, options: _RunOptions) -> Reports:
    if executor is not None:
        return Reports(tuple(_reports(rows, executor, options)))
    given = items(rows, "rows", "give a list of deployments")
    if any(isinstance(row, Mapping) for row in given):
        return Reports(tuple(_report(cast("Row", row), options, number) for number, row in enumerate(given, 1)))
    deployments = require_deployments(given)
    run = options.parsed()
    return api.check_parsed(deployments, run.options, run.access, region=run.region, account_id=run.account_id)


def _reports(rows: Iterable[Row], executor: Executor, options: _RunOptions) -> Iterator[Report]:
    try:
        content = pickle.dumps(options)
    except Exception as error:  # a client of AWS, say: threads of this process can use it all the same
        if _needs_pickles(executor):
            raise InvalidInputError(
                f"an option cannot be sent to other processes: {error}", where="executor", cure="use threads"
            ) from error
        sent = _Sent("", options, None)
    else:
        sent = _Sent(hashlib.sha256(content).hexdigest(), None, content)
    numbered = enumerate(rows, 1)
    return in_order(numbered, partial(_call, sent), _Pool(executor), piece=_PIECE, workers=_WORKERS)


def _needs_pickles(executor: Executor) -> bool:
    from concurrent.futures import ThreadPoolExecutor

    return not isinstance(executor, ThreadPoolExecutor)


class _Pool:
    """An executor that chooses the worker of a call itself."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, call: Call[Any], _worker: int | None, /) -> Any:  # noqa: ANN401  whatever future the executor gives
        return self._executor.submit(call)


class _Sent(NamedTuple):
    """The options of a run, as they are sent.

    Args:
        digest: Their hash; empty where they cannot be pickled.
        options: The options themselves, where they cannot be.
        content: The options, pickled.
    """

    digest: str
    options: _RunOptions | None
    content: bytes | None


def _call(sent: _Sent, rows: Sequence[tuple[int, Row]], missing: tuple[str, ...]) -> Call[Report]:
    return partial(_check_rows, sent if missing or sent.options is not None else sent._replace(content=None), rows)


def _check_rows(sent: _Sent, rows: Sequence[tuple[int, Row]]) -> list[Report] | Missing:
    """The reports on rows, in a worker; or that the options did not come yet."""
    run = _kept.run(sent)
    if run is None:
        return Missing((sent.digest,))
    return [run.report(row, number) for number, row in rows]


class _Run:
    """The checks of a run in one thread of a worker, and what they have in common."""

    def __init__(self, options: _RunOptions) -> None:
        self._options = options
        self._parsed = options.parsed()
        self._memory = CheckMemory(_KEPT_RESULTS)

    def report(self, row: Row, number: int) -> Report:
        """The report on a row."""
        if isinstance(row, Mapping):
            return _report(row, self._options, number)
        run = self._parsed
        return api.check_parsed(
            require_deployments([row], f"row {number}"),
            run.options,
            run.access,
            region=run.region,
            account_id=run.account_id,
            memory=self._memory,
        ).reports[0]


class _KeptRuns:
    """The latest runs whose options came to this process, for each of its threads."""

    def __init__(self) -> None:
        self._runs: OrderedDict[tuple[str, int], _Run] = OrderedDict()
        self._lock = Lock()

    def run(self, sent: _Sent) -> _Run | None:
        """The run; None: its options did not come yet."""
        key = sent.digest, get_ident()
        with self._lock:
            run = self._runs.get(key)
        if run is not None:
            return run
        if sent.content is None:
            return None if sent.options is None else _Run(sent.options)
        run = _Run(pickle.loads(sent.content))  # noqa: S301  this program made it
        with self._lock:
            self._runs[key] = run
            while len(self._runs) > _KEPT_RUNS:
                self._runs.popitem(last=False)
        return run


_kept: Final = _KeptRuns()


def _report(row: Row, options: _RunOptions, number: int) -> Report:
    """The report on a row with keywords of its own."""
    deployment: object = row
    merged = options
    if isinstance(row, Mapping):
        own = dict(row)
        deployment = own.pop("deployment", None)
        merged = options._replace(keywords=cast("DoorKeywords", {**options.keywords, **own}))
        if deployment is None:
            cure = "give it under that name, with keywords of check beside it"
            raise InvalidInputError("it has no deployment", where=f"row {number}", cure=cure)
    try:
        return _check_all([cast("Deployment", deployment)], None, merged).reports[0]
    except InvalidInputError as error:
        raise error.at(f"row {number}") from None
