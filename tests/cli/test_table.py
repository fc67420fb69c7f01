"""The table is made for reading: short at 80 columns, with the cause first and every ARN whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_check_online import without_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli import Done, Run
    from tests.server import LoopbackAws

OFFLINE = ("--offline", "--region", "eu-west-1", "--account-id", "123456789012")
CALLS = {
    "CreateEndpointConfig": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7",
    "CreateEndpoint": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn",
}
SID = "NoInferenceOutsideThePlatform"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def short(done: Done, *, most: int) -> Sequence[str]:
    lines = done.out.splitlines()
    assert len(lines) <= most, done.out
    assert all(len(line) <= 80 for line in lines)
    return lines


@pytest.mark.parametrize(
    "denies",
    [
        {"Action": "sagemaker:CreateEndpoint*"},
        {"Action": ["sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint", "sagemaker:CreateModel"]},
        {
            "Action": "sagemaker:*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-north-1", "eu-south-1"]}},
        },
        {"NotAction": ["iam:*", "organizations:*", "support:*"]},
    ],
)
@pytest.mark.parametrize("granted", [[EVERYTHING], []])
@pytest.mark.parametrize("levels", [1, 2])
def test_a_statement_that_denies_three_calls_takes_22_lines(
    denies: dict[str, object], granted: list[object], levels: int, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "scp.json").write_text(policy({"Sid": SID, "Effect": "Deny", "Resource": "*", **denies}))
    (tmp_path / "deployer.json").write_text(policy(*granted))
    given = ["--policy", "deployer.json"] if granted else []
    level = ["--scp", "FullAWSAccess"] * (levels - 1)
    done = run("check", "churn", "churn-v7", *OFFLINE, *given, *level, "--scp", "FullAWSAccess,scp.json")

    lines = short(done, most=22)

    assert done.status == 1
    assert lines[0] == "Verdict: fail"
    assert SID in "".join(lines[:8])
    assert [arn for arn in CALLS.values() if not any(arn in line for line in lines)] == []
    assert done.out.count(SID) == 1


@pytest.mark.parametrize(
    "allows",
    [
        {"Action": ["s3:*", "ec2:*", "logs:*"], "Resource": "*"},
        {"Action": "*", "Resource": "arn:aws:sagemaker:us-east-1:123456789012:*"},
        {
            "Action": "sagemaker:*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-north-1"]}},
        },
    ],
)
@pytest.mark.parametrize("more", [[], [{"Sid": "Storage", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]])
def test_a_level_that_does_not_allow_three_calls_takes_22_lines(
    allows: dict[str, object], more: list[object], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "scp.json").write_text(policy({"Sid": SID, "Effect": "Allow", **allows}, *more))
    (tmp_path / "deployer.json").write_text(policy(EVERYTHING))
    done = run("check", "churn", "churn-v7", *OFFLINE, "--policy", "deployer.json", "--scp", "scp.json")

    lines = short(done, most=22)

    assert done.status == 1
    assert SID in "".join(lines[:8])
    assert [arn for arn in CALLS.values() if not any(arn in line for line in lines)] == []
    assert done.out.count(SID) == 1
    assert done.out.count("these calls") == 1


def test_a_policy_of_the_organization_takes_22_lines_too(run: Run, aws: LoopbackAws) -> None:
    tree = aws.organizations.create()
    scp = {"Sid": SID, "Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*"}
    tree.attach(tree.account(aws.account_id, tree.root), policy(scp))
    aws.organizations.delegated.add(aws.account_id)
    user = aws.create_user("ci", policy={"Version": "2012-10-17", "Statement": [EVERYTHING]})
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--organizations", "aws", "--engine", "local")
    done = run(*words, **aws.environment(user))
    lines = short(done, most=22)
    assert SID in "".join(lines[:8])
    assert [arn for arn in CALLS.values() if not any(arn in line for line in lines)] == []
    assert done.out.count(SID) == 1
    assert "were read from" not in done.out
    assert "SCPs of 2 levels were read from AWS Organizations" in run(*words, "--verbose", **aws.environment(user)).flat


def test_no_credentials_take_18_lines(run: Run, aws: LoopbackAws) -> None:
    done = run("check", "churn", "churn-v7", "--region", "eu-west-1", **without_credentials(aws))
    lines = short(done, most=18)
    assert lines[0] == "Verdict: unknown"
    assert done.out.count("no AWS credentials") == 1


def test_assumptions_are_named_and_whole_only_where_they_are_asked_for(run: Run) -> None:
    words = ("check", "churn", "churn-v7", *OFFLINE)
    folded, listed = run(*words), run(*words, "--verbose")
    sentence, *bullets = folded.out.split("rests on 2 assumptions ")[1].split("\n  - ")
    assert sentence == "(--verbose says more):"
    assert [bullet.startswith("nothing else is needed, such as ") for bullet in bullets] == [True, True]
    assert "--config-request" not in folded.out
    assert "Assumed:" not in folded.out
    assert listed.out.split("Assumed:\n")[1].count("  - ") == 2


def test_a_fail_and_a_deployment_that_is_not_known_yet_count_their_assumptions(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(policy({**EVERYTHING, "Action": "s3:*"}))
    (tmp_path / "open.yaml").write_text(
        "Parameters: {Name: {Type: String}}\n"
        "Resources: {E: {Type: 'AWS::SageMaker::Endpoint', Properties: {EndpointName: !Ref Name, "
        "EndpointConfigName: churn-v7}}}\n"
    )
    denied = run("check", "churn", "churn-v7", *OFFLINE, "--policy", "other.json")
    later = run("check", "--from", "open.yaml", *OFFLINE)
    assert (denied.status, later.status) == (1, 3)
    for done in (denied, later):
        assert done.flat.endswith(" (--verbose lists them).")


def test_what_strict_does_not_take_is_named_in_place_of_what_is_allowed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wide.json").write_text(policy(EVERYTHING))
    words = ("check", "churn", "churn-v7", *OFFLINE, "--policy", "wide.json", "--strict")
    done = run(*words)
    assert done.status == 3
    assert "  - no permissions boundary applies\n  - no SCPs apply\n" in done.out
    assert "endpoint/churn: allowed by" not in done.flat
    assert "endpoint/churn: allowed by" in run(*words, "--verbose").flat
