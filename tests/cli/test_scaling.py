"""What is known of scaling: a service-linked role that may be there, scalable targets on an endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli import Run, Write
    from tests.server.loopback import LoopbackAws

HERE = ("--region", "eu-west-1", "--account-id", "123456789012")
TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/a",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
NAMES = ("churn", "churn-v7")
SCALED = (*NAMES, "--request-for", "RegisterScalableTarget=target.json")
CREATE_ROLE = "iam:CreateServiceLinkedRole"
ROLE_NAME = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


@pytest.fixture(autouse=True)
def target(write: Write) -> None:
    write("target.json", {**TARGET, "MinCapacity": 1, "MaxCapacity": 2})


def actions(report: dict[str, Any]) -> list[str]:
    return [one["action"] for one in report["permissions"]]


@pytest.mark.parametrize(
    ("words", "verdict"),
    [((), "unknown"), (("--service-linked-role", "missing"), "fail"), (("--service-linked-role", "present"), "pass")],
    ids=["not known", "missing", "present"],
)
def test_whoever_lacks_only_the_service_linked_role_is_allowed_where_it_is_there(
    run: Run, write: Write, words: tuple[str, ...], verdict: str
) -> None:
    generated = run("generate", *SCALED, "--service-linked-role", "present", *HERE)
    write("policy.json", json.loads(generated.out))
    policies = ("--policy", "policy.json", "--scp", "FullAWSAccess")
    done = run("check", *SCALED, *words, *policies, "--offline", *HERE, "--output", "json")

    assert CREATE_ROLE not in generated.out
    assert done.report["verdict"] == verdict
    allowed = done.check("principal.allowed")
    assert ("--service-linked-role present" in json.dumps(allowed)) is (verdict == "unknown")


@pytest.mark.parametrize("word", [None, "missing"])
def test_a_policy_grants_the_service_linked_role_where_it_is_not_known_to_be_there(run: Run, word: str | None) -> None:
    words = () if word is None else ("--service-linked-role", word)

    assert CREATE_ROLE in run("generate", *SCALED, *words, *HERE).out


def test_aws_is_asked_whether_the_service_linked_role_is_there(run: Run, aws: LoopbackAws) -> None:
    words = ("check", *SCALED, "--region", "eu-west-1", "--output", "json")
    missing = run(*words, **aws.environment())
    aws.client("iam").create_service_linked_role(AWSServiceName="sagemaker.application-autoscaling.amazonaws.com")
    iam = aws.client("iam")
    if ROLE_NAME not in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        iam.create_role(RoleName=ROLE_NAME, AssumeRolePolicyDocument="{}")
    present = run(*words, **aws.environment())

    assert CREATE_ROLE in actions(missing.report)
    assert CREATE_ROLE not in actions(present.report)


def test_where_nobody_may_read_the_role_it_stays_open(run: Run, aws: LoopbackAws) -> None:
    aws.deny("iam:GetRole")
    done = run("check", *SCALED, "--region", "eu-west-1", "--output", "json", **aws.environment())

    assert CREATE_ROLE in actions(done.report)


def test_an_endpoint_that_aws_scales_is_deregistered_before_it_is_deleted(run: Run, aws: LoopbackAws) -> None:
    words = ("check", *NAMES, "--scope", "lifecycle", "--region", "eu-west-1", "--output", "json")
    alone = run(*words, **aws.environment())
    aws.client("application-autoscaling").register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2)
    other = {**TARGET, "ResourceId": "endpoint/other/variant/a"}
    aws.client("application-autoscaling").register_scalable_target(**other, MinCapacity=1, MaxCapacity=2)
    scaled = run(*words, **aws.environment())

    assert "application-autoscaling:DeregisterScalableTarget" not in actions(alone.report)
    assert actions(scaled.report).count("application-autoscaling:DeregisterScalableTarget") == 1
    assert "application-autoscaling:DeregisterScalableTarget" in json.dumps(scaled.report["policy"])
    assert not [text for text in scaled.report["assumptions"] if "nothing scales" in text]


@pytest.mark.parametrize(("scope", "named"), [("lifecycle", True), ("create", False)])
def test_offline_the_report_says_that_nobody_looked_for_scaling(run: Run, scope: str, *, named: bool) -> None:
    done = run("check", *NAMES, "--scope", scope, "--offline", *HERE, "--output", "json")

    assert any("nothing scales the endpoint churn" in text for text in done.report["assumptions"]) is named


@pytest.mark.parametrize("resource", ["scalable-target/0123", "scalable-target/x*"])
def test_no_policy_for_one_id_allows_to_register_a_target_whose_id_aws_makes_up(
    run: Run, write: Write, resource: str
) -> None:
    policy = json.loads(run("generate", *SCALED, *HERE).out)
    write("policy.json", json.loads(json.dumps(policy).replace("scalable-target/*", resource)))
    policies = ("--policy", "policy.json", "--scp", "FullAWSAccess")

    assert run("check", *SCALED, *policies, "--offline", *HERE).status == 1
