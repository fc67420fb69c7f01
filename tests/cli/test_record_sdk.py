"""`iamcheck record` of scripts on the SageMaker Python SDK, installed for this test from the package index."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT
from tests.cli.test_record import environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run

pytestmark = pytest.mark.slow

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:7"
MADE = {"sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint", "iam:PassRole"}

V2 = f"""
import sagemaker
from sagemaker.async_inference import AsyncInferenceConfig
from sagemaker.compute_resource_requirements.resource_requirements import ResourceRequirements
from sagemaker.enums import EndpointType
from sagemaker.model import Model
from sagemaker.serverless import ServerlessInferenceConfig

role, session = sagemaker.get_execution_role(), sagemaker.Session()

def model(name):
    return Model(image_uri="{IMAGE}", model_data="s3://models/m.tar.gz", role=role, name=name,
                 env={{"LICENCE": "verysecret"}}, sagemaker_session=session)

on_instances = {{"initial_instance_count": 1, "instance_type": "ml.m5.large"}}
model("a").deploy(endpoint_name="instances", **on_instances)
model("b").deploy(endpoint_name="serverless", serverless_inference_config=ServerlessInferenceConfig())
output = AsyncInferenceConfig("s3://out/churn")
model("c").deploy(endpoint_name="asynchronous", async_inference_config=output, **on_instances)
model("d").deploy(
    endpoint_name="components",
    endpoint_type=EndpointType.INFERENCE_COMPONENT_BASED,
    resources=ResourceRequirements(requests={{"num_cpus": 1, "memory": 1024, "copies": 1}}),
    inference_component_name="component",
    **on_instances,
)
"""
V3 = f"""
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant

container = ContainerDefinition(image="{IMAGE}", environment={{"LICENCE": "verysecret"}})
Model.create(model_name="m", primary_container=container, execution_role_arn="{ROLE}")
variant = ProductionVariant(variant_name="a", model_name="m", instance_type="ml.m5.large", initial_instance_count=1)
EndpointConfig.create(endpoint_config_name="churn", production_variants=[variant])
Endpoint.create(endpoint_name="churn", endpoint_config_name="churn").wait_for_status("InService")
"""
SCRIPTS = {
    "version 2": ("sagemaker<3", V2, 4, {*MADE, "sagemaker:CreateInferenceComponent"}),
    "version 3": ("sagemaker-core>=2", V3, 1, MADE),
}


def python_with(package: str, folder: Path) -> str:
    """A Python that has a package; the test is skipped where the machine cannot install it."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    words = [python, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15", package]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{package} could not be installed in 240 seconds")
    if done.returncode:
        pytest.skip(f"{package} cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
    return python


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_deployment_by_the_sdk_is_recorded_checked_and_granted(run: Run, tmp_path: Path, name: str) -> None:
    package, script, endpoints, expected = SCRIPTS[name]
    python = python_with(package, tmp_path / "python")
    (tmp_path / "deploy.py").write_text(script, encoding="utf-8")
    words = [sys.executable, "-m", "iamcheck", "record", "--principal", ROLE, "--", python, "deploy.py"]

    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300, env=environment({})
    )

    assert done.returncode == 0, done.stderr
    assert "verysecret" not in (tmp_path / "calls.json").read_text()
    checked = run("check", "--from", "calls.json", *HERE, "--offline", "--output", "json")
    assert (checked.status, len(checked.document["reports"])) == (0, endpoints), checked.out
    assert "verysecret" not in checked.out
    document = json.loads(run("generate", "--from", "calls.json", *HERE).out)
    granted = {action for statement in document["Statement"] for action in statement["Action"]}
    assert granted - {"sagemaker:AddTags"} == expected
