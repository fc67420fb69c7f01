"""Fixtures for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import LoopbackAws

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
