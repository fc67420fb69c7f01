"""`iamcheck record`: a real script with a real boto3, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli import Run
    from tests.server import LoopbackAws

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
DEPLOY = """
import boto3, sys

sagemaker = boto3.client("sagemaker")
try:
    sagemaker.describe_endpoint(EndpointName="churn")
    sys.exit("it is there")
except sagemaker.exceptions.ClientError:
    pass
sagemaker.create_model(
    ModelName="churn-model",
    ExecutionRoleArn=ROLE,
    PrimaryContainer={
        "Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:1",
        "Environment": {"LICENCE": "verysecret"},
    },
)
variant = {"VariantName": "a", "ModelName": "churn-model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
sagemaker.create_endpoint_config(EndpointConfigName="churn-v7", ProductionVariants=[variant])
made = sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="churn-v7")
"""
WAIT = """
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="churn")
print(sagemaker.describe_endpoint(EndpointName="churn")["EndpointStatus"])
boto3.client("s3").put_object(Bucket="b", Key="k", Body=b"verysecret")
print("to standard error", file=sys.stderr)
sys.exit(7)
"""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
MADE = ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Neither credentials nor a Region, and no address that answers."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**bare, "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", **more}


def record(
    folder: Path,
    script: str,
    *words: str,
    python: tuple[str, ...] = (sys.executable,),
    more: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """Run a script under `iamcheck record` in a folder."""
    (folder / "deploy.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "iamcheck", "record", *words, "--", *python, "deploy.py"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=120, env=environment(more)
    )


def calls(folder: Path, name: str = "calls.json") -> list[str]:
    return [one["operation"] for one in json.loads((folder / name).read_text())["calls"]]


def test_a_script_is_recorded_dry_and_its_calls_are_checked_and_granted(run: Run, tmp_path: Path) -> None:
    done = record(tmp_path, DEPLOY.replace("ROLE", repr(ROLE)) + WAIT)

    assert (done.returncode, done.stdout) == (7, "InService\n")
    assert done.stderr.startswith("to standard error\n")
    assert "asked about: sagemaker:CreateModel, sagemaker:CreateEndpointConfig, sagemaker:CreateEndpoint" in done.stderr
    assert calls(tmp_path) == ["DescribeEndpoint", *MADE, "PutObject"]
    text = (tmp_path / "calls.json").read_text()
    assert "verysecret" not in text + done.stderr

    generated = run("generate", "--from", "calls.json", *HERE)
    checked = run("check", "--from", "calls.json", *HERE, "--offline", "--output", "json")

    actions = {action for statement in generated.document["Statement"] for action in statement["Action"]}
    assert actions == {
        *("sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint", "iam:PassRole")
    }
    assert checked.status == 0
    assert {one["what"] for one in checked.report["not_covered"]} == {"s3:PutObject", "sagemaker:DescribeEndpoint"}
    assert "verysecret" not in checked.out


def test_a_script_that_fails_before_its_first_call_leaves_the_record_that_is_there(tmp_path: Path) -> None:
    yesterday = '{"iamcheck_recording": "1", "live": false, "calls": []}'
    (tmp_path / "calls.json").write_text(yesterday)
    done = record(tmp_path, "raise SystemExit(5)")
    assert done.returncode == 5
    assert "nothing was recorded and the command failed with status 5: kept calls.json" in done.stderr
    assert (tmp_path / "calls.json").read_text() == yesterday

    assert record(tmp_path, "raise SystemExit(0)").returncode == 0
    assert calls(tmp_path) == []


def test_a_file_that_nobody_named_and_that_is_no_record_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "calls.json").write_text('{"calls": "of another program"}')
    done = record(tmp_path, "print('run')")
    assert (done.returncode, done.stdout) == (2, "")
    assert "calls.json: it is there and is no record of calls (move it, or give --output-file FILE)" in done.stderr
    assert (tmp_path / "calls.json").read_text() == '{"calls": "of another program"}'

    assert record(tmp_path, "", "--output-file", "calls.json").returncode == 0
    assert calls(tmp_path) == []


HIDES = f"""
import boto3
sagemaker = boto3.client("sagemaker", region_name="eu-west-1")
tags = [{{"Key": "commit", "Value": "{40 * "0"}"}}, {{"Key": "db-password", "Value": "verysecret"}}]
sagemaker.create_endpoint_config(
    EndpointConfigName="churn-v7", Tags=tags,
    ProductionVariants=[
        {{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}}
    ],
)
sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="churn-v7")
boto3.client("ssm", region_name="eu-west-1").put_parameter(Name="/churn/api-key", Value="verysecret", Type="String")
boto3.client("s3").put_object(Bucket="b", Key="k", Body="verysecret")
boto3.client("ecs", region_name="eu-west-1").register_task_definition(
    family="f", containerDefinitions=[{{"environment": [{{"name": "X", "value": "verysecret"}}]}}]
)
boto3.client("cloudformation", region_name="eu-west-1").create_stack(
    StackName="s", Parameters=[{{"ParameterKey": "DbPassword", "ParameterValue": "verysecret"}}]
)
boto3.client("codebuild", region_name="eu-west-1").start_build(
    projectName="p", environmentVariablesOverride=[{{"name": "X", "value": "verysecret"}}]
)
"""


@pytest.mark.parametrize("value", ["***", "redacted", 40 * "0"])
def test_what_the_record_hides_is_not_known(run: Run, tmp_path: Path, value: str) -> None:
    done = record(tmp_path, HIDES)
    assert done.returncode == 0, done.stderr
    assert "verysecret" not in (tmp_path / "calls.json").read_text() + done.stderr
    tag = "commit" if value != "redacted" else "db-password"
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    condition = {"StringEquals": {f"aws:RequestTag/{tag}": value}}
    deny = {**statement, "Effect": "Deny", "Action": "sagemaker:CreateEndpointConfig", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement, deny]}
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    checked = run("check", "--from", "calls.json", *HERE, "--offline", "--policy", "policy.json", "--output", "json")
    (allowed,) = [one for one in checked.report["checks"] if one["id"] == "principal.allowed"]
    assert (checked.status, allowed["status"]) == (3, "unknown")
    assert allowed["open_keys"] == [f"aws:requesttag/{tag}"]


def test_a_role_that_was_made_up_is_not_known(run: Run, tmp_path: Path) -> None:
    script = DEPLOY.replace("ROLE", 'boto3.client("iam").get_role(RoleName="exec")["Role"]["Arn"]')

    assert record(tmp_path, script).returncode == 0
    unknown = run("generate", "--from", "calls.json", *HERE)
    assert (unknown.status, unknown.out) == (3, "")
    assert "the execution role of the model churn-model" in unknown.err
    assert "--account-id ID" in unknown.err

    assert record(tmp_path, script, "--account-id", ACCOUNT).returncode == 0
    known = run("generate", "--from", "calls.json", *HERE)
    assert known.status == 0
    assert ROLE in known.out


def test_the_role_of_the_caller_is_what_the_sdk_takes_for_the_execution_role(run: Run, tmp_path: Path) -> None:
    """As `get_execution_role()` of the SageMaker Python SDK: the role of the caller's session, looked up in IAM."""
    role = """boto3.client("iam").get_role(
        RoleName=boto3.client("sts").get_caller_identity()["Arn"].split("/")[1])["Role"]["Arn"]"""
    script = DEPLOY.replace("ROLE", role)

    assert record(tmp_path, script, "--principal", ROLE).returncode == 0
    generated = run("generate", "--from", "calls.json", *HERE)

    assert generated.status == 0
    assert ROLE in generated.out
    refused = run("record", "--principal", "exec", "--", sys.executable, "deploy.py")
    assert (refused.status, refused.out) == (2, "")
    assert "--principal" in refused.err


