"""Gives work to a Dask cluster that is there already. The only importer of distributed (extra `iamcheck[dask]`)."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeVar

from iamcheck._version import __version__
from iamcheck.errors import InvalidInputError
from iamcheck.fleet.running import WorkersEndedError
from iamcheck.iam.catalogue import reference_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import ExitStack

    from distributed import Client

    from iamcheck.fleet.running import Call, Executor, Missing, Promise

__all__ = ["SchedulerError", "scheduler_workers"]

_CONNECT_SECONDS: Final = 10
"""How long a scheduler may take to answer, and to have a worker, when a run begins; Dask may be told less."""
_POLL_SECONDS: Final = 1.0
"""How often whoever waits for a result looks whether the scheduler is still there."""
_WORKERLESS_SECONDS: Final = 60
"""How long a run waits for another worker where none is left."""
_RETRIES: Final = 3
"""How often Dask gives out a call again that failed: a worker may lack what another one has."""

_Result = TypeVar("_Result", covariant=True)


class SchedulerError(WorkersEndedError):
    """The Dask scheduler or its workers are not there, or no longer; the results that were written are good."""


def scheduler_workers(address: str, stack: ExitStack) -> tuple[Executor, int]:
    """The workers of a cluster, and how many calls they do at a time.

    Args:
        address: The scheduler, such as `tcp://127.0.0.1:8786`.
        stack: Ends the connection.

    Raises:
        InvalidInputError: distributed is not installed, or the address is none.
        SchedulerError: Nobody answers there, or the scheduler has no workers.
    """
    try:
        from distributed import Client
    except ImportError:
        cure = "install iamcheck[dask]"
        raise InvalidInputError("Dask is not installed", where="--scheduler", cure=cure) from None
    _quiet()
    seconds = _connect_seconds()
    try:
        asyncio.run(_greet(address, seconds))
        client = Client(address, timeout=seconds, set_as_default=False)
    except (ValueError, TypeError) as error:
        cure = "such as tcp://HOST:8786"
        raise InvalidInputError(f"{address!r} is no address: {error}", where="--scheduler", cure=cure) from None
    except (OSError, asyncio.TimeoutError):
        raise SchedulerError(f"no Dask scheduler answers at {address} (--scheduler)") from None
    stack.callback(_close, client)
    cluster = _Cluster(client, address, seconds)
    try:
        threads = cluster.threads()
        cluster.require_iamcheck()
    except (CancelledError, OSError) as error:
        raise cluster.gone() from error
    return cluster, threads


def _connect_seconds() -> float:
    import dask
    from dask.utils import parse_timedelta

    configured: float = parse_timedelta(dask.config.get("distributed.comm.timeouts.connect"))
    return min(_CONNECT_SECONDS, configured)


async def _greet(address: str, seconds: float) -> None:
    """Returns once a scheduler has answered: `Client` waits for ever where something accepts and says nothing.

    Raises:
        ValueError: The address is none.
        OSError: Nobody is there.
        TimeoutError: Whoever is there says nothing.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    certificates = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=seconds, **certificates), seconds)
    await comm.close()


def _quiet() -> None:
    """Keeps distributed's loggers from standard error: what they say, the error says that ends the run."""
    import logging

    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _close(client: Client) -> None:
    # where the scheduler is gone, there is nobody to take leave of
    client.close(timeout=_POLL_SECONDS)


class _OtherVersion(NamedTuple):
    """What a worker answers whose iamcheck is another: its results would be other ones.

    Args:
        version: The worker's version.
    """

    version: str


def _version() -> str:
    return f"{__version__} {reference_date()}"


def _in_version(version: str, call: Call[_Result]) -> Sequence[_Result] | Missing | _OtherVersion:
    """What a call gives in a worker, where its iamcheck is the one of the run."""
    return call() if version == _version() else _OtherVersion(_version())


