"""What the loopback does for every service: it records, denies, refuses, and fails loudly."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from tests.server import Answer

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import ProductionVariantTypeDef

    from tests.server import Call, LoopbackAws

VARIANT: ProductionVariantTypeDef = {
    "VariantName": "all",
    "ModelName": "churn",
    "InitialInstanceCount": 1,
    "InstanceType": "ml.m5.large",
}


def denied(ask: object) -> tuple[str, int, str]:
    """The code, status and text of a refusal."""
    assert callable(ask)
    with pytest.raises(ClientError) as caught:
        ask()
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def test_sagemaker_has_state_and_says_what_is_missing_as_aws_does(aws: LoopbackAws) -> None:
    sagemaker = aws.client("sagemaker")
    code, status, text = denied(lambda: sagemaker.describe_endpoint_config(EndpointConfigName="churn-v7"))
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
    assert (code, status, text) == ("ValidationException", 400, f'Could not find endpoint configuration "{arn}".')
    role = aws.create_role("execution")
    sagemaker.create_model(ModelName="churn", ExecutionRoleArn=role.caller.principal, PrimaryContainer={"Image": "i"})
    sagemaker.create_endpoint_config(EndpointConfigName="churn-v7", ProductionVariants=[VARIANT])
    assert sagemaker.describe_endpoint_config(EndpointConfigName="churn-v7")["EndpointConfigArn"] == arn


def test_nothing_is_left_from_one_world_to_the_next(aws: LoopbackAws) -> None:
    aws.create_user("deployer")
    aws.deny("*:*")
    aws.sts.deactivate("*")
    aws.iam.scps = [[{}]]
    aws.reset()
    names = [user["UserName"] for user in aws.client("iam").list_users()["Users"]]
    assert (names, len(aws.iam.scps), list(aws.actions)) == (["admin"], 0, ["iam:ListUsers"])


def test_calls_are_recorded_with_what_they_asked(aws: LoopbackAws) -> None:
    role = aws.create_role("ci")
    aws.client("iam", credentials=role).get_role(RoleName="ci")
    aws.client("sagemaker", region_name="us-west-2").list_endpoints(MaxResults=7)
    first, second = aws.calls
    assert (first.action, first.region, first.parameters) == ("iam:GetRole", "us-east-1", {"RoleName": "ci"})
    assert (first.access_key_id, first.session_token) == (role.access_key_id, role.session_token)
    assert (second.action, second.region, second.parameters) == (
        "sagemaker:ListEndpoints",
        "us-west-2",
        {"MaxResults": 7},
    )
    assert second.partition == "aws"
    assert str(role.session_token) not in repr(first)


def test_no_secret_is_in_the_text_of_credentials_but_they_work(aws: LoopbackAws) -> None:
    assert "not-a-secret" not in repr(aws.admin)
    assert aws.admin.environment()["AWS_SECRET_ACCESS_KEY"] == "not-a-secret"


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "action", "code", "status"),
    [
        ("iam", "get_role", {"RoleName": "x"}, "iam:GetRole", "AccessDenied", 403),
        ("sagemaker", "list_endpoints", {}, "sagemaker:ListEndpoints", "AccessDeniedException", 400),
        ("account", "list_regions", {}, "account:ListRegions", "AccessDeniedException", 403),
        ("ec2", "describe_regions", {}, "ec2:DescribeRegions", "UnauthorizedOperation", 403),
        ("cloudwatch", "describe_alarms", {}, "cloudwatch:DescribeAlarms", "AccessDeniedException", 400),
        ("service-quotas", "list_services", {}, "servicequotas:ListServices", "AccessDeniedException", 400),
    ],
)
def test_a_denial_reads_as_that_services_own(
    aws: LoopbackAws,
    service: str,
    operation: str,
    arguments: dict[str, object],
    action: str,
    code: str,
    status: int,
) -> None:
    aws.deny(action, principal="arn:aws:iam::*:user/deployer")
    client = aws.client(service, credentials=aws.create_user("deployer"))
    answer = denied(lambda: getattr(client, operation)(**arguments))
    assert answer[:2] == (code, status)
    assert f"User: arn:aws:iam::123456789012:user/deployer is not authorized to perform: {action}" in answer[2]


def test_another_principal_is_not_denied(aws: LoopbackAws) -> None:
    aws.deny("iam:*", principal="arn:aws:iam::*:user/deployer")
    assert aws.client("iam").list_roles()["Roles"] == []


def test_a_key_that_was_never_handed_out_is_refused(aws: LoopbackAws) -> None:
    role = aws.create_role("ci")
    other = aws.create_role("other")
    mixed = type(role)(role.access_key_id, role.caller, other.session_token)
    assert denied(aws.client("sts", credentials=mixed).get_caller_identity)[:2] == ("InvalidClientTokenId", 403)
    stranger = type(role)("AKIANOBODY", role.caller)
    assert denied(aws.client("sagemaker", credentials=stranger).list_endpoints)[0] == "UnrecognizedClientException"


def test_users_of_other_accounts_are_in_those(aws: LoopbackAws) -> None:
    other = aws.create_user("deployer", account_id="210987654321")
    names = [user["Arn"] for user in aws.client("iam", credentials=other).list_users()["Users"]]
    assert names == ["arn:aws:iam::210987654321:user/deployer"]


def test_a_request_that_is_none_is_not_found(aws: LoopbackAws) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(aws.url)
    assert caught.value.code == 404
    caught.value.close()


def test_a_hook_can_break_the_connection(aws: LoopbackAws) -> None:
    def cut(call: Call) -> Answer:
        assert call.connection is not None
        call.connection.shutdown(socket.SHUT_RDWR)
        return Answer(200)

    aws.hook("iam:*", cut)
    with pytest.raises(HTTPClientError):
        aws.client("iam").list_roles()


def test_an_answer_can_be_shorter_than_it_says(aws: LoopbackAws) -> None:
    aws.hook("sagemaker:*", lambda _: Answer(200, b'{"Endpoints": [', {"Content-Length": "4000"}))
    # botocore takes JSON that breaks off for an answer without members
    assert "Endpoints" not in aws.client("sagemaker").list_endpoints()


def test_a_failure_of_the_server_fails_the_test(aws: LoopbackAws) -> None:
    def broken(call: object) -> None:
        raise RuntimeError("the hook is broken")

    aws.hook("iam:ListRoles", broken)
    with pytest.raises(ClientError):
        aws.client("iam").list_roles()
    with pytest.raises(AssertionError, match="the hook is broken"):
        aws.check_failures()
    aws.reset()


def test_the_server_stops_without_a_trace() -> None:
    script = "from tests.server import LoopbackAws; aws = LoopbackAws(); aws.client('iam').list_users(); aws.stop()"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_environment_is_whole(aws: LoopbackAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-the-developer")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    environment = aws.environment(region_name="eu-west-2", AWS_MAX_ATTEMPTS="1")
    assert not {"AWS_PROFILE", "HTTPS_PROXY"} & environment.keys()
    assert (environment["AWS_REGION"], environment["AWS_MAX_ATTEMPTS"]) == ("eu-west-2", "1")
    assert json.dumps(aws.session().client("iam").list_roles()["Roles"]) == "[]"