@pytest.mark.slow
def test_live_and_dry_have_the_same_list(tmp_path: Path, aws: LoopbackAws) -> None:
    script = DEPLOY.replace("ROLE", repr(ROLE))
    live = record(tmp_path, script, "--live", "--output-file", "live.json", more=aws.environment())
    dry = record(tmp_path, script, "--output-file", "dry.json")

    assert (live.returncode, dry.returncode) == (0, 0), live.stderr
    assert calls(tmp_path, "live.json") == calls(tmp_path, "dry.json") == ["DescribeEndpoint", *MADE]
    assert json.loads((tmp_path / "live.json").read_text())["live"] is True
    assert "sagemaker:CreateEndpoint" in aws.actions


def test_what_is_there_already_is_said_and_parameters_are_judged_as_botocore_does(tmp_path: Path) -> None:
    update = """
import boto3
sagemaker = boto3.client("sagemaker", region_name="eu-west-1")
before = sagemaker.describe_endpoint(EndpointName="churn")
sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="churn-v8")
sagemaker.create_endpoint(EndpointName="churn")
"""
    done = record(tmp_path, update, "--existing", "chu*")

    assert done.returncode == 1
    assert "ParamValidationError" in done.stderr
    document = json.loads((tmp_path / "calls.json").read_text())
    assert [(one["operation"], one["region"]) for one in document["calls"]] == [
        ("DescribeEndpoint", "eu-west-1"),
        ("UpdateEndpoint", "eu-west-1"),
    ]
    assert document["calls"][1]["where"] == "deploy.py:5"


