"""`iamcheck generate --for`: the policies of the execution role and of whoever runs the check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, NAMES

if TYPE_CHECKING:
    from tests.cli import Run, Write
    from tests.server import LoopbackAws

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
FILES = ("--request", "e.json", "--config-request", "c.json")
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:7"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/churn-model"
VARIANT = {"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.fixture
def requests(write: Write) -> Write:
    """Write the three requests, the last with these members."""

    def write_requests(name: str, container: Any) -> str:  # noqa: ANN401  any JSON
        write("e.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
        write("c.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]})
        model = {"ModelName": "churn", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE, **container}}
        return write(name, model)

    return write_requests


def sids(out: str) -> list[str]:
    return [one["Sid"] for one in json.loads(out)["Statement"]]


def test_the_execution_role_has_a_policy_of_its_own(run: Run, requests: Write) -> None:
    requests("m.json", {"ModelDataUrl": "s3://models/churn.tar.gz"})

    done = run("generate", "--for", "execution-role", *FILES, "--model-request", "m.json", *HERE)

    assert (done.status, done.err) == (0, "")
    assert sids(done.out) == ["MetricsAndRegistry", "LogGroup", "LogStreams", "PullImages", "ReadObjects"]
    assert "arn:aws:s3:::models/churn.tar.gz" in done.out
    keyed = ("--model-data-key", "1234-abcd", "--async-input", "s3://asked/", "--execution-role", ROLE)
    done = run("generate", "--for", "execution-role", *FILES, "--model-request", "m.json", *keyed, *HERE)
    assert done.status == 0
    assert "DecryptModelData1" in sids(done.out)
    assert "arn:aws:s3:::asked/*" in done.out


def test_what_is_not_settled_is_a_line_each_and_no_policy(run: Run, requests: Write) -> None:
    requests("m.json", {"ModelDataUrl": "https://models.example.com/x", "ModelPackageName": "churn/3"})

    done = run("generate", "--for", "execution-role", *FILES, "--model-request", "m.json", *HERE)

    assert (done.status, done.out) == (3, "")
    assert [line.split(" ")[1] for line in done.err.splitlines()] == [
        "PrimaryContainer.ModelPackageName",
        "PrimaryContainer.ModelDataUrl",
    ]
    assert all("m.json, line" in line for line in done.err.splitlines())
    bare = run("generate", "churn", "churn-v7", "--for", "execution-role", *HERE)
    assert (bare.status, bare.out) == (3, "")
    assert "--config-request" in bare.err
    assert "--request" in bare.err


def test_the_trust_policy_is_for_the_account_and_region_alone(run: Run, aws: LoopbackAws) -> None:
    done = run("generate", "--for", "execution-role-trust", *HERE)

    assert (done.status, done.err) == (0, "")
    (statement,) = json.loads(done.out)["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:*"},
    }
    asked = run("generate", "--for", "execution-role-trust", "--region", "eu-west-1", **aws.environment())
    assert asked.out == done.out
    assert run("generate", "--for", "execution-role-trust", "--region", "eu-west-1", "--account-id", "12").status == 2


def test_the_policy_of_the_checker(run: Run, requests: Write, aws: LoopbackAws) -> None:
    requests("m.json", {})
    principal = f"arn:aws:iam::{ACCOUNT}:role/ci/deployer"
    checker = ("generate", "--for", "checker", "--principal", principal, *HERE)

    done = run(*checker, "churn", "churn-v7")

    assert (done.status, done.err) == (0, "")
    assert any(sid.startswith("PrincipalAllowed") for sid in sids(done.out))
    assert f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/*" in done.out
    named = run(*checker, *FILES, "--execution-role", ROLE, "--sts-probe-role", f"arn:aws:iam::{ACCOUNT}:role/probe")
    assert f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/churn" in named.out
    assert "model/*" not in named.out
    assert ROLE in named.out
    assert "role/probe" in named.out
    one = run(*checker, "churn", "churn-v7", "--check", "sts.active")
    assert sids(one.out) == ["StsActiveReadRegion"]
    assert run(*checker, "churn", "churn-v7", "--check", "policy.minimal").status == 2
    asked = run("generate", "--for", "checker", "churn", "churn-v7", *HERE, **aws.environment())
    assert asked.status == 0
    assert ":user/" in asked.out


@pytest.mark.parametrize(
    "words",
    [
        ("--for", "execution-role-trust", "churn", "churn-v7"),
        ("--for", "execution-role-trust", "--request", "e.json"),
        ("churn", "churn-v7", "--model-request", "m.json"),
        ("churn", "churn-v7", "--for", "checker", "--async-input", "s3://x/"),
        ("churn", "churn-v7", "--for", "execution-role", "--principal", ROLE),
        ("churn", "churn-v7", "--for", "execution-role", "--model-request", "missing.json"),
        ("churn", "churn-v7", "--for", "checker", "--principal", f"arn:aws:iam::{ACCOUNT}:root"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, words: tuple[str, ...]) -> None:
    done = run("generate", *words, *HERE)

    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1


def test_the_principal_of_a_session_is_its_role_with_its_path(run: Run, aws: LoopbackAws) -> None:
    session = aws.create_role("ci", path="/team/")

    done = run("generate", "--for", "checker", "churn", "churn-v7", *HERE, **aws.environment(session))

    assert done.status == 0
    assert f"arn:aws:iam::{ACCOUNT}:role/team/ci" in done.out
    aws.deny("iam:GetRole")
    hidden = run("generate", "--for", "checker", "churn", "churn-v7", *HERE, **aws.environment(session))
    assert (hidden.status, hidden.out) == (2, "")
    assert "give the role's ARN" in hidden.err


def test_what_is_not_written_is_read_from_sagemaker(run: Run, requests: Write, aws: LoopbackAws) -> None:
    requests("m.json", {"ModelDataUrl": "s3://models/churn.tar.gz"})
    sagemaker = aws.client("sagemaker")
    sagemaker.create_model(
        ModelName="churn",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://models/churn.tar.gz"},
    )
    sagemaker.create_endpoint_config(EndpointConfigName="churn-v7", ProductionVariants=[VARIANT])  # type: ignore[list-item]  # JSON
    words = ("generate", "--for", "execution-role", "--request", "e.json", *HERE)

    written = run("generate", "--for", "execution-role", *FILES, "--model-request", "m.json", *HERE)
    alone = run(*words)
    live = run(*words, "--live", **aws.environment())
    models = run("generate", "--for", "execution-role", *FILES, *HERE, "--live", **aws.environment())
    aws.deny("sagemaker:DescribeModel")
    denied = run(*words, "--live", **aws.environment())

    assert (alone.status, alone.out) == (3, "")
    assert (models.status, models.out) == (0, written.out)
    assert live.status == 0
    assert json.loads(live.out) == json.loads(written.out)
    assert (denied.status, denied.out) == (3, "")
    assert "DescribeModel" in denied.err


NO_CREDENTIALS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}
IN_REGION = HERE[:2]
ACCOUNT_GIVEN = HERE[2:]
TO_PRINCIPAL = ("--principal", ROLE)
SESSION = ("--principal", f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/session")


@pytest.mark.parametrize(
    ("words", "cure", "more"),
    [
        (("churn", "churn-v7"), "give --account-id ID", ACCOUNT_GIVEN),
        (("--for", "execution-role-trust"), "give --account-id ID", ACCOUNT_GIVEN),
        (("--for", "exporter"), "give --account-id ID", ACCOUNT_GIVEN),
        (("--for", "sts-probe-role"), "give --principal ARN", TO_PRINCIPAL),
        (("--for", "checker", *NAMES, *ACCOUNT_GIVEN), "give --principal ARN", TO_PRINCIPAL),
        (("--for", "checker", *NAMES), "give --account-id ID and --principal ARN", (*ACCOUNT_GIVEN, *TO_PRINCIPAL)),
    ],
)
def test_whoever_has_no_credentials_is_told_what_to_give_and_that_helps(
    run: Run, words: tuple[str, ...], cure: str, more: tuple[str, ...]
) -> None:
    done = run("generate", *words, *IN_REGION, **NO_CREDENTIALS)
    assert (done.status, done.out) == (3, "")
    assert done.err.endswith(f"no AWS credentials were found: configure some, or {cure}\n")
    assert run("generate", *words, *IN_REGION, *more, **NO_CREDENTIALS).status == 0


def test_a_session_whose_role_cannot_be_read_has_a_cure(run: Run) -> None:
    words = ("generate", "--for", "sts-probe-role", *IN_REGION)
    done = run(*words, *SESSION, **NO_CREDENTIALS)
    assert done.status == 3
    assert "or give --principal with the ARN of the role" in done.err
    assert run(*words, *TO_PRINCIPAL, **NO_CREDENTIALS).status == 0


@pytest.mark.parametrize(
    "words",
    [
        ("sts", "eu-west-1"),
        ("account", "export", "account"),
        ("organizations", "export", "organization"),
        ("explain", "--from-endpoint", "churn"),
        ("explain", "--from-stack", "churn"),
    ],
    ids=lambda words: " ".join(words),
)
def test_no_command_names_an_option_that_it_does_not_have(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words, *IN_REGION, **NO_CREDENTIALS)
    assert done.status == 3
    assert "configure" in done.out + done.err
    assert "--offline" not in done.out + done.err
