"""Fixtures for all tests."""

from __future__ import annotations

import functools
import gc
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from tests import profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.cli import Run
    from tests.server import LoopbackAws

# it would hide a result that is never flushed from every test that starts a process
os.environ.pop("PYTHONUNBUFFERED", None)

# what a shell starts in the background ignores interrupts, and so would every process that a test starts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

profiles.load()


def pytest_collection_finish() -> None:
    """Look for garbage less often: what was collected stays to the end, and going through it takes long."""
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def _aws_server() -> Iterator[LoopbackAws]:
    # imported here: tests that need no server shall not wait for moto and botocore
    import botocore.session
    from botocore.loaders import create_loader

    from tests.server import LoopbackAws

    with pytest.MonkeyPatch.context() as patch:
        # a session reads the models of its services anew: in one process once is enough
        patch.setattr(botocore.session, "create_loader", functools.cache(create_loader))
        server = LoopbackAws()
        yield server
        server.stop()


@pytest.fixture
def aws(_aws_server: LoopbackAws) -> Iterator[LoopbackAws]:
    """A fresh AWS on 127.0.0.1; a failure of the server itself fails the test."""
    _aws_server.reset()
    yield _aws_server
    _aws_server.check_failures()


@pytest.fixture
def closed_port() -> Iterator[str]:
    """A URL on this machine that refuses every connection: the port is bound, so that nobody else gets it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def silent_host() -> Iterator[str]:
    """A URL on this machine that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Give this process the AWS settings of an environment, and no others, until the test ends."""

    def set_variables(environment: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)

    return set_variables


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in this process, in the test's own folder, as `python -m iamcheck` would."""
    # imported here: tests that need no command line shall not wait for click
    from iamcheck.cli import main
    from tests.cli import Done

    monkeypatch.chdir(tmp_path)

    def run_words(*words: str, **environment: str) -> Done:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("AWS_")]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main(list(words))
        out, err = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in err
        return Done(ended.value.code, out, err)

    return run_words
