"""`generate --split DIR`: a policy over IAM's limit, as numbered files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.policies.rendering import MANAGED_POLICY_LIMIT, policy_size
from tests.cli import ACCOUNT, NAMES

if TYPE_CHECKING:
    from tests.cli import Run

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)


def of_models(count: int) -> str:
    """A template file of an endpoint with many models, each of its own role."""
    resources: dict[str, Any] = {
        f"Model{at:03}": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ModelName": f"churn-model-{at:03}",
                "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/models-of-the-churn-team/execution-{at:03}",
                "PrimaryContainer": {"Image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:1"},
            },
        }
        for at in range(count)
    }
    resources["Config"] = {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Properties": {
            "EndpointConfigName": "churn-v7",
            "ProductionVariants": [
                {
                    "VariantName": "a",
                    "ModelName": "churn-model-000",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                    "InitialVariantWeight": 1,
                }
            ],
        },
    }
    resources["Endpoint"] = {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    }
    Path("t.json").write_text(json.dumps({"Resources": resources}))
    return "t.json"


def pairs(documents: list[Any]) -> set[tuple[str, str]]:
    return {
        (action, arn)
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
        for arn in statement["Resource"]
    }


def test_a_policy_over_the_limit_names_the_option_that_splits_it(run: Run) -> None:
    source = of_models(80)

    refused = run("generate", "--from", source, *HERE, "--no-stack-tags")
    done = run("generate", "--from", source, *HERE, "--no-stack-tags", "--split", "out")

    assert (refused.status, refused.out) == (2, "")
    assert "--split DIR" in refused.err
    assert (done.status, done.out) == (0, "")
    files = sorted(Path("out").iterdir())
    assert [one.name for one in files] == [f"policy-{at}.json" for at in range(1, len(files) + 1)]
    documents = [json.loads(one.read_text()) for one in files]
    assert len(documents) > 1
    assert all(policy_size(one) <= MANAGED_POLICY_LIMIT for one in documents)
    granted = pairs(documents)
    for at in range(80):
        assert ("sagemaker:CreateModel", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/churn-model-{at:03}") in granted
        assert ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/models-of-the-churn-team/execution-{at:03}") in granted
    for one in files:
        assert f"wrote {one}" in done.err


def test_check_judges_a_policy_over_the_limit_and_the_parts_pass_as_the_principals(run: Run) -> None:
    source = of_models(80)
    run("generate", "--from", source, *HERE, "--no-stack-tags", "--split", "out")
    parts = [word for one in sorted(Path("out").iterdir()) for word in ("--policy", str(one))]
    checked = ("check", "--from", source, "--offline", *HERE, "--no-stack-tags")

    done = run(*checked, *parts, "--skip", "request.valid", "--output", "json")
    without_last = run(*checked, *parts[:-2], "--skip", "request.valid")

    assert done.status == 0
    assert done.statuses["principal.allowed"] == "pass"
    assert any("--split DIR" in one for one in done.report["assumptions"])
    assert without_last.status == 1


def test_a_policy_that_fits_is_one_file_and_the_same_each_time(run: Run) -> None:
    printed = run("generate", *NAMES, *HERE)
    done = run("generate", *NAMES, *HERE, "--split", "out")
    again = run("generate", *NAMES, *HERE, "--split", "again")

    assert (done.status, again.status) == (0, 0)
    assert [one.name for one in Path("out").iterdir()] == ["policy-1.json"]
    assert Path("out/policy-1.json").read_text() == Path("again/policy-1.json").read_text() == printed.out


def test_more_policies_than_a_role_may_have_are_said_to_be_that(run: Run) -> None:
    source = of_models(480)

    done = run("generate", "--from", source, *HERE, "--no-stack-tags", "--split", "out")

    files = sorted(one.name for one in Path("out").iterdir())
    assert done.status == 0
    assert len(files) > 10
    assert files[0] == "policy-01.json"
    assert f"a role have 10 managed policies by default, and these are {len(files)}" in done.err


def test_policies_that_are_there_are_not_overwritten(run: Run) -> None:
    Path("out").mkdir()
    Path("out/policy-9.json").write_text("old")

    done = run("generate", *NAMES, *HERE, "--split", "out")

    assert (done.status, done.out) == (2, "")
    assert "out has policy-9.json already" in done.err
    assert [one.name for one in Path("out").iterdir()] == ["policy-9.json"]


def test_other_files_of_the_folder_stay(run: Run) -> None:
    Path("out").mkdir()
    Path("out/README").write_text("mine")

    assert run("generate", *NAMES, *HERE, "--split", "out").status == 0
    assert sorted(one.name for one in Path("out").iterdir()) == ["README", "policy-1.json"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--split", "file"), "cannot be written"),
        (("--split", "nowhere/out"), "cannot be written"),
        (("--split", "out", "--output-file", "p.json"), "leave --output-file out"),
        (("--for", "sts-probe-role", "--split", "out"), "--split goes with --for deployer"),
    ],
)
def test_a_split_that_makes_no_sense_leaves_nothing(run: Run, words: tuple[str, ...], said: str) -> None:
    Path("file").write_text("mine")

    done = run("generate", *(() if "--for" in words else NAMES), *HERE, *words)

    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert [one.name for one in Path().iterdir()] == ["file"]
