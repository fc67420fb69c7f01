"""`--config existing`: the endpoint config that is there says what the endpoint needs, and nobody creates it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.deployment.located import Tool, WrittenDeployment, WrittenRequest
from iamcheck.deployment.resolving import draft_of
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Place
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.cli import ACCOUNT, allow, policy
from tests.examples import member_of

if TYPE_CHECKING:
    from tests.cli import Run, Write
    from tests.server import LoopbackAws

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CHECK = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--output", "json")
VARIANT: Any = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONFIG: Any = {
    "EndpointConfigName": "churn-v7",
    "KmsKeyId": KEY,
    "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/sagemaker",
    "ProductionVariants": [VARIANT],
    "Tags": [{"Key": "team", "Value": "ml"}],
}


def test_what_is_there_says_what_is_needed(run: Run, aws: LoopbackAws, write: Write) -> None:
    aws.sagemaker.create_model("m")
    aws.client("sagemaker").create_endpoint_config(**CONFIG)
    given = ("--policy", write("all.json", policy(allow())), "--scp", "FullAWSAccess")

    existing = run(*CHECK, "--config", "existing", *given, **aws.environment())
    either = run(*CHECK, *given, **aws.environment())

    actions = {one["action"] for one in existing.report["permissions"]}
    assert actions == {"sagemaker:CreateEndpoint", "kms:CreateGrant"}
    assert existing.statuses["policy.sufficient"] == existing.statuses["policy.minimal"] == "pass"
    assert existing.statuses["endpoint-config.ready"] == "pass"
    assert "request.valid" not in existing.statuses
    assert existing.report["deployment"]["source"] == "endpoint config churn-v7 in eu-west-1"
    assert aws.actions.count("sagemaker:DescribeEndpointConfig") == 2
    # it is there, and may be created all the same: both creates are asked about, and its key
    assert either.statuses["endpoint-config.ready"] == "pass"
    assert {one["action"] for one in either.report["permissions"]} == {*actions, "sagemaker:CreateEndpointConfig"}


@pytest.mark.parametrize("pin", [(), ("--pin",)])
def test_each_key_has_its_own_permission(run: Run, aws: LoopbackAws, write: Write, pin: tuple[str, ...]) -> None:
    """The grant is for the key of what exists, and a pinned CreateEndpointConfig for the key of the request."""
    other = KEY.replace("1234abcd", "9999abcd")
    aws.sagemaker.create_model("m")
    aws.client("sagemaker").create_endpoint_config(**CONFIG)
    request = write("config.json", {**CONFIG, "KmsKeyId": other})
    words = ("check", "--endpoint-name", "churn", "--config-request", request, "--config", "any", *pin)

    done = run(*words, "--region", "eu-west-1", "--output", "json", **aws.environment())

    assert done.statuses["policy.sufficient"] == done.statuses["policy.minimal"] == "pass"
    statements = {one["Sid"]: one for one in done.report["policy"]["Statement"]}
    assert statements["GrantVolumeKey"]["Resource"] == [KEY]
    if pin:
        assert statements["CreateEndpointConfig"]["Condition"]["StringEquals"]["sagemaker:VolumeKmsKeyArn"] == other


@pytest.mark.parametrize("world", ["absent", "denied"])
def test_what_cannot_be_read_stays_unknown(run: Run, aws: LoopbackAws, world: str) -> None:
    if world == "denied":
        aws.deny("sagemaker:DescribeEndpointConfig")
    done = run(*CHECK, "--config", "existing", **aws.environment())
    assert done.statuses["endpoint-config.ready"] == {"absent": "fail", "denied": "skipped"}[world]
    assert done.status != 0 or world == "denied"
    assert {one["action"] for one in done.report["permissions"]} == {"sagemaker:CreateEndpoint"}


@pytest.mark.parametrize("scope", ["create", "deploy", "lifecycle", "update"])
@pytest.mark.parametrize("pin", [False, True])
@pytest.mark.parametrize("tool", list(Tool))
def test_the_policy_for_one_that_exists_is_proved(scope: str, pin: bool, tool: Tool) -> None:
    endpoint: Any = {"EndpointName": "churn", "EndpointConfigName": "churn-v7", "Tags": CONFIG["Tags"]}
    made = draft_of(
        WrittenDeployment(
            tool,
            "plan",
            WrittenRequest("CreateEndpoint", member_of(endpoint, Place("here")), Place("here")),
            WrittenRequest("CreateEndpointConfig", member_of(CONFIG, Place("there")), Place("there")),
            config_exists=True,
        )
    ).at("eu-west-1", ACCOUNT)
    assert isinstance(made, Deployment)
    rendered, needed = render_policy(made, scope, pin=pin), required(made, scope)
    simulator = LocalSimulator(Semantics.ALONE)

    assert "CreateEndpointConfig" not in json.dumps(rendered.document).replace("endpoint-config", "")
    assert proofs.sufficient(rendered.policy, needed, simulator).status is Status.PASS
    assert proofs.minimal(rendered.policy, needed, simulator, pin=pin).status is Status.PASS
