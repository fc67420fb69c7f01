"""What a deployment can change so that a Deny does not apply to it: each way was seen to help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.explain.why.ways import ways_out
from iamcheck.iam.engine import evaluate
from iamcheck.iam.engine.explain import explain
from iamcheck.iam.model import Policy, PolicySet, PolicyType, Request
from tests.documents import deny, document

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
CONTEXT = {"aws:RequestedRegion": "eu-west-1", "sagemaker:InstanceTypes": ["ml.p4d.24xlarge"]}


def ways(condition: Mapping[str, Any], context: Mapping[str, Any] = CONTEXT, **elements: Any) -> tuple[str, ...]:  # noqa: ANN401  elements of a statement
    statement = deny("sagemaker:*", Condition=condition) | elements
    policy = Policy.parse(document(statement), name="scp.json", layer=PolicyType.SCP)
    request = Request("sagemaker:CreateEndpointConfig", CONFIG, context=context)
    policies = PolicySet(scps=[[policy]])
    (trace,) = explain(request, policies)
    return ways_out(trace, request, policies)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-north-1"]}},
            "deploy to a Region that it exempts: eu-central-1, eu-north-1",
        ),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, "that it does not deny: others than eu-west-1"),
        (
            {"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": ["ml.m5.*", "ml.c5.*"]}},
            "use instance types that it exempts: ml.m5.*, ml.c5.*",
        ),
        ({"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": "ml.p4d.*"}}, "others than ml.p4d.*"),
        ({"Null": {"aws:RequestTag/team": "true"}}, "give the tag team"),
        ({"Null": {"aws:RequestTag/team": True}}, "give the tag team"),
        ({"Null": {"sagemaker:VolumeKmsKey": "true"}}, "name a KMS key for the volumes"),
        ({"Null": {"sagemaker:VpcSubnets": "true"}}, "name subnets"),
        ({"StringNotEquals": {"aws:RequestTag/team": "ml"}}, "give the tag team a value that it exempts: ml"),
        ({"StringNotEqualsIfExists": {"aws:RequestTag/team": "ml"}}, "a value that it exempts: ml"),
        ({"NumericGreaterThan": {"sagemaker:ServerlessMaxConcurrency": "5"}}, "use a MaxConcurrency of at most 5"),
    ],
)
def test_a_deployment_can_have_what_the_statement_exempts(condition: Mapping[str, Any], words: str) -> None:
    (found,) = ways(condition, {**CONTEXT, "aws:RequestTag/team": "web"} if "IfExists" in str(condition) else CONTEXT)
    assert words in found


@pytest.mark.parametrize(
    "condition",
    [
        # nothing of a deployment changes who calls, from where
        {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/admin"}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        # no value gets out of these
        {"StringNotLike": {"aws:RequestedRegion": "${aws:PrincipalTag/region}"}},
        {"StringLike": {"aws:RequestedRegion": "*"}},
    ],
)
def test_what_is_not_seen_to_help_is_not_offered(condition: Mapping[str, Any]) -> None:
    assert ways(condition) == ()


def test_each_condition_is_a_way_out() -> None:
    both = {
        "StringNotEquals": {"aws:RequestedRegion": "eu-central-1"},
        "Null": {"aws:RequestTag/team": "true"},
    }
    assert [one.split()[0] for one in ways(both)] == ["deploy", "give"]


def test_a_deny_without_conditions_has_none() -> None:
    request = Request("sagemaker:CreateEndpointConfig", CONFIG)
    policies = PolicySet(identity=[Policy.parse(document(deny("sagemaker:*")))])
    assert evaluate(request, policies).allowed is False
    (trace,) = explain(request, policies)
    assert ways_out(trace, request, policies) == ()
