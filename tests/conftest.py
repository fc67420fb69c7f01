"""Fixtures for all tests."""

from __future__ import annotations

import functools
import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests import profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.server import LoopbackAws

# it would hide a result that is never flushed from every test that starts a process
os.environ.pop("PYTHONUNBUFFERED", None)

profiles.load()


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
def enter(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Give this process the AWS settings of an environment, and no others, until the test ends."""

    def set_variables(environment: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)

    return set_variables
