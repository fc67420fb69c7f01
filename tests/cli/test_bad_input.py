"""Bad input is exit status 2 and one line on standard error that says what, where and the cure; cases as data."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, OFFLINE

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


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("account",), "(see iamcheck account export --help)"),
        (("account", "export"), "Missing argument 'DIR' (see iamcheck account export --help)"),
        (("organizations", "export"), "Missing argument 'DIR' (see iamcheck organizations export --help)"),
        ((*OFFLINE, "--principal", "ci"), "--principal: 'ci' is not an ARN (write it as arn:aws:iam::"),
        (
            ("check", "--from", "t.yaml", "--offline", "--region", "x", "--account-id", ACCOUNT),
            "--region: 'x' is not an AWS Region",
        ),
        (
            ("check", "--from", "t.yaml", *OFFLINE[3:], "--no-stack-tags", "--stack-tag", "a=b"),
            "--no-stack-tags: it says that the stack has no tags, and --stack-tag gives some (leave out one of",
        ),
        (
            ("generate", "--for", "execution-role-trust", "--from", "t.yaml"),
            "--for execution-role-trust is for any endpoint: leave out --from",
        ),
        (("generate", "--for", "exporter", "churn", "churn-v7"), "leave out ENDPOINT, CONFIG"),
        (
            ("generate", *OFFLINE[1:3], *OFFLINE[4:], "--split", "."),
            "iamcheck: --split: . has policy-1.json already (remove the old policies, or name another folder)\n",
        ),
    ],
)
def test_the_error_names_what_is_to_blame_once(run: Run, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    resource = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": "a", "EndpointConfigName": "b"}}
    (tmp_path / "t.yaml").write_text(json.dumps({"Resources": {"E": resource}}))
    (tmp_path / "policy-1.json").write_text("{}")
    done = run(*words)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err


def test_an_assumption_names_its_options_once(run: Run, tmp_path: Path) -> None:
    resource = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": "a", "EndpointConfigName": "b"}}
    (tmp_path / "t.yaml").write_text(json.dumps({"Resources": {"E": resource}}))
    done = run("check", "--from", "t.yaml", *OFFLINE[3:], "--output", "json")
    (role,) = [text for text in done.report["assumptions"] if "service role" in text]
    assert role.count("--cloudformation-role") == 1
