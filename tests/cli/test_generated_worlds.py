"""Generated accounts on the loopback AWS: both engines agree about each, and a difference that is planted is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.simulators.local_iam import LocalIAM
from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, policy
from tests.server.iam import set_user_boundary
from tests.server.identities import backend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.report import Report
    from tests.server import LoopbackAws

DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")
ACTIONS = [
    "*",
    "sagemaker:*",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "SageMaker:create*",
    "s3:*",
]
RESOURCES = [
    "*",
    ENDPOINT_ARN,
    CONFIG_ARN,
    f"{ENDPOINT_ARN[:-5]}*",
    "arn:aws:sagemaker:us-east-1:*:*",
    "arn:aws:s3:::b",
]
CONDITIONS: list[Mapping[str, Mapping[str, object]]] = [
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
    {"StringLike": {"aws:username": "u-?*"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/team/*"}},
    {"StringLike": {"aws:userid": "AIDA*"}},
    {"Null": {"aws:ResourceTag/team": "true"}},
    {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": "team"}},
    {"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": "ml.m5.*"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}},
]


@dataclass(frozen=True)
class World:
    """What one account has, as documents."""

    inline: Sequence[Mapping[str, object]]
    group: Mapping[str, object] | None
    managed: Mapping[str, object] | None
    boundary: Mapping[str, object] | None
    scps: Sequence[Sequence[Mapping[str, object]]]
    tags: Mapping[str, str]


def worlds(seed: int, number: int) -> list[World]:
    random = Random(seed)
    return [_world(random) for _ in range(number)]


def _world(random: Random) -> World:
    def maybe(likelihood: float) -> Mapping[str, object] | None:
        return _document(random) if random.random() < likelihood else None

    full = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    levels = [[full, *([_document(random)] if random.random() < 0.5 else [])] for _ in range(random.randint(1, 3))]
    return World(
        [_document(random) for _ in range(random.randint(0, 2))],
        maybe(0.4),
        maybe(0.4),
        maybe(0.25),
        levels if random.random() < 0.3 else [],
        {"team": random.choice(["ml", "web"])} if random.random() < 0.3 else {},
    )


def _document(random: Random) -> dict[str, object]:
    return policy(*(_statement(random) for _ in range(random.randint(1, 3))))


def _statement(random: Random) -> dict[str, object]:
    condition = {"Condition": random.choice(CONDITIONS)} if random.random() < 0.45 else {}
    return {
        "Effect": "Allow" if random.random() < 0.75 else "Deny",
        "Action" if random.random() < 0.85 else "NotAction": random.sample(ACTIONS, random.randint(1, 2)),
        "Resource" if random.random() < 0.85 else "NotResource": random.sample(RESOURCES, random.randint(1, 2)),
        **condition,
    }


def judged(aws: LoopbackAws, world: World, number: int, clients: Mapping[str, Any]) -> Report:
    """The world, made, and both engines' report about its user."""
    iam, name = backend(ACCOUNT, "aws"), f"u-{number}"
    tags = [{"Key": key, "Value": value} for key, value in world.tags.items()]
    iam.create_user("aws", name, "/team/" if number % 2 else "/", tags=tags)
    for place, document in enumerate(world.inline):
        iam.put_user_policy(name, f"inline-{place}", json.dumps(document))
    if world.group is not None:
        iam.create_group(f"g-{number}", "/")
        iam.add_user_to_group(f"g-{number}", name)
        iam.put_group_policy(f"g-{number}", "of-group", json.dumps(world.group))
    if world.managed is not None:
        made = iam.create_policy("", "/", json.dumps(world.managed), f"m-{number}", [])
        iam.attach_user_policy(made.arn, name)
    if world.boundary is not None:
        limit = iam.create_policy("", "/", json.dumps(world.boundary), f"b-{number}", [])
        set_user_boundary(ACCOUNT, "aws", name, limit.arn)
    aws.iam.scps = world.scps
    arn = iam.get_user(name).arn
    return iamcheck.check(
        DEPLOYMENT, principal=arn, scps=world.scps or None, engine="both", skip=SKIP, session=aws.session(), **clients
    )


def answers(aws: LoopbackAws, seed: int, number: int) -> list[Report]:
    clients = {"iam": aws.client("iam"), "sts": aws.client("sts")}
    iam, found = backend(ACCOUNT, "aws"), []
    for at, world in enumerate(worlds(seed, number)):
        found.append(judged(aws, world, at, clients))
        # the simulator is told of the whole account each time
        iam.users.pop(f"u-{at}")
        iam.groups.pop(f"g-{at}", None)
    return found


def said(report: Report) -> str:
    (check,) = (one for one in report.checks if one.id == "principal.allowed")
    return " ".join([check.summary, *(evidence.note or "" for evidence in check.evidence)])


@pytest.mark.parametrize(
    ("seed", "number"), [(0, 12), *(pytest.param(seed, 100, marks=pytest.mark.slow) for seed in range(1, 11))]
)
def test_both_engines_agree(aws: LoopbackAws, seed: int, number: int) -> None:
    reports = answers(aws, seed, number)
    assert [said(report) for report in reports if "AWS's simulator" in said(report)] == []
    assert {report.engine for report in reports} == {"both"}
    verdicts = Counter(str(report.verdict) for report in reports)
    assert verdicts.keys() == {"pass", "fail", "unknown"}, verdicts


class Flipped(LocalIAM):
    """A simulator that errs about endpoint configs alone."""

    def simulate_principal_policy(self, **asked: Any) -> Any:  # noqa: ANN401  boto3's keywords, and what comes of them
        answer: Any = super().simulate_principal_policy(**asked)
        for result in answer["EvaluationResults"]:
            for one in result.get("ResourceSpecificResults", ()):
                if one["EvalResourceName"] == CONFIG_ARN:
                    allowed = one["EvalResourceDecision"] == "allowed"
                    one["EvalResourceDecision"] = "implicitDeny" if allowed else "allowed"
            decisions = [one["EvalResourceDecision"] for one in result.get("ResourceSpecificResults", ())]
            # over all resources AWS gives the most restrictive one: an answer that errs need not contradict itself
            result["EvalDecision"] = min(decisions, key=["explicitDeny", "implicitDeny", "allowed"].index)
        return answer


def test_a_planted_difference_is_told_in_every_world(aws: LoopbackAws) -> None:
    aws.iam.simulator = Flipped
    reports = answers(aws, 11, 6)
    # where SCPs or a boundary deny, an answer that is flipped to allowed contradicts itself
    assert [said(report) for report in reports if "AWS's simulator" not in said(report)] == []
    assert not [report for report in reports if report.verdict == "pass"]
