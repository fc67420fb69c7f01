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
from iamcheck.explain.messages import FAMILIES, explain_messages
from iamcheck.explain.policy_types import POLICIES

if TYPE_CHECKING:
    from iamcheck.explain.messages import MessageFamily
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
    assert found["family"] == case["family"]
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
    for said in (*case.get("says", ()), *commands, *found["leaves_open"], found["meaning"], found["source"]):
        assert said in flowing
    assert case.get("hides", "(nothing)") not in done.out + text
    assert " None" not in flowing
    assert not any(mark in found["meaning"] for mark in "{}")


def test_every_type_of_policy_has_a_case() -> None:
    for family in ("implicit-deny", "explicit-deny"):
        assert {case["policy"] for case in CASES if case["family"] == family} == set(POLICIES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.id))
def test_the_example_of_each_family_is_of_that_family(family: MessageFamily) -> None:
    first, *others = explain_messages(family.example)
    assert (first.family, others) == (family.id, [])
    assert "(not named)" not in first.meaning
    assert first.source.startswith("https://docs.aws.amazon.com/")
    assert first.owner


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_commands_are_ones_that_the_command_line_takes(case: dict[str, Any]) -> None:
    for command in explain_messages(case["message"])[0].run:
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


@pytest.mark.parametrize("message", ["all is well", "User: is not authorized", "\x1b[31mdenied"])
def test_any_other_text_is_not_recognised_and_not_repeated(
    message: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(message.encode())))
    done = run("explain")
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith("iamcheck: iamcheck does not recognise this message")
    assert done.err.count("\n") == 1
    assert "well" not in done.err
    assert "\x1b" not in done.err


def test_no_text_at_all_is_bad_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for empty in (io.TextIOWrapper(io.BytesIO(b" \n")), None):
        monkeypatch.setattr("sys.stdin", empty)
        done = run("explain")
        assert (done.status, done.out) == (2, "")
        assert "there is no message" in done.err


def test_nothing_around_the_message_is_repeated(run: Run) -> None:
    secrets = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "x-amz-security-token=IQoJb3JpZ2luX2VjE")
    around = f"{secrets[0]} {secrets[1]} {DENIED['message']} (Request ID: 1; {secrets[2]})"
    for output in ("table", "json"):
        done = run("explain", around, "--output", output)
        assert done.status == 0
        assert [secret for secret in secrets if secret in done.out] == []


# words of other languages, marks and numbers: none of them is a message by itself
AROUND = st.text(alphabet=" \n\t\"'{}[]()<>|%&;:.,-_/\\0123456789éß中文שΩ│╷\x1bmKAHJ^", max_size=60)


@given(AROUND, st.sampled_from(CASES), AROUND)
def test_whatever_stands_around_it_a_message_is_explained_or_refused(before: str, case: Any, after: str) -> None:  # noqa: ANN401  a case
    found = explain_messages(f"{before} {case['message']} {after}")
    assert case["family"] in {message.family for message in found}
    if f"{before}{after}".strip():
        assert explain_messages(f"{before}{after}") == ()


@pytest.mark.parametrize(
    ("before", "between", "after"),
    [
        ("\x1b[31m", "\x1b[1;38:5:9m", "\x1b[0m"),
        ("\x1b[m\x1b[K", "\x1b[0K", "\x1b[K"),
        ("\x1b[H\x1b[2J", "\x1b[?25l", "\x1b[?25h"),
        ("\x1b[2A\x1b[1G", "\x1b(B\x1b[m", "\x1b[12;1H"),
        ("\x1b]8;;https://example.com/a?b\x1b\\", "\x1b]8;;\x07", "\x1b]0;title\x07"),
        ("\x1b]0;ci@host: ~\x07", "\x1b[32m", "\x1b[39m"),
        ("\\u001b[31m", "\\u001B[4m", "\\u001b[0m"),
        ("\\x1b[31m", "\\033[4m", "\\e[0m"),
        ("^[[31m", "^[[4m", "^[[0m"),
        # a sequence that was cut off takes nothing of the message with it
        ("\x1b[", "", "\x1b["),
        ("\x1b[ ", "", "\x1b"),
        ("\x1b[31", "", "\x1b[3"),
        ("\x1b] ", "", "\x1b\\"),
        ("\x1b]8;; ", "", "\x07"),
        ("\x1b[!", "", "\x1b[?"),
        ("\x1b", "", "\x1b]"),
    ],
)
@pytest.mark.parametrize("start", ["User", "AccessDeniedException: User", "An error occurred (AccessDenied): User"])
def test_commands_to_a_terminal_take_nothing_of_the_message(before: str, between: str, after: str, start: str) -> None:
    message = DENIED["message"].replace("User", start, 1).replace("perform", f"per{between}form", 1)
    assert between in message
    (plain,) = explain_messages(DENIED["message"])
    assert explain_messages(f"{before}{message}{after}") == (plain,)


@pytest.mark.parametrize("move", ["\x1b[1C", "\x1b[2;1H", "\x1b[1B"])
def test_a_move_of_the_cursor_stands_for_a_blank(move: str) -> None:
    assert explain_messages(DENIED["message"].replace(" ", move)) == explain_messages(DENIED["message"])


