"""A resource of which only a pattern is known: what it stands for is asked about wherever a policy singles it out.

Patterns match part by part: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iamcheck
from iamcheck.checks.principal.decide_locally import decide_locally
from iamcheck.checks.principal.judge import judge
from iamcheck.checks.principal.layers import PrincipalPolicies
from iamcheck.checks.principal.name_patterns import instances
from iamcheck.iam.model import Policy, PolicySet, Request
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:"
_ENDPOINT = f"{_ARN}endpoint/churn-*"


def _policy(effect: str, resource: str) -> Policy:
    statement = {"Effect": effect, "Action": "sagemaker:*", "Resource": resource}
    return Policy.parse({"Version": "2012-10-17", "Statement": [statement]}, name=effect, stored=False)


def _is_denied(resource: str, pattern: str) -> bool:
    request = Request(
        action="sagemaker:CreateEndpoint", resource=resource, principal="arn:aws:iam::123456789012:role/ci"
    )
    policies = PolicySet(identity=[_policy("Allow", "*"), _policy("Deny", pattern)])
    return iamcheck.evaluate(request, policies).decision.value == "explicitDeny"


@pytest.mark.parametrize(
    "pattern",
    [
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn-prod",
        "arn:aws:sagemaker:*:*:endpoint/churn-prod*",
        "arn:aws:sagemaker:eu-*:123456789012:endpoint/churn-prod*",
        "arn:*:sagemaker:*:*:endpoint/churn-prod",
        "arn:aws:*:*:*:*prod",
        "arn:*:*:*:*:endpoint/churn-??",
        "arn:aws:sagemaker:*:*:endpoint/*-prod-*",
    ],
)
def test_a_denial_of_a_part_leaves_the_decision_open(pattern: str) -> None:
    request = Request(
        action="sagemaker:CreateEndpoint", resource=_ENDPOINT, principal="arn:aws:iam::123456789012:role/ci"
    )
    policies = PrincipalPolicies(PolicySet(identity=[_policy("Allow", "*"), _policy("Deny", pattern)]))
    result = judge(decide_locally([request], policies, LocalSimulator()))
    assert result.status is Status.UNKNOWN


@pytest.mark.parametrize("pattern", ["arn:aws:sagemaker:*:*:endpoint/fraud-*", "arn:aws:sagemaker:us-*:*:endpoint/*"])
def test_a_denial_of_something_else_does_not(pattern: str) -> None:
    assert not any(_is_denied(one, pattern) for one in instances(_ENDPOINT, [pattern]))


_NAMES = st.text("abp-", min_size=1, max_size=6)


@st.composite
def _patterns(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and a pattern that matches the ARN with it."""
    name = draw(_NAMES)
    parts = [*_ARN.split(":")[:5], f"endpoint/churn-{name}"]
    widened = ["arn"]
    for part in parts[1:]:
        start = draw(st.integers(0, len(part)))
        end = draw(st.integers(start, len(part)))
        wild = draw(st.sampled_from(["*", "?" * (end - start), part[start:end]]))
        widened.append(part[:start] + wild + part[end:])
    return name, ":".join(widened)


@given(_patterns())
def test_whatever_a_pattern_singles_out_is_among_what_is_tried(made: tuple[str, str]) -> None:
    name, pattern = made
    assert _is_denied(f"{_ARN}endpoint/churn-{name}", pattern)
    assert any(_is_denied(one, pattern) for one in instances(_ENDPOINT, [pattern]))
