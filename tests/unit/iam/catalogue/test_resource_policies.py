"""Which resources can have a policy of their own.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

import pytest

from iamcheck.iam.catalogue.resource_policies import can_have_policy

_PLACE = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("arn", "can"),
    [
        (f"arn:aws:kms:{_PLACE}:key/1", True),
        ("arn:aws:s3:::models", True),
        ("arn:aws:s3:::models/churn/model.tar.gz", True),
        (f"arn:aws:sqs:{_PLACE}:queue", True),
        (f"arn:aws:sns:{_PLACE}:topic", True),
        (f"arn:aws:lambda:{_PLACE}:function:score", True),
        (f"arn:aws:ecr:{_PLACE}:repository/images", True),
        (f"arn:aws:secretsmanager:{_PLACE}:secret:token", True),
        (f"arn:aws:sagemaker:{_PLACE}:model-package-group/churn", True),
        (f"arn:aws:sagemaker:{_PLACE}:model-package/churn/1", True),
        (f"arn:aws:sagemaker:{_PLACE}:endpoint/churn", False),
        (f"arn:aws:sagemaker:{_PLACE}:endpoint-config/churn", False),
        (f"arn:aws:sagemaker:{_PLACE}:model/churn", False),
        (f"arn:aws:cloudwatch:{_PLACE}:alarm:churn", False),
        ("arn:aws:iam::123456789012:role/ci", False),
        ("arn:aws:iam::123456789012:policy/ci", False),
        ("arn:aws:nosuchservice:::x", False),
        ("*", False),
    ],
)
def test_a_resource_can_have_a_policy_where_an_action_sets_it(arn: str, can: bool) -> None:
    assert can_have_policy(arn) is can
