"""IAM of the loopback: the simulator's operations, asked by boto3 and by the AWS CLI, and what moto lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from tests.server import ALLOW_ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient

    from tests.server import LoopbackAws

BUCKET = "arn:aws:s3:::bucket/key"
ROLE = "arn:aws:iam::123456789012:role/ci"
DENY_S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
ARGUMENTS: Mapping[str, object] = {
    "PolicyInputList": [json.dumps(ALLOW_ALL), json.dumps(DENY_S3, indent=1)],
    "ActionNames": ["s3:GetObject", "s3:PutObject"],
    "ResourceArns": [BUCKET],
    "ContextEntries": [
        {"ContextKeyName": "aws:username", "ContextKeyValues": ["ü & <b>"], "ContextKeyType": "string"},
        {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": ["a", "b"], "ContextKeyType": "stringList"},
    ],
    "OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": [json.dumps(ALLOW_ALL)]}],
    "MaxItems": 7,
}
POSITION = {"Line": 1, "Column": 41}
ONE = {"EvalActionName": "s3:GetObject", "EvalDecision": "allowed"}
STATEMENT = {"SourcePolicyId": "PolicyInputList.2", "SourcePolicyType": "IAM Policy"}
ANSWER: Mapping[str, object] = {
    "EvaluationResults": [
        {
            "EvalActionName": "s3:GetObject",
            "EvalResourceName": BUCKET,
            "EvalDecision": "explicitDeny",
            "MatchedStatements": [{**STATEMENT, "StartPosition": POSITION, "EndPosition": {"Line": 3, "Column": 9}}],
            "MissingContextValues": [],
            "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
            "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
            "EvalDecisionDetails": {"IAM Policy": "explicitDeny", "Resource Policy": "implicitDeny"},
            "ResourceSpecificResults": [
                {
                    "EvalResourceName": BUCKET,
                    "EvalResourceDecision": "explicitDeny",
                    "MatchedStatements": [],
                    "MissingContextValues": ["aws:CurrentTime"],
                }
            ],
        }
    ],
    "IsTruncated": True,
    "Marker": "MQ==\r\n",
}


@dataclass
class Stub:
    """Answers the simulator's operations with one answer, and keeps what it was asked and told."""

    known: Mapping[str, object] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    answer: Mapping[str, object] = field(default_factory=lambda: ANSWER)

    def make(self, **known: object) -> Stub:
        """Stand in for the simulator's class."""
        self.known = known
        return self

    def simulate_custom_policy(self, **asked: object) -> Mapping[str, object]:
        self.asked = asked
        return self.answer

    simulate_principal_policy = simulate_custom_policy

    def get_context_keys_for_custom_policy(self, **asked: object) -> Mapping[str, object]:
        self.asked = asked
        return {"ContextKeyNames": ["aws:SourceIp", "aws:username"]}

    def get_context_keys_for_principal_policy(self, **asked: object) -> Mapping[str, object]:
        response = {
            "Error": {"Code": "NoSuchEntity", "Message": "The user with name nobody cannot be found."},
            "ResponseMetadata": {"HTTPStatusCode": 404},
        }
        raise ClientError(response, "GetContextKeysForPrincipalPolicy")  # type: ignore[arg-type]  # the stubs want all of the metadata


@pytest.fixture
def stub(aws: LoopbackAws) -> Stub:
    answering = Stub()
    aws.iam.simulator = answering.make
    return answering


def body(response: Mapping[str, object]) -> dict[str, object]:
    """A client's answer less the metadata."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def cli(aws: LoopbackAws, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the AWS CLI against the loopback."""
    command = [sys.executable, "-m", "awscli", *arguments, "--output", "json"]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**aws.environment(), **environment},
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_boto3_asks_and_reads_what_the_simulator_got_and_gave(aws: LoopbackAws, stub: Stub) -> None:
    iam = aws.client("iam")
    response = iam.simulate_custom_policy(**ARGUMENTS)  # type: ignore[arg-type]  # the arguments are data here
    assert stub.asked == ARGUMENTS
    assert stub.known == {"account_id": "123456789012"}
    assert body(response) == ANSWER
    assert aws.calls[-1].parameters == ARGUMENTS


@pytest.mark.slow
def test_the_aws_cli_asks_and_reads_the_same(aws: LoopbackAws, stub: Stub) -> None:
    # the CLI asks for page after page, so the answer has to end
    stub.answer = {name: value for name, value in ANSWER.items() if name == "EvaluationResults"}
    arguments = {name: value for name, value in ARGUMENTS.items() if name != "MaxItems"}
    done = cli(aws, "iam", "simulate-custom-policy", "--cli-input-json", json.dumps(arguments))
    assert (done.stderr, stub.asked) == ("", arguments)
    assert json.loads(done.stdout) == stub.answer


def test_aws_models_every_field_that_is_sent(aws: LoopbackAws) -> None:
    # the Stubber refuses what the service's model does not have
    with Stubber(aws.client("iam")) as stubber:
        stubber.add_response("simulate_custom_policy", dict(ANSWER), {"PolicyInputList": ANY, "ActionNames": ANY})


def test_an_error_of_the_simulator_keeps_code_text_and_status(aws: LoopbackAws, stub: Stub) -> None:
    with pytest.raises(ClientError) as caught:
        aws.client("iam").get_context_keys_for_principal_policy(PolicySourceArn="arn:aws:iam::123456789012:user/nobody")
    response = caught.value.response
    assert response["Error"]["Code"] == "NoSuchEntity"
    assert response["Error"]["Message"] == "The user with name nobody cannot be found."
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_context_keys(aws: LoopbackAws, stub: Stub) -> None:
    answer = aws.client("iam").get_context_keys_for_custom_policy(PolicyInputList=[json.dumps(ALLOW_ALL)])
    assert answer["ContextKeyNames"] == ["aws:SourceIp", "aws:username"]


