"""`iamcheck check --session-policy`: what a session may do is what its policies and the principal's both allow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.deployment import Deployment
from iamcheck.errors import InvalidInputError
from tests.cli import ACCOUNT, ENDPOINT_ARN, OFFLINE, ROLE, allow, deny, policy

if TYPE_CHECKING:
    from tests.cli import Run, Write
    from tests.server import LoopbackAws

ALL = policy(allow("sagemaker:*"))
NONE = policy(deny("sagemaker:CreateEndpoint"))
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7"
USER = f"arn:aws:iam::{ACCOUNT}:user/ci"
UNREAD = "no session policy and no VPC endpoint policy denies it"
VPC_ENDPOINT = "assumed: no VPC endpoint policy denies it (nobody can read it)"
DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)


@pytest.mark.parametrize(
    ("session", "status", "decision"),
    [
        ([ALL], 0, None),
        ([policy(allow())], 0, None),
        ([policy(allow("sagemaker:CreateEndpoint", ENDPOINT_ARN))], 1, "implicitDeny (no Allow of a session policy"),
        ([policy(allow(), deny("sagemaker:CreateEndpoint"))], 1, "of the session policy session-0.json"),
        # session policies are a union, under which a Deny of any of them counts
        ([policy(allow("sagemaker:CreateEndpoint")), policy(allow("sagemaker:CreateEndpointConfig"))], 0, None),
        ([ALL, policy(deny("sagemaker:CreateEndpoint"))], 1, "of the session policy session-1.json"),
    ],
)
def test_session_policies_narrow_what_the_principal_may_do(
    session: list[Any], status: int, decision: str | None, run: Run, write: Write
) -> None:
    words = [
        word
        for number, one in enumerate(session)
        for word in ("--session-policy", write(f"session-{number}.json", one))
    ]
    for principal in ((), ("--principal", SESSION), ("--principal", ROLE)):
        done = run(*OFFLINE, "--policy", write("all.json", ALL), *principal, *words)
        assert done.status == status, done.out
        assert decision is None or decision in done.flat


def test_they_allow_nothing_by_themselves(run: Run, write: Write) -> None:
    words = ("--policy", write("none.json", NONE), "--session-policy", write("all.json", ALL))
    assert run(*OFFLINE, *words).status == 1


def test_without_identity_policies_the_rendered_policy_is_judged_under_them(run: Run, write: Write) -> None:
    assert run(*OFFLINE, "--session-policy", write("all.json", ALL)).status == 0
    done = run(*OFFLINE, "--session-policy", write("none.json", NONE), "--output", "json")
    assert done.check("principal.allowed")["status"] == "fail"


def test_a_layer_that_is_given_is_no_assumption(run: Run, write: Write) -> None:
    words = (*OFFLINE, "--policy", write("all.json", ALL), "--output", "json")
    before = run(*words).report["assumptions"]
    after = run(*words, "--session-policy", "all.json").report["assumptions"]
    assert any(UNREAD in one and "--session-policy" in one for one in before)
    assert not any(UNREAD in one for one in after)
    # the policy of a VPC endpoint is another thing
    assert VPC_ENDPOINT in after


@pytest.mark.parametrize("arn", [USER, f"arn:aws:iam::{ACCOUNT}:group/ci", f"arn:aws:iam::{ACCOUNT}:root"])
def test_whoever_calls_without_a_session_has_no_session_policies(arn: str, run: Run, write: Write) -> None:
    file = write("all.json", ALL)
    done = run(*OFFLINE, "--principal", arn, "--policy", file, "--session-policy", file)
    assert (done.status, done.out) == (2, "")
    assert arn in done.err
    assert "--session-policy" in done.err


def test_a_federated_user_is_judged_by_both_of_its_policies(run: Run, write: Write) -> None:
    words = ("--principal", f"arn:aws:sts::{ACCOUNT}:federated-user/ann", "--policy", write("all.json", ALL))
    assert run(*OFFLINE, *words, "--session-policy", "all.json").status == 0
    assert run(*OFFLINE, *words, "--session-policy", write("none.json", NONE)).status == 1


def test_a_file_that_is_no_policy_is_bad_input(run: Run, write: Write) -> None:
    named = write("named.json", policy(allow(Principal="*")))
    for words in (("--session-policy", named), ("--session-policy", "nowhere.json"), ("--session-policy", "")):
        done = run(*OFFLINE, *words)
        assert (done.status, done.out) == (2, "")


def test_online_they_narrow_what_aws_says(run: Run, write: Write, aws: LoopbackAws) -> None:
    session = aws.create_role("ci", policy=policy(allow("*")))
    environment = {name: value for name, value in aws.environment(session).items() if name.startswith("AWS_")}
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--output", "json")
    write("none.json", NONE)
    statuses = {}
    for name, more in {"without": (), "with": ("--session-policy", "none.json")}.items():
        done = run(*words, *more, **environment)
        statuses[name] = done.check("principal.allowed")["status"]
    assert statuses == {"without": "pass", "with": "fail"}


def test_online_the_caller_must_have_a_session(run: Run, write: Write, aws: LoopbackAws) -> None:
    environment = {name: value for name, value in aws.environment().items() if name.startswith("AWS_")}
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--session-policy", write("all.json", ALL))
    done = run(*words, **environment)
    assert done.status == 2
    assert "calls without a session" in done.err


def test_the_library_has_a_keyword() -> None:
    def status(**more: Any) -> str:  # noqa: ANN401  keywords
        report = iamcheck.check(DEPLOYMENT, offline=True, policies=[ALL], **more)
        return next(one.status.value for one in report.checks if one.id == "principal.allowed")

    assert status(session_policies=[ALL]) == "pass"
    assert status(session_policies=[json.dumps(NONE)]) == "fail"
    # none at all is known to be empty
    assert status(session_policies=[], principal=USER) == "pass"
    with pytest.raises(InvalidInputError, match=r"session_policies: .*give a list of policies"):
        status(session_policies=ALL)
    with pytest.raises(InvalidInputError, match="session_policies"):
        status(session_policies=[ALL], principal=USER)
    with pytest.raises(InvalidInputError, match="UNREAD"):
        status(session_policies=iamcheck.UNREAD)
