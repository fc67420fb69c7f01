"""The text of a policy gets a statement, and keeps its form; the change is a diff that `git apply` takes."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.explain.remedies.additions import text_diff, with_statements
from iamcheck.iam.files import policy_in_text
from iamcheck.iam.model import Policy
from tests.documents import allow, deny, document

if TYPE_CHECKING:
    from pathlib import Path

ADDED = Policy.parse(document(allow("sagemaker:CreateEndpoint", "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/x")))
OWN = document(allow("s3:GetObject"), deny("iam:*"))
ONE = document(deny("iam:*"))
FORMS = {
    "two blanks": json.dumps(OWN, indent=2) + "\n",
    "four blanks": json.dumps(OWN, indent=4) + "\n",
    "tabs": json.dumps(OWN, indent="\t"),
    "one line": json.dumps(OWN),
    "no blanks": json.dumps(OWN, separators=(",", ":")),
    "CRLF": json.dumps(OWN, indent=2).replace("\n", "\r\n"),
    "one statement without a list": json.dumps({**ONE, "Statement": ONE["Statement"][0]}, indent=2) + "\n",
    "the statement first": json.dumps({"Statement": OWN["Statement"], "Version": "2012-10-17"}, indent=1),
    "an Id behind": json.dumps({**OWN, "Id": "x"}, indent=2) + "\n\n",
}


YAML = """# the deployer
Version: "2012-10-17"
Statement:
  - Sid: Read  # the bucket
    Effect: Allow
    Action: s3:GetObject
    Resource: "*"
  - Effect: Deny
    Action:
      - iam:*
    Resource: "*"
"""
OTHERS = {
    "YAML": ("a.yaml", YAML),
    "YAML without a margin": ("a.yml", YAML.replace("\n  ", "\n")),
    "an answer of the AWS CLI": ("a.json", json.dumps({"PolicyName": "x", "PolicyDocument": OWN}, indent=4)),
}


def added(text: str, name: str = "a.json") -> str:
    after = with_statements(text, policy_in_text(text, name=name, path=name), ADDED)
    assert after is not None
    return after


@pytest.mark.parametrize(("name", "text"), OTHERS.values(), ids=OTHERS)
def test_a_policy_in_another_form_keeps_it(name: str, text: str) -> None:
    after = added(text, name)
    own = policy_in_text(text, name=name, path=name).to_dict()["Statement"]
    assert policy_in_text(after, name=name, path=name).to_dict()["Statement"] == [*own, *ADDED.to_dict()["Statement"]]
    # comments and all that stands around are kept
    kept = {line.rstrip(",") for line in after.splitlines()}
    assert len({line.rstrip(",") for line in text.splitlines()} - kept) <= 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps({"Policy": json.dumps(OWN)})),
        ("a.yaml", f"Version: '2012-10-17'\nStatement: {json.dumps(OWN['Statement'])}\n"),
    ],
)
def test_a_form_that_has_no_place_for_it_is_left_as_it_is(name: str, text: str) -> None:
    assert with_statements(text, policy_in_text(text, name=name, path=name), ADDED) is None


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_the_statement_stands_after_the_others_and_nothing_else_changes(text: str) -> None:
    after = added(text)
    before, changed = Policy.parse(text), Policy.parse(after)
    assert changed.to_dict()["Statement"] == [*before.to_dict()["Statement"], *ADDED.to_dict()["Statement"]]
    assert (changed.version, changed.id) == (before.version, before.id)
    assert ("\r\n" in after) == ("\r\n" in text)
    assert ("\n" not in after.replace("\r\n", "")) or "\r\n" not in text


@pytest.mark.parametrize("name", ["two blanks", "four blanks", "tabs"])
def test_the_statement_is_indented_as_the_others_are(name: str) -> None:
    after = added(FORMS[name])
    indents: dict[str, int | str] = {"two blanks": 2, "four blanks": 4, "tabs": "\t"}
    assert after.rstrip("\n") == json.dumps(json.loads(after), indent=indents[name])


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_the_diff_is_one_that_git_applies(text: str, tmp_path: Path) -> None:
    file = tmp_path / "deployer.json"
    file.write_bytes(text.encode())
    after = added(text)
    change = text_diff(text, after, "deployer.json")
    done = subprocess.run(
        ["git", "apply", "-p0", "-"], cwd=tmp_path, input=change.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert file.read_bytes() == after.encode()


@given(
    st.lists(st.sampled_from([allow("s3:GetObject"), deny("iam:*"), allow("*")]), min_size=1, max_size=4),
    st.sampled_from([None, 0, 1, 2, 3, 8, "\t"]),
    st.booleans(),
)
def test_a_policy_of_any_form_gets_it(statements: list[dict[str, object]], indent: int | str | None, end: bool) -> None:
    text = json.dumps(document(*statements), indent=indent) + ("\n" if end else "")
    after = added(text)
    assert json.loads(after)["Statement"][:-1] == json.loads(text)["Statement"]
    assert len(Policy.parse(after).statements) == len(statements) + 1
    # every line that was there is there, but for the comma behind the last statement
    kept = {line.rstrip(",") for line in after.splitlines()}
    assert indent is None or {line.rstrip(",") for line in text.splitlines()} <= kept