@pytest.mark.parametrize(
    "mask",
    [
        "***",
        "XXXXXXXXXXXX",
        "xxxxxxxxxxxx",
        "<account>",
        "{account-id}",
        "${AWS_ACCOUNT}",
        "000000000000",
        "1234********",
    ],
)
def test_a_masked_account_is_read_as_not_known_and_can_be_given(mask: str) -> None:
    text = (
        f"User: arn:aws:sts::{mask}:assumed-role/ci/run is not authorized to perform: sagemaker:CreateModel on "
        f"resource: "
        f"arn:aws:sagemaker:eu-west-1:{mask}:model/churn because no identity-based policy allows the "
        "sagemaker:CreateModel action"
    )
    (masked,) = explain_messages(text)
    assert (masked.resource, masked.account_id) == ("arn:aws:sagemaker:eu-west-1:ACCOUNT:model/churn", None)
    assert masked.remedy is not None
    assert masked.remedy.policy is None
    assert mask not in str(masked)
    (filled,) = explain_messages(text, account_id="123456789012")
    assert filled.resource == "arn:aws:sagemaker:eu-west-1:123456789012:model/churn"
    assert filled.principal == "arn:aws:sts::123456789012:assumed-role/ci/run"
    assert filled.account_id == "123456789012"
    assert filled.remedy is not None
    assert filled.remedy.policy is not None


@pytest.mark.parametrize(
    ("resource", "arn"),
    [
        ("role churn-exec", "arn:aws:iam::123456789012:role/churn-exec"),
        ("policy arn:aws:iam::123456789012:policy/deploy", "arn:aws:iam::123456789012:policy/deploy"),
        ("user ci", "arn:aws:iam::123456789012:user/ci"),
        ("instance profile web", "arn:aws:iam::123456789012:instance-profile/web"),
        ("model/churn", "arn:aws:sagemaker:REGION:123456789012:model/churn"),
    ],
)
def test_a_resource_in_words_becomes_what_it_stands_for(resource: str, arn: str) -> None:
    text = (
        "User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:GetRole on resource: "
        f"{resource} with an explicit deny in a service control policy"
    )
    (message,) = explain_messages(text)
    assert (message.family, message.policy, message.resource) == ("explicit-deny", "service control policy", arn)


@pytest.mark.parametrize("rest", [" because no", " with", " on the ...", "..."])
def test_a_message_that_goes_on_is_not_said_to_have_no_reason(rest: str) -> None:
    text = f"User: arn:aws:iam::123456789012:user/u is not authorized to perform: sagemaker:CreateEndpoint{rest}"
    (message,) = explain_messages(text)
    assert message.family == "denied-in-part"


def test_each_message_of_a_text_is_explained_and_the_cause_stands_first() -> None:
    text = """
    │ Error: waiting for SageMaker Endpoint (churn): unexpected state 'Failed', wanted target 'InService'. last error:
    │ The primary container for production variant a did not pass the ping health check.
    {"error":"SageMaker.AmazonSageMakerException","cause":
     "Could not find model \\"arn:aws:sagemaker:eu-west-1:123456789012:model/churn\\"."}
    """
    assert [one.family for one in explain_messages(text)] == ["health-check", "model-missing", "endpoint-failed"]


@pytest.mark.parametrize("data", [bytes(range(256)), b"\x00" * 5000])
def test_a_binary_file_is_bad_input(run: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "log.bin").write_bytes(data)
    done = run("explain", "file://log.bin")
    assert (done.status, done.out) == (2, "")
    assert done.err == "iamcheck: file://log.bin: it is binary (give the text that AWS showed)\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_a_log_of_powershell_is_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    text = f"\ufeff{CASES[0]['message']}\r\n"
    (tmp_path / "deploy.log").write_bytes(text.encode(encoding))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode(encoding))))
    by_name, by_standard_input = run("explain", "file://deploy.log"), run("explain")
    assert (by_name.status, by_name.err) == (0, "")
    assert by_name.out == by_standard_input.out


def test_a_log_with_null_characters_is_read_all_the_same(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(b"\x00" * 5000 + DENIED["message"].encode())
    assert run("explain", "file://app.log").status == 0


def test_the_name_of_a_file_is_told_from_a_message(run: Run, tmp_path: Path) -> None:
    (tmp_path / "err.txt").write_text(DENIED["message"])
    done = run("explain", "err.txt")
    assert (done.status, done.out) == (3, "")
    assert "file://err.txt" in done.err
    assert run("explain", "file://err.txt").status == 0
    for other in ("nowhere.txt", "x" * 5000):
        assert "file://" not in run("explain", other).err


def test_no_statement_is_offered_for_a_role_of_another_account(run: Run) -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    def explained(account: str) -> str:
        done = run(
            "explain",
            "User: arn:aws:sts::123456789012:assumed-role/ci/build is not authorized to perform: iam:PassRole "
            f"on resource: arn:aws:iam::{account}:role/exec because no identity-based policy allows "
            "the iam:PassRole action",
        )
        return done.flat

    elsewhere = explained("999999999999")
    assert "name a role of account 123456789012 in the request, for no policy can allow iam:PassRole" in elsewhere
    assert "add the statement" not in elsewhere
    assert '"Effect": "Allow"' not in elsewhere
    assert "add the statement" in explained("123456789012")
