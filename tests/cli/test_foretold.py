"""The real AWS CLI makes the world, iamcheck judges it, and then the deployment is really made: as was foretold.

The server decides by the naive reading of IAM, which is not iamcheck's.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, REGION_LOCK, allow, deny, policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli import Done, Run
    from tests.server import LoopbackAws

pytestmark = pytest.mark.slow

BOTH = policy(allow("sagemaker:CreateEndpoint*", [ENDPOINT_ARN, CONFIG_ARN]))
TAGGING = policy(
    allow("sagemaker:CreateEndpoint*", [ENDPOINT_ARN, CONFIG_ARN]),
    allow(
        "sagemaker:AddTags",
        [ENDPOINT_ARN],
        Condition={"StringEquals": {"sagemaker:TaggingAction": "CreateEndpoint"}},
    ),
)
ONLY_M5 = policy(
    allow(),
    deny(
        "sagemaker:CreateEndpointConfig",
        Condition={"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": "ml.m5.*"}},
    ),
)
TAGS = [{"Key": "team", "Value": "ml"}]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"
OFFICE = policy(allow(), deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
LOCAL = policy(allow(), deny(Condition={"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}))


@dataclass(frozen=True)
class World:
    """Who deploys, under which policies, and what."""

    identity: Mapping[str, object]
    foretold: str
    boundary: Mapping[str, object] | None = None
    group: Mapping[str, object] | None = None
    scps: tuple[tuple[Mapping[str, object], ...], ...] = ()
    endpoint: Mapping[str, object] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)
    instance_type: str = "ml.m5.xlarge"


NOTHING = policy(allow("sagemaker:List*"))
QUICK = {
    "allowed": World(BOTH, "pass"),
    "the config alone is allowed": World(policy(allow("sagemaker:CreateEndpointConfig", CONFIG_ARN)), "fail"),
}
MORE = {
    "allowed by a group": World(NOTHING, "pass", group=BOTH),
    "nothing is allowed": World(NOTHING, "fail"),
    "the endpoint config is missing from the resources": World(
        policy(allow("sagemaker:CreateEndpointConfig"), allow("sagemaker:CreateEndpoint", ENDPOINT_ARN)), "fail"
    ),
    "a boundary that allows": World(policy(allow()), "pass", boundary=BOTH),
    "a boundary that does not": World(BOTH, "fail", boundary=NOTHING),
    "an explicit deny": World(policy(allow(), deny("sagemaker:CreateEndpoint", ENDPOINT_ARN)), "fail"),
    "another Region is locked": World(BOTH, "fail", scps=((policy(allow()),), (policy(allow()), REGION_LOCK))),
    "an organization that allows": World(BOTH, "pass", scps=((policy(allow()),), (policy(allow()),))),
    "tags that may be given": World(TAGGING, "pass", endpoint={"Tags": TAGS}),
    "tags that may not be given": World(BOTH, "fail", endpoint={"Tags": TAGS}),
    "tags on what may not have them": World(TAGGING, "fail", config={"Tags": TAGS}),
    "an instance type that passes": World(ONLY_M5, "pass"),
    "an instance type that does not": World(ONLY_M5, "fail", instance_type="ml.g5.xlarge"),
    "a role that may be passed": World(
        policy(allow("sagemaker:*"), allow("iam:PassRole", ROLE)), "pass", config={"ExecutionRoleArn": ROLE}
    ),
    "a role that may not be passed": World(BOTH, "fail", config={"ExecutionRoleArn": ROLE}),
    "only from the office, which is elsewhere": World(OFFICE, "unknown"),
    "only from the office, which is here": World(LOCAL, "unknown"),
}


@dataclass(frozen=True)
class Cli:
    """The real AWS CLI, as somebody."""

    environment: Mapping[str, str]

    def try_(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "awscli", *words, "--output", "json"],
            capture_output=True,
            text=True,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )

    def __call__(self, *words: str) -> dict[str, Any]:
        done = self.try_(*words)
        assert (done.returncode, done.stderr) == (0, "")
        found: dict[str, Any] = json.loads(done.stdout or "{}")
        return found


def made(aws: LoopbackAws, world: World) -> dict[str, str]:
    """Make the world by the AWS CLI; the environment of the one who deploys."""
    admin = Cli(aws.environment())
    admin("iam", "create-user", "--user-name", "ci")
    text = json.dumps(world.identity)
    admin("iam", "put-user-policy", "--user-name", "ci", "--policy-name", "own", "--policy-document", text)
    if world.group is not None:
        text = json.dumps(world.group)
        admin("iam", "create-group", "--group-name", "ml")
        admin("iam", "put-group-policy", "--group-name", "ml", "--policy-name", "g", "--policy-document", text)
        admin("iam", "add-user-to-group", "--group-name", "ml", "--user-name", "ci")
    if world.boundary is not None:
        text = json.dumps(world.boundary)
        bound = admin("iam", "create-policy", "--policy-name", "bound", "--policy-document", text)["Policy"]["Arn"]
        admin("iam", "put-user-permissions-boundary", "--user-name", "ci", "--permissions-boundary", bound)
    key = admin("iam", "create-access-key", "--user-name", "ci")["AccessKey"]
    image = {"Image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:7"}
    model = ("--model-name", "churn", "--execution-role-arn", ROLE, "--primary-container", json.dumps(image))
    admin("sagemaker", "create-model", *model)
    aws.iam.scps = world.scps
    if world.scps:
        # the same policies are where AWS Organizations shows them: the root's, and the account's
        tree = aws.organizations.create()
        account = tree.account(ACCOUNT, tree.root)
        aws.organizations.delegated.add(ACCOUNT)
        for target, level in zip((tree.root, account), world.scps, strict=True):
            for document in level[1:]:
                tree.attach(target, document)
    aws.enforce()
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return {**aws.environment(), **keys}


def requests(world: World, folder: Path) -> None:
    variant = {"VariantName": "a", "ModelName": "churn", "InitialInstanceCount": 1, "InstanceType": world.instance_type}
    endpoint = {"EndpointName": "churn", "EndpointConfigName": "churn-v7", **world.endpoint}
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant], **world.config}
    (folder / "endpoint.json").write_text(json.dumps(endpoint))
    (folder / "config.json").write_text(json.dumps(config))


def deploy(cli: Cli, folder: Path) -> tuple[str, str] | None:
    """Really deploy; None where all went well, else the action that was denied and its resource."""
    for operation, file in (("create-endpoint-config", "config.json"), ("create-endpoint", "endpoint.json")):
        done = cli.try_("sagemaker", operation, "--cli-input-json", f"file://{folder / file}")
        if done.returncode:
            (denied,) = re.findall(r"not authorized to perform: (\S+) on resource: (\S+) ", done.stderr)
            return denied[0], denied[1]
    return None


def judged(run: Run, environment: Mapping[str, str], *more: str) -> Done:
    words = ("check", "--request", "endpoint.json", "--config-request", "config.json", "--output", "json", *more)
    return run(*words, **{key: value for key, value in environment.items() if key.startswith("AWS_")})


@pytest.mark.parametrize(
    "world",
    [
        *(pytest.param(world, id=name) for name, world in list(QUICK.items())[:1]),
        *(pytest.param(world, id=name, marks=pytest.mark.slow) for name, world in list(QUICK.items())[1:]),
        *(pytest.param(world, id=name, marks=pytest.mark.slow) for name, world in MORE.items()),
    ],
)
def test_the_deployment_ends_as_was_foretold(run: Run, aws: LoopbackAws, tmp_path: Path, world: World) -> None:
    environment = made(aws, world)
    requests(world, tmp_path)
    done = judged(run, environment)
    assert done.report["verdict"] == world.foretold, done.out
    assert done.report["principal"] == f"arn:aws:iam::{ACCOUNT}:user/ci"
    if world.foretold == "unknown":
        # who says what the address will be is told what becomes of it
        assert done.check("principal.allowed")["open_keys"] == ["aws:sourceip"]
        done = judged(run, environment, "--context", "aws:SourceIp=127.0.0.1")
    assert not [call for call in aws.actions if call.startswith("sagemaker:Create") and call != "sagemaker:CreateModel"]

    denied = deploy(Cli(environment), tmp_path)
    assert (denied is None) is (done.report["verdict"] == "pass")
    if denied is None:
        admin = Cli(aws.environment())
        endpoint = admin("sagemaker", "describe-endpoint", "--endpoint-name", "churn")
        assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "churn-v7")
    else:
        evidence = done.check("principal.allowed")["evidence"]
        assert denied in {(one["action"], one["resource"]) for one in evidence if one["decision"] != "allowed"}
