"""The policy for a whole file deploys it, and without any single action or resource it does not."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck import Deployment
from tests.whole_files import KEY, whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
PROOFS = ("policy.sufficient", "policy.minimal")
FAST = (0, 17, 54, 59)
"""The numbers of the default tier: a template and a plan with names that are known, and with names that are open."""


def allowed(deployment: Deployment, policy: dict[str, Any], skip: tuple[str, ...] = PROOFS) -> str:
    """The verdict about a deployer who has this policy alone."""
    report = iamcheck.check(
        deployment,
        policies=[policy],
        scps=[[FULL]],
        resource_policies={KEY: KEY_POLICY},
        offline=True,
        skip=skip,
    )
    return report.verdict.value


def narrowed(policy: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The policy without one of its actions, or with another name in the place of one of its resources."""
    for at, statement in enumerate(policy["Statement"]):
        for action in statement["Action"]:
            other = copy.deepcopy(policy)
            other["Statement"][at]["Action"] = [one for one in statement["Action"] if one != action] or ["s3:GetObject"]
            yield f"without {action}", other
        for place, resource in enumerate(statement["Resource"]):
            other = copy.deepcopy(policy)
            other["Statement"][at]["Resource"][place] = another(resource)
            yield f"{statement['Action']} on {another(resource)}, not on {resource}", other


def another(resource: str) -> str:
    """A resource of the same kind that has another name."""
    head, sign, _ = resource.partition("/") if "/" in resource else resource.rpartition(":")
    if ":alarm:" in resource:
        head, sign = resource.partition(":alarm:")[0], ":alarm:"
    return f"{head}{sign}iamcheck-other" if sign else "arn:aws:s3:::iamcheck-other"


@pytest.mark.parametrize(
    "number", [number if number in FAST else pytest.param(number, marks=pytest.mark.slow) for number in range(60)]
)
def test_the_policy_of_a_whole_file_deploys_it_and_no_smaller_one_does(number: int, tmp_path: Path) -> None:
    file = whole_file(number)
    placed = file.deployment(tmp_path)
    assert isinstance(placed, Deployment), placed
    assert not placed.unsettled, [str(one) for one in placed.unsettled]
    made = with_role_missing(placed)
    policy: dict[str, Any] = iamcheck.generate_policy(made)

    assert allowed(made, policy, skip=()) == "pass"
    assert not [one for one in policy["Statement"] for action in one["Action"] if "*" in action]
    assert not [one for one in policy["Statement"] if "iam:PassRole" in one["Action"] and "*" in one["Resource"]]
    for what, smaller in narrowed(policy):
        assert allowed(made, smaller) == "fail", what


def with_role_missing(deployment: Deployment) -> Deployment:
    """The deployment in an account that has no service-linked role yet, so that nothing of the policy is in doubt."""
    return replace(deployment, service_linked_role=False)


def test_the_files_have_every_feature_in_both_formats_and_with_known_and_open_names() -> None:
    files = [whole_file(number) for number in range(60)]

    for feature in ("model", "target", "policy", "alarm tags", "key", "target role", "group"):
        states = {(one.is_plan, one.has_open_names) for one in files if one.has(feature)}
        assert len(states) == 4, feature
    assert {one.has_open_names for one in files if one.has("component")} == {True, False}
