"""Gives work to a Dask cluster that is there already. The only importer of distributed (extra `iamcheck[dask]`)."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, CancelledError
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from iamcheck.errors import IamcheckError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from distributed import Client

    from iamcheck.fleet.running import Call, Executor, Missing, Promise

__all__ = ["SchedulerError", "scheduler_workers"]

_CONNECT_SECONDS: Final = 10
_POLL_SECONDS: Final = 1.0
"""How often whoever waits for a result looks whether the scheduler is still there."""
_RETRIES: Final = 3
"""How often Dask gives out a call again whose worker ended."""
_DEFAULT_WORKERS: Final = 1

_Result = TypeVar("_Result", covariant=True)


class SchedulerError(IamcheckError):
    """The Dask scheduler is not there, or not there any more; the results that were written are good."""


def scheduler_workers(address: str, stack: ExitStack) -> tuple[Executor, int]:
    """The workers of a cluster, and how many calls they do at a time.

    Args:
        address: The scheduler, such as `tcp://127.0.0.1:8786`.
        stack: Ends the connection.

    Raises:
        InvalidInputError: distributed is not installed, or the address is none.
        SchedulerError: Nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        cure = "install iamcheck[dask]"
        raise InvalidInputError("Dask is not installed", where="--scheduler", cure=cure) from None
    _quiet()
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except ValueError as error:
        cure = "such as tcp://HOST:8786"
        raise InvalidInputError(f"{address!r} is no address: {error}", where="--scheduler", cure=cure) from None
    except OSError:
        raise SchedulerError(f"no Dask scheduler answers at {address} (--scheduler)") from None
    stack.callback(_close, client)
    threads = sum(client.nthreads().values()) or _DEFAULT_WORKERS
    return _Cluster(client, address), threads


def _quiet() -> None:
    """Keeps distributed's loggers from standard error: what they say, the error says that ends the run."""
    import logging

    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _close(client: Client) -> None:
    # where the scheduler is gone, there is nobody to take leave of
    client.close(timeout=_POLL_SECONDS)


class _Cluster:
    """The workers behind a scheduler."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address

    def submit(self, call: Call[_Result], /) -> Promise[Sequence[_Result] | Missing]:
        if self._client.status != "running":
            raise self.gone()
        return _Waiting(self, self._client.submit(call, pure=False, retries=_RETRIES))

    def is_gone(self) -> bool:
        return self._client.status != "running"

    def gone(self) -> SchedulerError:
        return SchedulerError(
            f"the Dask scheduler at {self._address} went away; --resume goes on from the results that were written"
        )


class _DaskFuture(Protocol[_Result]):
    """What is used of distributed's `Future`."""

    def result(self, timeout: float | None = None) -> Sequence[_Result] | Missing: ...

    def cancel(self) -> object: ...


class _Waiting(Generic[_Result]):
    """A result that a worker of the cluster works out."""

    def __init__(self, cluster: _Cluster, future: _DaskFuture[_Result]) -> None:
        self._cluster, self._future = cluster, future

    def result(self) -> Sequence[_Result] | Missing:
        """The result.

        Raises:
            SchedulerError: The scheduler is gone.
            BrokenExecutor: The worker ended each time that Dask gave out the call.
        """
        from distributed import TimeoutError as NotYet
        from distributed.scheduler import KilledWorker

        while True:
            try:
                found: Sequence[_Result] | Missing = self._future.result(timeout=_POLL_SECONDS)
            except KilledWorker as error:
                raise BrokenExecutor(str(error)) from error
            except NotYet:
                if self._cluster.is_gone():
                    raise self._cluster.gone() from None
            except (CancelledError, OSError) as error:
                raise self._cluster.gone() from error
            else:
                return found

    def cancel(self) -> None:
        """Says that nobody waits for it."""
        if not self._cluster.is_gone():
            self._future.cancel()
