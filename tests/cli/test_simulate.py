"""`iamcheck simulate`: the arguments and the answers of `aws iam simulate-custom-policy`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

from iamcheck.cli import main
from tests.server import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.server import LoopbackAws

    Enter = Callable[[Mapping[str, str]], None]

OBJECT = "arn:aws:s3:::bucket/key"
ROLE = "arn:aws:iam::123456789012:role/ci"
READ = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"},
    {
      "Sid": "Home",
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}
    }
  ]
}
"""
ALLOW = {"Version": "2012-10-17", "Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}
DENY_PUT = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "NoPut", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}],
}
LOCKED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Sid": "Lock",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
        },
    ],
}
IP = "ContextKeyName=aws:SourceIp,ContextKeyValues=192.0.2.7,ContextKeyType=ip"
GET = ("--action-names", "s3:GetObject", "--resource-arns", OBJECT)


@dataclass(frozen=True)
class Done:
    """What a run of the command left behind."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """Standard output as JSON."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def decisions(self) -> list[str]:
        """The decision on each action."""
        return [result["EvalDecision"] for result in self.answer["EvaluationResults"]]


Run: TypeAlias = "Callable[..., Done]"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process."""

    def simulate(*words: str) -> Done:
        with pytest.raises(SystemExit) as left:
            main(["simulate", *words])
        captured = capsys.readouterr()
        return Done(int(str(left.value.code)), captured.out, captured.err)

    return simulate


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with policies in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "read.json").write_text(READ)
    for name, document in (
        ("allow", ALLOW),
        ("deny", DENY_PUT),
        ("locked", LOCKED),
        ("list", [ALLOW, DENY_PUT]),
        ("texts", [json.dumps(ALLOW), json.dumps(DENY_PUT)]),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(document, indent=2))
    return tmp_path


# --- the exit status and what is not known


def test_a_key_of_which_nothing_is_known_leaves_it_open(run: Run, files: Path) -> None:
    done = run("--policy-input-list", "read.json", *GET, "--output", "json")
    # AWS's answer takes the key as absent; the Deny on the day may not
    assert (done.status, done.decisions) == (3, ["explicitDeny"])
    assert "aws:SourceIp" in done.err
    assert "--absent aws:SourceIp" in done.err


@pytest.mark.parametrize(
    ("words", "status", "decision"),
    [
        (["--context-entries", IP], 0, "allowed"),
        (["--context-entries", IP.replace("192.0.2.7", "198.51.100.1")], 1, "explicitDeny"),
        (["--absent", "AWS:sourceip"], 1, "explicitDeny"),
    ],
)
def test_a_key_that_is_known_or_absent_settles_it(
    run: Run, files: Path, words: list[str], status: int, decision: str
) -> None:
    done = run("--policy-input-list", "read.json", *GET, "--output", "json", *words)
    assert (done.status, done.decisions, done.err) == (status, [decision], "")


def test_what_is_denied_for_certain_is_worse_than_what_is_open(run: Run, files: Path) -> None:
    done = run("--policy-input-list", "read.json", "--action-names", "s3:GetObject", "iam:GetUser")
    assert done.status == 1
    assert "s3:GetObject" in done.out


def test_the_calling_account_is_not_known_by_itself(run: Run, files: Path) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
        },
    }
    words = ("--policy-input-list", json.dumps(document), *GET)
    done = run(*words)
    assert done.status == 3
    assert "aws:PrincipalAccount" in done.err
    assert run(*words, "--account-id", "123456789012").status == 0
    assert run(*words, "--account-id", "111122223333").status == 1
    assert run(*words, "--caller-arn", ROLE).status == 0
    entry = "ContextKeyName=aws:PrincipalAccount,ContextKeyValues=123456789012,ContextKeyType=string"
    assert run(*words, "--context-entries", entry).status == 0
    # where no policy looks at it, it does not matter
    assert run("--policy-input-list", "allow.json", *GET).status == 0


_USERID = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:UserId": "AROA*"}}},
    ],
}


@pytest.mark.parametrize("caller", [(), ("--caller-arn", ROLE), ("--account-id", "123456789012")])
def test_what_the_simulator_makes_up_is_not_known(run: Run, files: Path, caller: tuple[str, ...]) -> None:
    """The simulator's `aws:userid` is a stub or the caller's ARN; on the day it is `AROA...:session`."""
    (files / "userid.json").write_text(json.dumps(_USERID))
    words = ("--policy-input-list", "userid.json", *GET, *caller, "--output", "json")
    done = run(*words)
    assert (done.status, done.decisions) == (3, ["allowed"])
    assert "depends on aws:UserId" in done.err
    assert run(*words, "--absent", "aws:userid").status == 0
    known = "ContextKeyName=aws:userid,ContextKeyValues={},ContextKeyType=string"
    assert run(*words, "--context-entries", known.format("AIDAX")).status == 0
    assert run(*words, "--context-entries", known.format("AROAX:s")).status == 1


def test_the_caller_s_name_and_account_are_known(run: Run, files: Path) -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": "123456789012", "aws:PrincipalArn": ROLE}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    (files / "own.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert run("--policy-input-list", "own.json", *GET, "--caller-arn", ROLE).status == 0


_USER = "arn:aws:iam::123456789012:user/ci"
_TRUST = {"Statement": {"Effect": "Deny", "Principal": {"AWS": _USER}, "Action": "sts:AssumeRole"}}


@pytest.mark.parametrize(
    ("policy", "semantics", "status"),
    [
        ("allow.json", "simulator", 3),
        ("read.json", "simulator", 3),
        ("nothing.json", "simulator", 1),
        ("allow.json", "live", 1),
    ],
)
def test_a_trust_policy_that_the_simulator_leaves_out_is_named(
    run: Run, files: Path, policy: str, semantics: str, status: int
) -> None:
    """A Deny of the caller's own policies stays a Deny, whatever the trust policy says."""
    (files / "trust.json").write_text(json.dumps(_TRUST))
    (files / "nothing.json").write_text(json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}))
    done = run(
        *("--policy-input-list", policy, "--action-names", "sts:AssumeRole", "--resource-arns", ROLE),
        *("--resource-policy", "trust.json", "--caller-arn", _USER),
        *("--semantics", semantics, "--absent", "aws:SourceIp"),
    )
    assert done.status == status, done
    assert ("leaves the trust policy out; --semantics live" in " ".join(done.err.split())) is (status == 3)