def test_a_python_that_loads_no_hook_is_not_taken_for_one_without_calls(tmp_path: Path) -> None:
    """Isolated, it reads no PYTHONPATH: it is given no way to AWS, and the record is no empty one."""
    script = 'import os; print(os.environ["AWS_ENDPOINT_URL"])'
    done = record(tmp_path, script, python=(sys.executable, "-I"))

    assert (done.returncode, done.stdout) == (3, "http://127.0.0.1:9\n")
    assert "nothing was recorded" in done.stderr
    assert not (tmp_path / "calls.json").exists()


def test_a_command_that_cannot_be_started_is_bad_input(run: Run) -> None:
    done = run("record", "--", "./nosuch")

    assert (done.status, done.out) == (2, "")
    assert "./nosuch cannot be started" in done.err
    assert run("record").status == 2
    assert not Path("calls.json").exists()


def test_the_sitecustomize_of_the_environment_runs_too(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("print('mine')")

    done = record(tmp_path, "print('script')", more={"PYTHONPATH": str(own)})

    # iamcheck's own Python has it too
    assert (done.returncode, sorted(done.stdout.split())) == (0, ["mine", "mine", "script"])


def test_the_script_has_the_environment_of_the_command(tmp_path: Path) -> None:
    script = "import os; print(os.environ['STAGE'], sorted(name for name in os.environ if 'HOOK_OLD' in name))"

    done = record(tmp_path, script, more={"STAGE": "prod", "_IAMCHECK_HOOK_OLD": "of a record around this one"})

    assert (done.returncode, done.stdout.strip()) == (0, "prod []"), done.stderr


def test_a_script_may_run_iamcheck_itself(tmp_path: Path) -> None:
    words = ["-m", "iamcheck", "generate", "churn", "churn-v7", *HERE]
    script = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, *{words!r}]).returncode)"

    done = record(tmp_path, script)

    assert (done.returncode, json.loads(done.stdout)["Version"]) == (0, "2012-10-17"), done.stderr


def test_a_record_has_no_stack(run: Run, tmp_path: Path) -> None:
    (tmp_path / "calls.json").write_text('{"iamcheck_recording": "1", "calls": []}')

    for words in (("--parameter", "A=b"), ("--stack-name", "s"), ("--no-stack-tags",), ("--set", "A.b=c")):
        done = run("generate", "--from", "calls.json", *HERE, *words)
        assert done.status == 2
        assert "a record of a script" in done.err
