"""Fixtures of the command line's tests."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import jsonschema
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Mapping[str, object]], str]:
    """Write a document as JSON into the test's own folder; give its name there."""

    def write_document(name: str, document: Mapping[str, object]) -> str:
        (tmp_path / name).write_text(json.dumps(document, indent=2))
        return name

    return write_document


@pytest.fixture(scope="session")
def schema() -> Mapping[str, object]:
    """The JSON schema of reports, as shipped."""
    text = files("iamcheck").joinpath("data/report.schema.json").read_text("utf-8")
    found: Mapping[str, object] = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(found)
    return found