def test_a_resource_policy_of_another_action_is_not_left_out(run: Run, files: Path) -> None:
    (files / "bucket.json").write_text(
        json.dumps({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": OBJECT}})
    )
    done = run("--policy-input-list", "allow.json", *GET, "--resource-policy", "bucket.json", "--caller-arn", ROLE)
    assert (done.status, done.err) == (1, "")


def test_an_action_with_a_wildcard_is_text_to_the_simulator(run: Run, files: Path) -> None:
    words = ("--action-names", "s3:Get*", "--resource-arns", OBJECT, "--absent", "aws:SourceIp")
    assert run("--policy-input-list", "allow.json", *words).status == 0
    assert run("--policy-input-list", "deny.json", *words).status == 1


@pytest.mark.parametrize("semantics", ["live", "simulator"])
def test_the_account_of_a_resource_is_no_other_than_that_of_an_unknown_caller(
    run: Run, files: Path, semantics: str
) -> None:
    queue = "arn:aws:sqs:eu-west-1:999988887777:q"
    words = ("--policy-input-list", "allow.json", "--action-names", "sqs:SendMessage", "--resource-arns", queue)
    assert run(*words, "--semantics", semantics).status == 0


def test_live_is_not_the_simulator(run: Run, files: Path) -> None:
    # s3:GetObject takes objects; AWS's simulator denies it on a bucket before it looks at any policy
    words = ("--policy-input-list", "allow.json", "--action-names", "s3:GetObject", "--resource-arns", "arn:aws:s3:::b")
    simulator = run(*words)
    assert simulator.status == 1
    assert "object" in simulator.out
    assert run(*words, "--semantics", "live").status == 0


# --- the forms of the inputs


@pytest.mark.parametrize(
    "words",
    [
        ["allow.json", "deny.json"],
        ["file://allow.json", "deny.json"],
        [json.dumps(ALLOW), "file://deny.json"],
        ["list.json"],
        ["file://texts.json"],
        [json.dumps([ALLOW, DENY_PUT])],
        ["allow.json", "--policy-input-list", "deny.json"],
    ],
)
def test_policies_come_in_many_forms(run: Run, files: Path, words: list[str]) -> None:
    done = run("--policy-input-list", *words, "--action-names", "s3:GetObject", "s3:PutObject", "--output", "json")
    assert (done.status, done.decisions) == (1, ["allowed", "explicitDeny"])
    matched = [result["MatchedStatements"][0]["SourcePolicyId"] for result in done.answer["EvaluationResults"]]
    assert matched == ["PolicyInputList.1", "PolicyInputList.2"]


@pytest.mark.parametrize(
    "words",
    [
        ["--scp", "FullAWSAccess", "--scp", "locked.json"],
        ["--ordered-organization-policy-input-list", "ServiceControlPolicyInputList=locked.json,allow.json"],
        [
            "--ordered-organization-policy-input-list",
            json.dumps({"ServiceControlPolicyInputList": [json.dumps(LOCKED)]}),
        ],
        ["--ordered-organization-policy-input-list", json.dumps([{"ServiceControlPolicyInputList": [LOCKED]}])],
    ],
)
def test_service_control_policies_come_in_many_forms(run: Run, files: Path, words: list[str]) -> None:
    done = run("--policy-input-list", "allow.json", *GET, *words, "--output", "json")
    assert (done.status, done.decisions) == (3, ["explicitDeny"])
    assert "aws:RequestedRegion" in done.err
    region = "ContextKeyName=aws:RequestedRegion,ContextKeyValues={},ContextKeyType=string"
    assert (
        run("--policy-input-list", "allow.json", *GET, *words, "--context-entries", region.format("eu-west-1")).status
        == 0
    )
    denied = run("--policy-input-list", "allow.json", *GET, *words, "--context-entries", region.format("us-east-1"))
    assert denied.status == 1
    assert "Lock" in denied.out
    assert "service control policy (SCP)" in denied.out


@pytest.mark.parametrize("flag", ["--boundary", "--permissions-boundary-policy-input-list"])
def test_the_boundary(run: Run, files: Path, flag: str) -> None:
    done = run("--policy-input-list", "allow.json", *GET, flag, "deny.json", "--output", "json")
    (result,) = done.answer["EvaluationResults"]
    assert (done.status, result["EvalDecision"]) == (1, "implicitDeny")
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_options_win_over_the_json_of_all(run: Run, files: Path) -> None:
    (files / "all.json").write_text(
        json.dumps(
            {
                "PolicyInputList": ["allow.json", DENY_PUT],
                "ActionNames": ["s3:PutObject", "s3:GetObject"],
                "ResourceArns": [OBJECT],
                "CallerArn": ROLE,
                "MaxItems": 1,
                "ContextEntries": [
                    {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": ["a"], "ContextKeyType": "stringList"}
                ],
            }
        )
    )
    first = run("--cli-input-json", "file://all.json", "--output", "json")
    assert (first.status, first.decisions) == (1, ["explicitDeny"])
    assert (first.answer["IsTruncated"], first.answer["Marker"]) == (True, "1")
    second = run("--cli-input-json", "all.json", "--starting-token", "1", "--output", "json")
    assert (second.status, second.decisions, second.answer["IsTruncated"]) == (0, ["allowed"], False)
    won = run("--cli-input-json", "all.json", "--action-names", '["s3:GetObject"]', "--output", "json")
    assert (won.status, won.decisions) == (0, ["allowed"])


def test_what_max_items_leaves_out_is_not_taken_for_allowed(run: Run, files: Path) -> None:
    words = ("--policy-input-list", str(files / "list.json"), "--resource-arns", OBJECT, "--action-names")
    left = run(*words, "s3:GetObject", "s3:PutObject", "--max-items", "1", "--output", "json")

    assert (left.status, left.decisions) == (3, ["allowed"])
    assert "--marker 1 gives the next" in left.err
    assert run(*words, "s3:PutObject", "s3:GetObject", "--max-items", "1").status == 1
    assert run(*words, "s3:GetObject", "--max-items", "1").status == 0


def test_context_entries_come_in_many_forms(run: Run, files: Path) -> None:
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.7"], "ContextKeyType": "ip"}
    (files / "entries.json").write_text(json.dumps([{}, entry]))
    (files / "entry.txt").write_text(f"{IP}\n")
    words = ("--policy-input-list", "read.json", *GET, "--context-entries")
    for value in ("entries.json", "file://entry.txt", json.dumps(entry), json.dumps([entry])):
        assert run(*words, value).status == 0


def test_texts_may_stand_in_files(run: Run, files: Path) -> None:
    (files / "actions.json").write_text('["s3:GetObject", "s3:PutObject"]')
    (files / "caller.txt").write_text(f"{ROLE}\n")
    words = ("--policy-input-list", "allow.json", "--action-names", "file://actions.json", "iam:GetUser")
    done = run(*words, "--caller-arn", "file://caller.txt", "--output", "json")
    assert (done.status, done.decisions) == (0, ["allowed"] * 3)


def test_what_a_statement_says_may_not_be_established(run: Run, files: Path) -> None:
    # what a variable before the fifth colon of a Resource does on the day is not known
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:sqs:*:${aws:PrincipalAccount}:q"},
    }
    queue = "arn:aws:sqs:eu-west-1:123456789012:q"
    words = ("--policy-input-list", json.dumps(document), "--action-names", "sqs:SendMessage", "--resource-arns", queue)
    done = run(*words, "--caller-arn", ROLE, "--semantics", "live")
    assert done.status == 3
    assert "is not certain" in done.err


def test_an_account_that_is_absent_is_not_open(run: Run, files: Path) -> None:
    words = ("--policy-input-list", "allow.json", *GET, "--absent", "aws:PrincipalAccount")
    assert run(*words).status == 0


def test_no_policy_allows_nothing(run: Run) -> None:
    assert run("--policy-input-list", "[]", *GET, "--output", "json").decisions == ["implicitDeny"]


def test_a_resource_policy(run: Run, files: Path) -> None:
    grant = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "s3:GetObject", "Resource": OBJECT}],
    }
    words = ("--policy-input-list", "[]", *GET, "--resource-policy", json.dumps(grant), "--caller-arn", ROLE)
    done = run(*words)
    assert done.status == 0
    assert "resource policy" in done.out