def test_a_simulator_that_is_denied_is_not_asked(aws: LoopbackAws, stub: Stub) -> None:
    aws.deny("iam:SimulatePrincipalPolicy", principal="*:role/ci")
    role = aws.create_role("ci")
    with pytest.raises(ClientError) as caught:
        aws.client("iam", credentials=role).simulate_principal_policy(
            PolicySourceArn=ROLE, ActionNames=["s3:GetObject"]
        )
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert f"perform: iam:SimulatePrincipalPolicy on resource: {ROLE}" in caught.value.response["Error"]["Message"]
    assert stub.asked == {}


def test_a_principal_simulation_knows_the_account_as_it_is_now(aws: LoopbackAws, stub: Stub) -> None:
    aws.create_role("ci", policy=ALLOW_ALL, boundary=DENY_S3, path="/team/")
    aws.create_user("deployer", policy=ALLOW_ALL, boundary=DENY_S3)
    aws.iam.scps = [[ALLOW_ALL], [ALLOW_ALL, DENY_S3]]
    iam = aws.client("iam")
    iam.create_group(GroupName="people")
    iam.put_group_policy(GroupName="people", PolicyName="inline", PolicyDocument=json.dumps(DENY_S3))
    iam.add_user_to_group(GroupName="people", UserName="deployer")
    managed = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    iam.attach_user_policy(UserName="deployer", PolicyArn=managed)

    iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"])

    details = stub.known["authorization_details"]
    assert isinstance(details, dict)
    (role,), (group,) = details["RoleDetailList"], details["GroupDetailList"]
    user = next(user for user in details["UserDetailList"] if user["UserName"] == "deployer")
    assert role["RolePolicyList"] == [{"PolicyName": "ci-inline", "PolicyDocument": ALLOW_ALL}]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::123456789012:policy/ci-boundary"
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::123456789012:policy/deployer-boundary"
    assert (user["GroupList"], group["GroupPolicyList"][0]["PolicyDocument"]) == (["people"], DENY_S3)
    assert user["AttachedManagedPolicies"] == [{"PolicyName": "AmazonSageMakerFullAccess", "PolicyArn": managed}]
    policies = {policy["PolicyName"]: policy["PolicyVersionList"][-1]["Document"] for policy in details["Policies"]}
    assert policies["ci-boundary"] == policies["deployer-boundary"] == DENY_S3
    assert policies["AmazonSageMakerFullAccess"]["Version"] == "2012-10-17"
    assert stub.known["scps"] == [[ALLOW_ALL], [ALLOW_ALL, DENY_S3]]


def test_clients_read_the_same_account_as_the_simulator(aws: LoopbackAws, stub: Stub) -> None:
    aws.create_user("deployer", policy=ALLOW_ALL, boundary=DENY_S3)
    iam = aws.client("iam")
    iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"])
    assert body(iam.get_account_authorization_details()) == stub.known["authorization_details"]
    users = iam.get_account_authorization_details(Filter=["User"])
    assert users["RoleDetailList"] == []


def test_callers_side_by_side(aws: LoopbackAws) -> None:
    aws.iam.simulator = lambda **known: Stub(
        known, answer={"EvaluationResults": [{**ONE, "EvalActionName": names(known)}]}
    )
    users = [aws.create_user("deployer", account_id=f"{number:012}") for number in range(1, 9)]
    clients = [aws.client("iam", credentials=user) for user in users]

    def ask(client: IAMClient) -> str:
        answer = client.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"])
        return answer["EvaluationResults"][0]["EvalActionName"]

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(ask, clients * 3))

    assert answers == [f"arn:aws:iam::{number:012}:user/deployer" for number in range(1, 9)] * 3
    assert aws.actions == ["iam:SimulatePrincipalPolicy"] * 24


def names(known: Mapping[str, object]) -> str:
    """The users that a simulator knows."""
    details = known["authorization_details"]
    assert isinstance(details, dict)
    return ",".join(user["Arn"] for user in details["UserDetailList"])


def test_boundaries_of_users_by_the_clients(aws: LoopbackAws) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="deployer")
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(DENY_S3))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="deployer", PermissionsBoundary=arn)
    assert iam.get_user(UserName="deployer")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    iam.delete_user_permissions_boundary(UserName="deployer")
    assert "PermissionsBoundary" not in iam.get_user(UserName="deployer")["User"]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.put_user_permissions_boundary(UserName="nobody", PermissionsBoundary=arn)


def test_no_such_managed_policy(aws: LoopbackAws) -> None:
    iam = aws.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.attach_user_policy(UserName="admin", PolicyArn="arn:aws:iam::aws:policy/team/AmazonSageMakerFullAccess")


@pytest.mark.slow
def test_the_aws_cli_builds_a_world(aws: LoopbackAws) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    made = cli(aws, "iam", "create-role", "--role-name", "ci", "--assume-role-policy-document", json.dumps(trust))
    assert json.loads(made.stdout)["Role"]["Arn"] == ROLE
    assumed = cli(aws, "sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "cli")
    session = json.loads(assumed.stdout)["Credentials"]
    keys = {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
    identity = cli(aws, "sts", "get-caller-identity", **keys)
    assert json.loads(identity.stdout)["Arn"] == "arn:aws:sts::123456789012:assumed-role/ci/cli"
    aws.sts.deactivate("eu-west-1")
    refused = cli(aws, "sts", "assume-role", "--role-arn", ROLE, "--role-session-name", "cli")
    assert "RegionDisabledException" in refused.stderr
    assert refused.returncode != 0
