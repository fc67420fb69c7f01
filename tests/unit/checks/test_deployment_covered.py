"""`deployment.covered`: what of a file no check judges keeps a pass from being more than it is."""

from __future__ import annotations

import pytest

from iamcheck.checks.deployment_covered import covered
from iamcheck.deployment.located import Tool, WrittenDeployment
from iamcheck.iam.model import Place
from iamcheck.results import NotCovered


def left_out(*types: str) -> WrittenDeployment:
    place = Place(file="t.yaml", line=4)
    parts = tuple(NotCovered(one, place, "no check judges it") for one in types)
    return WrittenDeployment(Tool.CLOUDFORMATION, "t.yaml", not_covered=parts)


@pytest.mark.parametrize(
    ("types", "judged", "strict"),
    [
        ((), "pass", "pass"),
        (("AWS::Lambda::Function", "aws_s3_bucket", "cloudformation:CreateStack"), "pass", "pass"),
        (("AWS::SageMaker::MonitoringSchedule",), "pass", "unknown"),
        (("AWS::ApplicationAutoScaling::ScalingPolicy",), "pass", "unknown"),
        (("AWS::Lambda::Function", "AWS::IAM::Role"), "pass", "unknown"),
        (("aws_sagemaker_model",), "pass", "unknown"),
        (("AWS::CloudFormation::Stack",), "pass", "unknown"),
        (("sagemaker:DeleteEndpoint",), "pass", "unknown"),
        (("aws_appautoscaling_target",), "pass", "unknown"),
        (("aws_iam_role_policy",), "pass", "unknown"),
        (("AWS::Serverless::Application",), "pass", "unknown"),
        (("My::Team::Endpoint::MODULE",), "pass", "unknown"),
        (("aws_cloudformation_stack",), "pass", "unknown"),
    ],
)
def test_what_belongs_to_the_endpoint_and_is_not_judged(types: tuple[str, ...], judged: str, strict: str) -> None:
    outcome = covered(left_out(*types), strict=False)
    assert outcome.result.status == judged
    assert covered(left_out(*types), strict=True).result.status == strict
    assert bool(outcome.assumptions) is (strict == "unknown")
    if strict == "unknown":
        assert types[-1] in outcome.result.summary
        assert "t.yaml, line 4" in str(outcome.result.evidence[0].note)