# --- the table and the explanation


def test_the_table_names_the_statement_with_file_sid_and_line(run: Run, files: Path) -> None:
    done = run("--policy-input-list", "allow.json", "list.json", "--action-names", "s3:PutObject", "s3:GetObject")
    assert done.status == 1
    assert "NoPut" in done.out
    line = (files / "list.json").read_text()[: (files / "list.json").read_text().index('"NoPut"')].count("\n")
    # the statement's own brace stands on the line before its Sid
    assert f"list.json[1], line {line}" in done.out
    assert all(len(text) <= 80 for text in done.out.splitlines())
    assert done.out.splitlines()[-1] == "1 allowed, 1 explicitDeny: fail"


def test_explain_puts_the_nearest_miss_first(run: Run, files: Path) -> None:
    (files / "miss.json").write_text(
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Sid": "Far", "Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::*:role/x"},
                    {
                        "Sid": "Two",
                        "Effect": "Allow",
                        "Action": "s3:Get*",
                        "Resource": "arn:aws:s3:::other/*",
                        "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
                    },
                    {"Sid": "One", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::other/*"},
                ],
            }
        )
    )
    region = "ContextKeyName=aws:RequestedRegion,ContextKeyValues=eu-west-1,ContextKeyType=string"
    words = ("--policy-input-list", "miss.json", *GET, "--context-entries", region, "--explain")
    done = run(*words)
    explained = done.out.partition("fail\n")[2]
    assert done.status == 1
    assert explained.index(" One ") < explained.index(" Two ") < explained.index(" Far ")
    assert f"Resource arn:aws:s3:::other/*: the request has {OBJECT}" in " ".join(explained.split())
    assert "StringEquals aws:RequestedRegion us-east-1: the request has eu-west-1" in " ".join(explained.split())
    as_json = run(*words, "--output", "json")
    assert "EvaluationResults" in as_json.answer
    assert "nothing" not in as_json.err
    assert as_json.err.index(" One ") < as_json.err.index(" Two ")


def test_the_explanation_says_what_is_not_known(run: Run, files: Path) -> None:
    done = run("--policy-input-list", "read.json", *GET, "--explain")
    text = " ".join(done.out.split())
    assert "statement Home of the identity policy read.json, line 5 may match" in text
    assert "open: NotIpAddressIfExists aws:SourceIp 192.0.2.0/24: nothing is known of it" in text


def test_the_answer_goes_to_a_file(run: Run, files: Path) -> None:
    done = run("--policy-input-list", "allow.json", *GET, "--output", "json", "--output-file", "answer.json")
    assert (done.status, done.out) == (0, "")
    assert json.loads((files / "answer.json").read_text())["IsTruncated"] is False


# --- bad input: one line, exit 2


REFUSED = json.loads(
    (Path(__file__).parents[1] / "cases" / "cli" / "simulate_refused.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", REFUSED, ids=[" ".join(case["words"]) for case in REFUSED])
def test_bad_input_is_one_line_and_exit_2(
    run: Run, files: Path, monkeypatch: pytest.MonkeyPatch, case: Mapping[str, list[str]]
) -> None:
    (files / "empty.json").write_text("")
    (files / "binary.json").write_bytes(b"\0\1\2")
    (files / "cut.json").write_text('{"Version": "2012-10-17",\n"Statement": [{\n')
    (files / "maybe.json").write_text(json.dumps(ALLOW).replace("Allow", "Maybe"))
    (files / "latin.json").write_text(json.dumps(ALLOW).replace('"All"', '"Allé€"'), encoding="utf-8")
    trusting = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECT}
    (files / "trusting.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": trusting}))
    with (files / "empty.json").open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        done = run(*case["words"])
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("iamcheck: ")
    assert done.err.count("\n") == 1
    assert [text for text in case["told"] if text not in done.err] == []


# --- against AWS


WORDS = (
    *("--policy-input-list", "file://read.json"),
    *("--action-names", "s3:GetObject", "s3:PutObject", "madeup:Do"),
    *("--resource-arns", OBJECT, "arn:aws:s3:::bucket/other"),
    *("--context-entries", IP, "ContextKeyName=aws:TagKeys,ContextKeyValues=a,'b,c',ContextKeyType=stringList"),
    *("--caller-arn", "arn:aws:iam::123456789012:user/ann"),
)


@pytest.mark.slow
def test_the_same_words_give_the_same_json_as_the_aws_cli(run: Run, files: Path, aws: LoopbackAws) -> None:
    words = list(WORDS)
    # the AWS CLI takes one document a value here only as text
    words[1] = READ
    command = [sys.executable, "-m", "awscli", "iam", "simulate-custom-policy", *words, "--output", "json"]
    theirs = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=aws.environment(),
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert theirs.stderr == ""
    ours = run(*WORDS, "--output", "json")
    assert ours.status == 1
    # the AWS CLI leaves out whether there are more pages, for it has asked for all of them
    assert {**json.loads(theirs.stdout), "IsTruncated": False} == ours.answer
    assert ours.out.startswith(theirs.stdout.rstrip("\n}"))


def test_aws_may_be_asked(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    enter(aws.environment())
    local = run(*WORDS, "--output", "json")
    asked = run(*WORDS, "--output", "json", "--engine", "aws")
    assert asked == local
    assert aws.actions == ["iam:SimulateCustomPolicy"]
    # what AWS's simulator hides is found by the local engine
    unknown = run("--policy-input-list", "read.json", *GET, "--engine", "aws")
    assert unknown.status == 3
    assert "aws:SourceIp" in unknown.err


def test_aws_is_asked_page_after_page(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    enter(aws.environment())
    actions = [f"s3:Made{number}" for number in range(105)]
    words = ("--policy-input-list", "allow.json", "--action-names", *actions, "--output", "json")
    assert run(*words, "--engine", "aws") == run(*words)
    assert len(aws.actions) == 2
    some = run(*words, "--engine", "aws", "--max-items", "7")
    assert some == run(*words, "--max-items", "7")
    assert (len(some.decisions), some.answer["Marker"]) == (7, "7")


def test_an_answer_of_aws_that_differs_is_unknown(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    enter(aws.environment())
    aws.iam.simulator = Contrary
    done = run("--policy-input-list", "deny.json", "--action-names", "s3:PutObject", "--engine", "aws")
    assert done.status == 3
    assert "AWS's simulator says allowed, the local engine explicitDeny" in done.err
    assert "allowed" in done.out


class Contrary:
    """A simulator that allows all that it is asked for, but its last action."""

    def __init__(self, **known: object) -> None:
        self.known = known

    def simulate_custom_policy(self, **asked: Any) -> dict[str, object]:  # noqa: ANN401  a client's keywords
        results = [
            {"EvalActionName": name, "EvalResourceName": "*", "EvalDecision": "allowed"}
            for name in asked["ActionNames"][: 1 if len(asked["ActionNames"]) > 1 else None]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}


def test_an_answer_to_another_question_is_none(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    enter(aws.environment())
    aws.iam.simulator = Contrary
    words = ("--policy-input-list", "allow.json", "--engine", "aws")
    few = run(*words, "--action-names", "s3:PutObject", "s3:GetObject")
    assert (few.status, few.out) == (3, "")
    assert "1 results for 2 actions" in few.err
    other = run(*words, *GET)
    assert (other.status, other.out) == (3, "")
    assert "not about the actions and resources" in other.err


class Refusing(Contrary):
    """A simulator that finds fault with what iamcheck's own takes."""

    def simulate_custom_policy(self, **asked: object) -> dict[str, object]:
        fault = {"Code": "InvalidInput", "Message": f"The action {asked['ActionNames']} is not to my liking."}
        response = {"Error": fault, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(response, "SimulateCustomPolicy")  # type: ignore[arg-type]  # the stubs want all of the metadata


class Endless(Contrary):
    """A simulator that always promises more."""

    def simulate_custom_policy(self, **_asked: object) -> dict[str, object]:
        return {"EvaluationResults": [], "IsTruncated": True, "Marker": "1"}


def test_what_aws_refuses_is_bad_input(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    enter(aws.environment())
    aws.iam.simulator = Refusing
    done = run("--policy-input-list", "allow.json", *GET, "--engine", "aws")
    assert (done.status, done.out) == (2, "")
    assert "--action-names: IAM refuses: The action" in done.err
    assert "to my liking" in done.err


def test_pages_without_results_come_to_an_end(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    enter(aws.environment())
    aws.iam.simulator = Endless
    done = run("--policy-input-list", "allow.json", *GET, "--engine", "aws")
    assert (done.status, done.out) == (3, "")
    assert "its pages do not end" in done.err
    assert len(aws.actions) == 2


def test_aws_that_cannot_be_asked_is_unknown(run: Run, files: Path, aws: LoopbackAws, enter: Enter) -> None:
    words = ("--policy-input-list", "allow.json", *GET, "--engine", "aws")
    enter(aws.environment(AWS_ENDPOINT_URL="http://127.0.0.1:1"))
    closed = run(*words)
    assert (closed.status, closed.out) == (3, "")
    assert "iam:SimulateCustomPolicy at http://127.0.0.1:1" in closed.err
    enter(aws.environment())
    aws.deny("iam:SimulateCustomPolicy")
    denied = run(*words)
    assert (denied.status, denied.out) == (3, "")
    assert "AccessDenied" in denied.err
    aws.hook("iam:SimulateCustomPolicy", lambda _call: Answer(200, b"<html>login</html>", {}))
    assert run(*words).status == 3


def test_a_whole_process(files: Path) -> None:
    command = [sys.executable, "-m", "iamcheck", "simulate", "--policy-input-list", "-", *GET]
    done = subprocess.run(command, capture_output=True, text=True, input=json.dumps(ALLOW), timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "statement All of the identity policy standard input, line 1" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("s3:GetObjec", "has no action 's3:GetObjec': it is decided by its name alone; did you mean"),
        ("s33:GetObject", "has no service 's33': it is decided by its name alone; did you mean s3"),
        ("zzzzzz:Qqqqqq", "has no service 'zzzzzz': it is decided by its name alone"),
    ],
)
def test_a_name_that_is_no_action_has_the_answer_of_aws_and_a_word_beside_it(
    run: Run, name: str, suggestion: str
) -> None:
    allow = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    done = run("--policy-input-list", allow, "--action-names", name, "s3:GetObject", "--output", "json")
    assert (done.status, done.decisions) == (0, ["allowed", "allowed"])
    assert suggestion in " ".join(done.err.split())
    assert done.err.count("it is decided by") == 1
    # a wildcard is text for the simulator, and no slip of the keyboard
    assert "by its name alone" not in run("--policy-input-list", allow, "--action-names", "s3:Get*").err
