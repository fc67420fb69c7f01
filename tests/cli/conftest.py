"""Fixtures of the command line's tests."""

from __future__ import annotations

import json
import os
import socket
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest

from iamcheck.cli import main
from tests.cli import Done

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.cli import Run


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in this process, in the test's own folder, as `python -m iamcheck` would."""
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


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Mapping[str, object]], str]:
    """Write a document as JSON into the test's own folder; give its name there."""

    def write_document(name: str, document: Mapping[str, object]) -> str:
        (tmp_path / name).write_text(json.dumps(document, indent=2))
        return name

    return write_document


@pytest.fixture
def silent_host() -> Iterator[str]:
    """A URL on this machine that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(scope="session")
def schema() -> Mapping[str, object]:
    """The JSON schema of reports, as shipped."""
    text = files("iamcheck").joinpath("data/report.schema.json").read_text("utf-8")
    found: Mapping[str, object] = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(found)
    return found
