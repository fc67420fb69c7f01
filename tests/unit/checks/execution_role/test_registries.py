"""AWS's own image registries: their repository policies are an assumption, and the role's own rights are judged."""

from __future__ import annotations

import pytest

from iamcheck.checks.execution_role.judging import allowed
from iamcheck.iam.catalogue.registries import is_aws_registry
from iamcheck.iam.model import Policy, PolicySet, PolicyType
from iamcheck.permissions.execution_role import needed_by_role
from iamcheck.policies.execution_role import render_execution_role
from iamcheck.results import Status
from tests.documents import document
from tests.unit.checks.execution_role.test_judging import LOCAL, ROLE, judged
from tests.unit.permissions.execution_role.cases import CASES, HERE

PULLS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def test_a_registry_of_aws_is_taken_to_allow_and_named() -> None:
    result, assumed = judged("image of AWS")

    assert result.status is Status.PASS, result.summary
    (one,) = [one for one in assumed if "registries" in one.text]
    assert "763104351884 in us-east-1" in one.text
    assert "sagemaker-core 2." in one.text
    assert one.settled_by == ""
    assert not any("registries" in one.text for one in judged("plain")[1])


def test_the_roles_own_rights_on_a_registry_of_aws_are_judged_all_the_same() -> None:
    (repository,) = {arn for _, arn in CASES["image of AWS"].more}
    for action in PULLS:
        deny = {"Effect": "Deny", "Action": action, "Resource": repository}
        assert judged("image of AWS", deny)[0].status is Status.FAIL
    needs = needed_by_role(CASES["image of AWS"].inputs, **HERE, role=ROLE)
    rendered, _ = render_execution_role(CASES["plain"].inputs, **HERE)
    nothing, _ = allowed(needs, PolicySet(identity=[rendered.policy]), simulator=LOCAL)
    assert nothing.status is Status.FAIL
    assert any(one.resource == repository for one in nothing.evidence)


def test_the_policy_of_a_registry_of_aws_that_is_given_counts() -> None:
    (repository,) = {arn for _, arn in CASES["image of AWS"].more}
    closed = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": repository}
    policy = Policy.parse(document(closed), name="repository", layer=PolicyType.RESOURCE)

    result, assumed = judged("image of AWS", resource_policies={repository: policy})

    assert result.status is Status.FAIL
    assert not any("registries" in one.text for one in assumed)


@pytest.mark.parametrize(
    ("account", "region", "expected"),
    [
        # https://github.com/aws/sagemaker-python-sdk, image_uri_config: pytorch.json, xgboost.json, kmeans.json
        ("763104351884", "eu-west-1", True),
        ("141502667606", "eu-west-1", True),
        ("438346466558", "eu-west-1", True),
        ("727897471807", "cn-north-1", True),
        ("763104351884", "cn-north-1", False),
        ("141502667606", "us-east-1", False),
        ("123456789012", "eu-west-1", False),
        ("763104351884", "nowhere-1", False),
    ],
)
def test_the_registries_of_aws_are_known_by_region(account: str, region: str, expected: bool) -> None:
    assert is_aws_registry(account, region) is expected
