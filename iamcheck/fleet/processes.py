"""Runs calls in processes of this machine, and says so where one of them ends before it answers.

Each process has a pipe of its own, so that one which is killed in the middle of its answer closes the pipe: the workers
of `concurrent.futures.ProcessPoolExecutor` share a pipe, and the rest of such an answer is awaited for ever.
"""

from __future__ import annotations

import multiprocessing
import signal
import subprocess  # noqa: F401  a start of a process loads it: later there may be no room for an open file
import sys
import threading
from collections import deque
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Final, TypeVar

from iamcheck.fleet.running import WorkersEndedError

if sys.platform != "win32":
    import multiprocessing.connection
    import multiprocessing.popen_spawn_posix  # likewise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import ExitStack
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from typing import TypeAlias

    from iamcheck.fleet.running import Call, Executor, Missing

__all__ = ["WorkerStartError", "worker_processes"]

_Result = TypeVar("_Result")
_Settle: TypeAlias = "Callable[[_Process], None]"
"""Has a worker do a call, and gives the answer to whoever waits for it."""

_SPAWN: Final = multiprocessing.get_context("spawn")
"""No worker begins by fork: threads and clients of AWS do not survive that."""


class WorkerStartError(WorkersEndedError):
    """The system starts no further process or thread.

    Args:
        reason: The system's reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"a worker process cannot be started: {reason} "
            "(give --workers a smaller number, or allow more processes and open files)"
        )


def worker_processes(count: int, stack: ExitStack) -> Executor:
    """Workers on this machine; one that ends is replaced when the next call comes.

    Args:
        count: How many.
        stack: Ends them.

    Raises:
        WorkerStartError: The system has no room for them.
    """
    pool = _Processes(count)
    stack.callback(pool.end)
    with _start_errors():
        # begun here, for it lets SIGINT through again in the thread that begins it
        resource_tracker.ensure_running()
        pool.begin()
    return pool


@contextmanager
def _start_errors() -> Iterator[None]:
    """Says of the system's errors that a worker cannot be started; one that was killed at once was started."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WorkerStartError(error.strerror or str(error)) from error
    except RuntimeError as error:  # of a thread: the system has no room for it
        raise WorkerStartError(str(error)) from error


class _Processes:
    """Worker processes, and for each a thread that waits for its answers."""

    def __init__(self, count: int) -> None:
        self._calls = _Calls(count)
        self._workers = [_Process() for _ in range(count)]

    def begin(self) -> None:
        """Begins the threads."""
        for number, worker in enumerate(self._workers):
            threading.Thread(target=self._serve, args=(number, worker), daemon=True).start()

    def submit(self, call: Call[_Result], worker: int | None, /) -> Future[Sequence[_Result] | Missing]:
        future: Future[Sequence[_Result] | Missing] = Future()
        self._calls.put(partial(_settle, future, call), worker)
        return future

    def _serve(self, number: int, worker: _Process) -> None:
        with _without_ctrl_c():
            while (settle := self._calls.get(number)) is not None:
                settle(worker)

    def end(self) -> None:
        """Ends the workers, whatever they are doing; Ctrl-C that is pressed again meanwhile counts afterwards."""
        with _without_ctrl_c():
            self._calls.end()
            for worker in self._workers:
                worker.end()


class _Calls:
    """The calls that wait: some for a worker, some for any."""

    def __init__(self, workers: int) -> None:
        self._of_workers: list[deque[_Settle]] = [deque() for _ in range(workers)]
        self._of_any: deque[_Settle] = deque()
        self._changed = threading.Condition()
        self._has_ended = False

    def put(self, settle: _Settle, worker: int | None) -> None:
        with self._changed:
            (self._of_any if worker is None else self._of_workers[worker]).append(settle)
            self._changed.notify_all()

    def get(self, worker: int) -> _Settle | None:
        """The next call for a worker, once there is one; None: there will be none any more."""
        with self._changed:
            while not self._has_ended:
                for calls in (self._of_workers[worker], self._of_any):
                    if calls:
                        return calls.popleft()
                self._changed.wait()
        return None

    def end(self) -> None:
        """Forgets what waits."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()


def _settle(future: Future[Sequence[_Result] | Missing], call: Call[_Result], worker: _Process) -> None:
    """Has a worker answer a call, unless nobody waits for that any more."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        answer = worker.answer(call)
    except Exception as error:  # raised where the answer is awaited
        future.set_exception(error)
    else:
        future.set_result(answer)


class _Process:
    """A worker process, begun when its first call comes."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._has_ended = False
        self._lock = threading.Lock()

    def answer(self, call: Call[_Result]) -> Sequence[_Result] | Missing:
        """What the call gives in the worker.

        Raises:
            BrokenExecutor: The worker ended before it answered.
            WorkerStartError: The system starts no further process.
        """
        try:
            pipe = self._begun()
            pipe.send(call)
            answer: Sequence[_Result] | Missing | Exception = pipe.recv()
        except (EOFError, OSError) as error:
            self._drop()
            raise BrokenExecutor("a worker process ended before it answered") from error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """Ends the process; no other one begins in its place."""
        with self._lock:
            self._has_ended = True
            if self._process is not None:
                self._process.kill()

    def _begun(self) -> Connection:
        with self._lock:
            if self._has_ended:
                raise BrokenExecutor("the run has ended")
            if self._pipe is None:
                with _start_errors():
                    self._process, self._pipe = _started()
            return self._pipe

    def _drop(self) -> None:
        with self._lock:
            if self._pipe is not None:
                self._pipe.close()
            if self._process is not None:
                self._process.kill()
            self._process = self._pipe = None


def _started() -> tuple[SpawnProcess, Connection]:
    """A worker process, and this end of its pipe.

    Raises:
        BrokenPipeError: It was killed while it began.
        OSError: The system has no room for it.
    """
    ours, theirs = _SPAWN.Pipe()
    # whatever happens to this process, its end ends a daemon too
    process = _SPAWN.Process(target=_work, args=(theirs,), daemon=True)
    try:
        process.start()
    except OSError:
        ours.close()
        raise
    finally:
        # the worker alone has its end: where the worker ends, reading here ends too
        theirs.close()
    return process, ours


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Blocks SIGINT in this thread, and in the processes that it begins: the process that began them answers it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows has none
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """Answers calls, one after another, in a worker process."""
    failure: WorkerStartError | None = None
    try:
        with _start_errors():
            threading.Thread(target=_end_with_the_parent, daemon=True).start()
    except WorkerStartError as error:
        # whoever waits for an answer learns why there is none
        failure = error
    try:
        while True:
            call: Call[object] = pipe.recv()
            pipe.send(_done(call) if failure is None else failure)
    except (EOFError, OSError):
        # nobody waits for answers any more
        return


def _done(call: Call[object]) -> Sequence[object] | Missing | Exception:
    """What a call gives, or the error that it raises."""
    try:
        return call()
    except Exception as error:  # raised anew where the answer is awaited
        return error


def _end_with_the_parent() -> None:
    """Ends this worker when the process that started it has died: what it does has nobody to wait for it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.raise_signal(signal.SIGTERM)
