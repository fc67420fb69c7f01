"""How the entry point ends, in this process: each family of errors has its status and its one line."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from iamcheck.cli import catalogue
from tests.cli import OFFLINE

if TYPE_CHECKING:
    from tests.cli import Run


class Refusing(io.StringIO):
    """A standard output whose disk is full."""

    def write(self, text: str, /) -> int:
        raise OSError(28, "No space left on device")


class Ascii(io.TextIOWrapper):
    """A standard output that knows ASCII only."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="ascii")


@pytest.mark.parametrize(("stream", "says"), [(Refusing, "No space left"), (Ascii, "ascii")])
def test_output_that_cannot_be_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, stream: type[io.TextIOBase], says: str
) -> None:
    # a name in the report that the stream cannot show
    words = [*OFFLINE, "--verbose", "--absent", "aws:PrincipalTag/größe"]
    monkeypatch.setattr(sys, "stdout", stream())
    done = run(*words)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("iamcheck: standard output: ")
    assert says in done.err


def test_a_closed_standard_output_is_bad_output(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # so Python starts where the shell says `>&-`
    monkeypatch.setattr(sys, "stdout", None)
    done = run(*OFFLINE)
    assert (done.status, done.err) == (2, "iamcheck: standard output: it is closed (give --output-file FILE)\n")


def test_a_command_that_gives_no_exit_status_is_never_a_pass(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue.command, "callback", lambda **_: None)
    done = run("catalogue", "sts")
    assert (done.status, done.out) == (3, "")
    assert done.err == "iamcheck: unexpected end without an exit status\n"
