"""Fixtures for all tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.server import LoopbackAws

# it would hide a result that is never flushed from every test that starts a process
os.environ.pop("PYTHONUNBUFFERED", None)

# how long an example takes says more about the machine's other work than about the code
settings.register_profile("iamcheck", deadline=None, print_blob=True)
settings.load_profile("iamcheck")


@pytest.fixture(scope="session")
def _aws_server() -> Iterator[LoopbackAws]:
    # imported here: tests that need no server shall not wait for moto
    from tests.server import LoopbackAws

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
def enter(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Give this process the AWS settings of an environment, and no others, until the test ends."""

    def set_variables(environment: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in environment.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)

    return set_variables
