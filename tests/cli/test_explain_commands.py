"""Every command that `iamcheck explain` prints is run, with its placeholders filled in: none is wrong usage."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from iamcheck.explain.messages import FAMILIES, explain_messages
from iamcheck.explain.messages.commands import _CHECKED
from iamcheck.explain.policy_types import POLICIES
from tests.documents import document
from tests.server import error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli import Run
    from tests.server import LoopbackAws

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/ci"
ASKED = f"User: {CALLER} is not authorized to perform: sagemaker:CreateEndpoint on resource: "
ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"


ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*"}
FILES: Final = {
    "POLICY.json": document(ALLOW),
    "EXECUTION-ROLE-POLICY.json": document(ALLOW),
    "BOUNDARY.json": document(ALLOW, DENY),
    "SESSION-POLICY.json": document(ALLOW, DENY),
    "SCP.json": document(DENY),
    "RCP.json": document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}),
    "RESOURCE-POLICY.json": document({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
    "TRUST-POLICY.json": document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": CALLER}}),
    "CREATE-ENDPOINT.json": {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    "CREATE-ENDPOINT-CONFIG.json": {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [
            {"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
    },
    "TEMPLATE.yaml": {
        "Resources": {
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {
                    "EndpointConfigName": "churn-v7",
                    "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/exec",
                    "ProductionVariants": [
                        {"VariantName": "a", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
                    ],
                },
            },
            "Endpoint": {
                "Type": "AWS::SageMaker::Endpoint",
                "Properties": {
                    "EndpointName": "churn",
                    "EndpointConfigName": {"Fn::GetAtt": "Config.EndpointConfigName"},
                },
            },
            "Component": {
                "Type": "AWS::SageMaker::InferenceComponent",
                "Properties": {
                    "InferenceComponentName": "llm",
                    "EndpointName": {"Fn::GetAtt": "Endpoint.EndpointName"},
                    "VariantName": "a",
                    "Specification": {"ModelName": "m", "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}},
                },
            },
            "Target": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "Properties": {
                    "MaxCapacity": 2,
                    "MinCapacity": 1,
                    "ResourceId": "endpoint/churn/variant/a",
                    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
                    "ServiceNamespace": "sagemaker",
                },
                "DependsOn": "Endpoint",
            },
            "Scaling": {
                "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
                "Properties": {
                    "PolicyName": "p",
                    "PolicyType": "TargetTrackingScaling",
                    "ScalingTargetId": {"Ref": "Target"},
                    "TargetTrackingScalingPolicyConfiguration": {
                        "TargetValue": 70,
                        "PredefinedMetricSpecification": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        },
                    },
                },
            },
        }
    },
    "CREATE-MODEL.json": {
        "ModelName": "churn",
        "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/exec",
        "PrimaryContainer": {"Image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:7"},
    },
}
"""What a user puts under each name that a command has in capitals."""
WORDS: Final = {
    "ACCOUNT": ACCOUNT,
    "REGION": "eu-west-1",
    "ENDPOINT": "churn",
    "CONFIG": "churn-v7",
    "NAME": "churn",
    "EXECUTION-ROLE": "exec",
    "REPOSITORY": "churn",
    "ROLE": "deployer",
    "RESOURCE-ARN": ENDPOINT,
    "PRINCIPAL-ARN": CALLER,
    "SESSION-ARN": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7",
    "KEY-ARN": KEY,
    "SERVICE:ACTION": "sagemaker:CreateEndpoint",
    "BUCKET": "models",
    "KEY": "model.tar.gz",
    "MESSAGE": "4GIOHlTkIaWHQD0Q0m6XSnuUMCm",
}
CALLERS: Final = {
    "session": "assumed-role/ci/build-7",
    "permission set": "assumed-role/AWSReservedSSO_Deploy_0123456789abcdef/ann@example.com",
    "federated user": "federated-user/ann",
}
ROWS: Final[list[dict[str, Any]]] = [
    row
    for name in ("messages.json", "pasted.json")
    for row in json.loads((Path(__file__).parents[1] / "cases" / name).read_text(encoding="utf-8"))
]


def is_of_the_account(text: str) -> bool:
    """Whether a message is of the account and the partition of the AWS that answers here."""
    return set(re.findall(r"(?<!\d)\d{12}(?!\d)", text)) <= {ACCOUNT} and "arn:aws-" not in text


MESSAGES: Final = {
    **{family.id: family.example for family in FAMILIES},
    **{
        f"no {policy}": f"{ASKED}{ENDPOINT} because no {policy} allows the sagemaker:CreateEndpoint action"
        for policy in POLICIES
    },
    **{f"deny in {policy}": f"{ASKED}{ENDPOINT} with an explicit deny in a {policy}" for policy in POLICIES},
    "PassRole": f"User: {CALLER} is not authorized to perform: iam:PassRole on resource: "
    f"arn:aws:iam::{ACCOUNT}:role/exec",
    "AddTags": f"User: {CALLER} is not authorized to perform: sagemaker:AddTags on resource: model/churn",
    "a key policy": f"User: {CALLER} is not authorized to perform: kms:CreateGrant on resource: {KEY} because no "
    "resource-based policy allows the kms:CreateGrant action",
    "a role's trust": f"User: {CALLER} is not authorized to perform: sts:AssumeRole on resource: "
    f"arn:aws:iam::{ACCOUNT}:role/exec because no role trust policy allows the sts:AssumeRole action",
    "no resource": f"User: {CALLER} is not authorized to perform: sagemaker:ListModels",
    "a masked account": f"{ASKED.replace(ACCOUNT, '***')}{ENDPOINT.replace(ACCOUNT, '***')} because no identity-based "
    "policy allows the sagemaker:CreateEndpoint action",
    "a masked user": "User: *** is not authorized to perform: kms:CreateGrant on resource: "
    f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1 because no resource-based policy allows the kms:CreateGrant action",
    **{
        f"{why} of a {kind}": f"User: arn:aws:sts::{ACCOUNT}:{who} is not authorized to perform: {action} "
        f"on resource: {on} {why.format(action)}"
        for kind, who in CALLERS.items()
        for action, on, why in (
            ("kms:CreateGrant", KEY, "because no resource-based policy allows the {} action"),
            ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/exec", "with an explicit deny in the role trust policy"),
            ("sagemaker:CreateEndpoint", ENDPOINT, "because no session policy allows the {} action"),
            ("sagemaker:CreateModel", "model/churn", "with an explicit deny in a resource control policy"),
        )
    },
    **{f"row {index}": row["text"] for index, row in enumerate(ROWS) if is_of_the_account(row["text"])},
    "an inference component": FAMILIES[0].example.replace("endpoint/churn", "inference-component/churn"),
}


def filled(command: str) -> list[str]:
    """The words of a command with every placeholder replaced."""
    names = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
    return [
        re.sub(rf"(?<![\w-])(?:{names})(?![\w.-])", lambda match: WORDS[match[0]], word)
        for word in shlex.split(command)
    ]


def commands(program: str) -> Iterator[Any]:
    """Each command of a program that a message leads to; of the AWS CLI one with each set of options."""
    seen = set()
    for name, text in MESSAGES.items():
        for message in explain_messages(text):
            for command in message.run:
                words = shlex.split(command.text)
                shape = (*words[:3], *(word for word in words if word.startswith("--")))
                key = shape if program == "aws" else command.text
                if words[0] == program and key not in seen:
                    seen.add(key)
                    # of the many texts that people pasted, the default tier runs the commands of some
                    marks = () if not name.startswith("row ") or name.endswith("0") else pytest.mark.slow
                    yield pytest.param(command.text, id=f"{name}: {command.text[:60]}", marks=marks)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(json.dumps(content))
    return tmp_path


@pytest.mark.parametrize("command", [*commands("iamcheck")])
def test_a_printed_command_of_iamcheck_gives_an_answer(command: str, run: Run, folder: Path, aws: LoopbackAws) -> None:
    environment = {name: value for name, value in aws.environment().items() if name.startswith("AWS_")}
    words = filled(command)
    left = [word for word in words if re.fullmatch(r"[A-Z][A-Z-]{2,}", word)]
    assert left == []
    done = run(*words[1:], **environment)
    assert done.status in (0, 1, 3), done.err
    assert done.out


@pytest.mark.parametrize(
    ("principal", "words"),
    [
        ("arn:aws:sts::123456789012:assumed-role/ci/build-7", []),
        ("arn:aws:sts::123456789012:federated-user/ann", ["--policy", "POLICY.json"]),
        (CALLER, []),
    ],
)
def test_a_check_after_a_denial_by_a_session_policy_takes_that_policy(
    principal: str, words: list[str], run: Run, folder: Path
) -> None:
    text = f"User: {principal} is not authorized to perform: sagemaker:CreateEndpoint on resource: {ENDPOINT}"
    (message,) = explain_messages(f"{text} with an explicit deny in a session policy")
    (command,) = [shlex.split(one.text) for one in message.run if " check " in one.text]
    assert command[-2 - len(words) :] == [*words, "--session-policy", "SESSION-POLICY.json"]
    done = run(*filled(shlex.join(command))[1:], "--offline", *(() if words else ("--policy", "POLICY.json")))
    assert done.status == 1, done.err
    assert "SESSION-POLICY.json" in done.out


@pytest.mark.parametrize("action", _CHECKED)
def test_the_printed_check_asks_about_the_denied_action(action: str, run: Run, folder: Path) -> None:
    message = f"User: {CALLER} is not authorized to perform: {action} on resource: {ENDPOINT}"
    (explained,) = explain_messages(message)
    (command,) = [one.text for one in explained.run if " check " in one.text]
    if action == "kms:creategrant":
        config = {**FILES["CREATE-ENDPOINT-CONFIG.json"], "KmsKeyId": KEY}
        (folder / "CREATE-ENDPOINT-CONFIG.json").write_text(json.dumps(config))
    if action == "sagemaker:addtags":
        config = {**FILES["CREATE-ENDPOINT-CONFIG.json"], "Tags": [{"Key": "team", "Value": "ml"}]}
        (folder / "CREATE-ENDPOINT-CONFIG.json").write_text(json.dumps(config))
    done = run(*filled(command)[1:], "--offline", "--policy", "POLICY.json", "--output", "json")
    assert done.status in (0, 1, 3), done.err
    asked = {one["action"].lower() for one in done.report["permissions"]}
    assert action in asked


@pytest.mark.parametrize(
    ("action", "resource", "file"),
    [
        ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/deployer", "TRUST-POLICY.json"),
        ("kms:CreateGrant", KEY, "RESOURCE-POLICY.json"),
    ],
)
def test_where_the_resource_must_allow_it_too_its_policy_is_asked_for(
    action: str, resource: str, file: str, run: Run, folder: Path
) -> None:
    (message,) = explain_messages(f"User: {CALLER} is not authorized to perform: {action} on resource: {resource}")
    (command,) = [one.text for one in message.run if " simulate " in one.text]
    assert f"--resource-policy {file} --semantics live --caller-arn {CALLER}" in command
    assert run(*filled(command)[1:]).status == 0


def test_nothing_is_said_to_foresee_a_vpc_endpoint_policy() -> None:
    (message,) = explain_messages(f"{ASKED}{ENDPOINT} with an explicit deny in a VPC endpoint policy")
    assert message.foreseen_by == ()
    assert not any(" check " in one.text for one in message.run)


@pytest.mark.slow
@pytest.mark.parametrize("command", [*commands("aws")])
def test_a_printed_command_of_the_aws_cli_is_one_that_it_takes(command: str, folder: Path, aws: LoopbackAws) -> None:
    # whether the call succeeds does not matter: the AWS CLI has taken the words once it calls
    aws.hook("*", lambda call: error(call.protocol, 400, "AccessDenied", "no"))
    done = subprocess.run(
        [sys.executable, "-m", "awscli", *filled(command)[1:]],
        cwd=folder,
        env=aws.environment(AWS_MAX_ATTEMPTS="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # usage errors: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html
    assert done.returncode not in (2, 252), done.stderr
    assert "Invalid choice" not in done.stderr
    assert "Unknown options" not in done.stderr


@pytest.mark.parametrize(
    ("policy", "file", "action"),
    [
        ("permissions boundary", "BOUNDARY.json", "sagemaker:CreateEndpoint"),
        ("session policy", "SESSION-POLICY.json", "sagemaker:CreateEndpoint"),
        ("service control policy", "SCP.json", "sagemaker:CreateEndpoint"),
        ("resource control policy", "RCP.json", "kms:Decrypt"),
    ],
)
def test_the_printed_simulation_is_decided_by_the_policy_that_denied(
    policy: str, file: str, action: str, run: Run, folder: Path
) -> None:
    resource = KEY if action.startswith("kms") else ENDPOINT
    asked = f"User: {CALLER} is not authorized to perform: {action} on resource: {resource}"
    text = f"{asked} with an explicit deny in a {policy}"
    (message,) = explain_messages(text)
    (command,) = [one.text for one in message.run if " simulate " in one.text]
    assert file in command
    done = run(*filled(command)[1:])
    assert done.status == 1, done.err
    assert file in done.out
