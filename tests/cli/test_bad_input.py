"""Bad input is exit status 2 and one line on standard error that says what, where and the cure; cases as data."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli import Run

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases/cli/bad_input.json").read_text(encoding="utf-8")
)


def contents(given: Any) -> bytes:  # noqa: ANN401  a text, {"base64": text} or {"repeat": [text, times]}
    if isinstance(given, str):
        return given.encode()
    if "base64" in given:
        return base64.b64decode(given["base64"])
    text, times = given["repeat"]
    return str(text * times).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bad_input(run: Run, tmp_path: Path, case: dict[str, Any]) -> None:
    for name, given in case.get("files", {}).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(contents(given))
    before = sorted(tmp_path.rglob("*"))
    done = run(*shlex.split(case["words"]), **case.get("environment", {}))
    assert (done.status, done.out) == (2, ""), done
    assert done.err.startswith("iamcheck: ")
    assert done.err.count("\n") == 1
    assert done.err.endswith("\n")
    missing = [one for one in case["says"] if one not in done.err]
    assert not missing, done.err
    assert sorted(tmp_path.rglob("*")) == before


def test_cases_have_names_of_their_own() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
