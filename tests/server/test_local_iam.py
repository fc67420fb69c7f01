"""LocalIAM called directly, by boto3 over HTTP and by the AWS CLI: the same answers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from iamcheck.simulators.local_iam import LocalIAM
from tests.server import ALLOW_ALL
from tests.unit.simulators.local_iam_cases import Case, arguments, cases, check, local_iam

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server import LoopbackAws

FILES = ("contract", "context", "output", "principal")
ASKED_BY_THE_CLI = {
    "One EvaluationResult per action",
    "This holds for each resource; the top level is the union over the resources, each statement once",
    "filled only across accounts, with keys IAM Policy, Resource Policy, Permissions Boundary Policy",
    "fewer is not in a valid ARN format",
    "A managed policy that reaches the principal twice (directly and through a group) counts once in MatchedStatements",
}


def outcome(ask: Callable[[], Case]) -> Case:
    """The answer or the error, without what only a network brings."""
    try:
        answer = ask()
    except ClientError as error:
        return {"status": error.response["ResponseMetadata"]["HTTPStatusCode"], **error.response["Error"]}
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize("case", cases(*FILES))
def test_boto3_reads_the_same_answer(case: Case, aws: LoopbackAws) -> None:
    direct: Any = local_iam(case)
    aws.iam.simulator = lambda **_: direct
    client: Any = aws.client("iam")
    operation, given = case.get("operation", "simulate_custom_policy"), arguments(case)
    seen = outcome(lambda: getattr(client, operation)(**given))
    assert seen == outcome(lambda: getattr(direct, operation)(**given))
    check(case, client)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in cases(*FILES) if case.values[0]["line"] in ASKED_BY_THE_CLI])
def test_the_aws_cli_reads_the_same_answer(case: Case, aws: LoopbackAws) -> None:
    direct: Any = local_iam(case)
    aws.iam.simulator = lambda **_: direct
    operation, given = case.get("operation", "simulate_custom_policy"), arguments(case)
    command = [sys.executable, "-m", "awscli", "iam", operation.replace("_", "-"), "--output", "json"]
    done = subprocess.run(
        [*command, "--cli-input-json", json.dumps(given)],
        env=aws.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    expected = outcome(lambda: getattr(direct, operation)(**given))
    if "error" in case:
        assert done.returncode != 0
        assert f"({expected['Code']})" in done.stderr
        assert expected["Message"] in done.stderr
    else:
        # the CLI reads all pages into one, and then says nothing of pages
        assert json.loads(done.stdout) == {"EvaluationResults": expected["EvaluationResults"]}


def test_the_details_that_boto3_reads_are_those_that_localiam_takes(aws: LoopbackAws) -> None:
    aws.iam.simulator = LocalIAM
    iam = aws.client("iam")
    aws.create_user("alice", policy=ALLOW_ALL)
    details: Any = iam.get_account_authorization_details()
    call: Any = {
        "PolicySourceArn": f"arn:aws:iam::{aws.account_id}:user/alice",
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": ["arn:aws:s3:::b/k"],
    }
    direct = LocalIAM(aws.account_id, authorization_details=details)
    seen = outcome(lambda: dict(iam.simulate_principal_policy(**call)))
    assert seen == outcome(lambda: dict(direct.simulate_principal_policy(**call)))
    assert seen["EvaluationResults"][0]["EvalDecision"] == "allowed"