class _Cluster:
    """The workers behind a scheduler."""

    def __init__(self, client: Client, address: str, seconds: float) -> None:
        self._client, self._address, self._seconds = client, address, seconds
        self._had_workers = time.monotonic()

    def threads(self) -> int:
        """How many calls the workers do at a time.

        Raises:
            SchedulerError: There are no workers.
        """
        from distributed import TimeoutError as NotYet

        try:
            self._client.wait_for_workers(1, timeout=self._seconds)
        except NotYet:
            raise SchedulerError(
                f"the Dask scheduler at {self._address} has no workers (start one with: dask worker {self._address})"
            ) from None
        return max(1, sum(self._ncores().values()))

    def require_iamcheck(self) -> None:
        """Returns where the workers can import iamcheck: one that cannot would end at its first call.

        Raises:
            SchedulerError: One cannot.
        """
        from distributed import TimeoutError as NotYet

        imports = [
            self._client.submit(import_module, __name__, pure=False, workers=[worker], retries=0)
            for worker in self._ncores()
        ]
        end = time.monotonic() + self._seconds
        for future in imports:
            # a worker that does not answer yet is slow, and no more is known of it
            with suppress(NotYet):
                error = future.exception(timeout=max(0.01, end - time.monotonic()))
                if error is not None:
                    raise self.unfit(_one_line(error))

    def submit(self, call: Call[_Result], _worker: int | None, /) -> Promise[Sequence[_Result] | Missing]:
        """Gives out a call; the scheduler chooses the worker."""
        self.require_running()
        there = partial(_in_version, _version(), call)
        return _Waiting(self, self._client.submit(there, pure=False, retries=_RETRIES))

    def is_running(self) -> bool:
        """Whether the scheduler is still there."""
        running: bool = self._client.status == "running"
        return running

    def require_running(self) -> None:
        """Returns where the scheduler is still there.

        Raises:
            SchedulerError: It is gone.
        """
        if not self.is_running():
            raise self.gone()

    def require_workers(self) -> None:
        """Returns where the scheduler answers and has workers, or may get some again soon.

        Raises:
            SchedulerError: It does not answer, or has had no workers for a minute.
        """
        self.require_running()
        now = time.monotonic()
        if self._ncores():
            self._had_workers = now
        elif now - self._had_workers > _WORKERLESS_SECONDS:
            raise SchedulerError(f"the Dask scheduler at {self._address} has no workers any more")

    def _ncores(self) -> Mapping[str, int]:
        """How many calls each worker does at a time.

        Raises:
            SchedulerError: The scheduler does not answer.
        """
        from distributed import TimeoutError as NotYet

        async def ask() -> Mapping[str, int]:
            scheduler = self._client.scheduler
            return {} if scheduler is None else await scheduler.ncores()

        try:
            answer: Mapping[str, int] = self._client.sync(ask, callback_timeout=self._seconds)
        except NotYet:
            raise SchedulerError(f"the Dask scheduler at {self._address} does not answer any more") from None
        except OSError as error:
            raise self.gone() from error
        return answer

    def gone(self) -> SchedulerError:
        return SchedulerError(f"the Dask scheduler at {self._address} went away")

    def unfit(self, why: str) -> SchedulerError:
        return SchedulerError(
            f"the Dask cluster at {self._address} cannot check rows: {why} "
            f"(install iamcheck {__version__} on its scheduler and its workers, with the packages that are here)"
        )


class _DaskFuture(Protocol[_Result]):
    """What is used of distributed's `Future`."""

    def result(self, timeout: float | None = None) -> Sequence[_Result] | Missing | _OtherVersion: ...

    def done(self) -> bool: ...

    def cancel(self) -> object: ...


class _Waiting(Generic[_Result]):
    """A result that a worker of the cluster works out."""

    def __init__(self, cluster: _Cluster, future: _DaskFuture[_Result]) -> None:
        self._cluster, self._future = cluster, future

    def result(self) -> Sequence[_Result] | Missing:
        """The result.

        Raises:
            SchedulerError: The scheduler is gone or has no workers, or a worker has not this version of iamcheck.
            BrokenExecutor: The worker ended each time that Dask gave out the call.
        """
        from distributed import TimeoutError as NotYet
        from distributed.scheduler import KilledWorker

        while True:
            try:
                answer = self._future.result(timeout=_POLL_SECONDS)
            except KilledWorker as error:
                raise BrokenExecutor(str(error)) from error
            except NotYet:
                self._cluster.require_workers()
            except (CancelledError, OSError) as error:
                raise self._cluster.gone() from error
            except Exception as error:  # whatever is wrong with a row is its result: this is the worker's own fault
                raise self._cluster.unfit(_one_line(error)) from error
            else:
                if isinstance(answer, _OtherVersion):
                    raise self._cluster.unfit(f"the iamcheck of a worker is {answer.version}")
                return answer

    def done(self) -> bool:
        """Whether it is there."""
        return self._future.done()

    def cancel(self) -> None:
        """Says that nobody waits for it."""
        if self._cluster.is_running():
            self._future.cancel()


def _one_line(error: BaseException) -> str:
    """The first cause of an error that came from a worker."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
