"""`iamcheck explain`: each documented form of message, what it means and what to run."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.cli import _cli
from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages import explain_message
from iamcheck.explain.messages.forms import FORMS
from iamcheck.explain.messages.policies import POLICIES

if TYPE_CHECKING:
    from tests.cli import Run

FOLDER = Path(__file__).parents[1] / "cases" / "denials"
CASES = [case for file in sorted(FOLDER.glob("*.json")) for case in json.loads(file.read_text(encoding="utf-8"))]
TOLD = ("decision", "policy", "policy_arn", "principal", "action", "resource", "region", "account_id")
DENIED = next(case for case in CASES if case["id"] == "an SCP on the endpoint config")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_each_documented_form_is_explained(case: dict[str, Any], run: Run) -> None:
    done = run("explain", case["message"], "--output", "json")
    assert (done.status, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["form"] == case["form"]
    assert {name: found[name] for name in TOLD if name in case} == {name: case[name] for name in TOLD if name in case}
    # what a denial says of its decision it says in so many words
    assert found["decision"] == case.get("decision")
    commands = [one["text"] for one in found["run"]]
    assert commands
    assert commands == case.get("run", commands)
    assert found["source"].startswith("https://docs.aws.amazon.com/")
    assert case["source"].startswith("https://docs.aws.amazon.com/")
    text = run("explain", case["message"]).out
    flowing = " ".join(text.split())
    for said in (*case.get("says", ()), *commands, *found["not_said"], found["meaning"], found["source"]):
        assert said in flowing
    assert case.get("hides", "(nothing)") not in done.out + text
    assert not any(left in flowing for left in ("{", "}", " None"))


def test_every_row_and_every_type_of_policy_has_a_case() -> None:
    assert {form.id for form in FORMS} == {case["form"] for case in CASES}
    for form in ("implicit-deny", "explicit-deny"):
        assert {case["policy"] for case in CASES if case["form"] == form} == set(POLICIES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_commands_are_ones_that_the_command_line_takes(case: dict[str, Any]) -> None:
    for command in explain_message(case["message"]).run:
        program, name, *words = shlex.split(command.text)
        if program == "iamcheck":
            with _cli.make_context("iamcheck", [name, *words]) as context:
                found = _cli.get_command(context, name)
                assert found is not None
                found.make_context(name, words, parent=context)


def test_the_message_may_come_in_words_or_by_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("explain", DENIED["message"]).out
    assert run("explain", *DENIED["message"].split()).out == whole
    for words in ((), ("-",)):
        piped = io.TextIOWrapper(io.BytesIO(b"\xff\x1b[31m " + DENIED["message"].encode()))
        monkeypatch.setattr("sys.stdin", piped)
        assert run("explain", *words).out == whole


def test_the_output_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    done = run("explain", DENIED["message"], "--output-file", "why.txt")
    assert (done.status, done.out) == (0, "")
    assert "SCP.json" in (tmp_path / "why.txt").read_text()


@pytest.mark.parametrize("message", ["", " \n", "all is well", "User: is not authorized", "\x1b[31mdenied"])
def test_any_other_text_is_bad_input_and_is_not_repeated(
    message: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(message.encode())))
    done = run("explain")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("iamcheck: standard input: ")
    assert done.err.count("\n") == 1
    assert "well" not in done.err
    assert "\x1b" not in done.err
    monkeypatch.setattr("sys.stdin", None)
    assert run("explain").status == 2


def test_nothing_around_the_message_is_repeated(run: Run) -> None:
    secrets = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "x-amz-security-token=IQoJb3JpZ2luX2VjE")
    around = f"{secrets[0]} {secrets[1]} {DENIED['message']} (Request ID: 1; {secrets[2]})"
    for output in ("table", "json"):
        done = run("explain", around, "--output", output)
        assert done.status == 0
        assert [secret for secret in secrets if secret in done.out] == []


@given(st.text(), st.sampled_from(CASES), st.text())
def test_whatever_stands_around_it_a_message_is_explained_or_refused(before: str, case: Any, after: str) -> None:  # noqa: ANN401  a case
    found = explain_message(f"{before} {case['message']} {after}")
    assert found.run
    with pytest.raises(InvalidInputError, match="no message"):
        explain_message(f"{before}{after}")
