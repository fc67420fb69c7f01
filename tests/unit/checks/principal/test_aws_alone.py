"""Generated worlds where AWS's simulator alone answers: no value of an unknown key would change a yes or a no."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.aws.principals import parse_principal
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import Policy, PolicySet, PolicyType
from iamcheck.iam.request_context import settle
from iamcheck.results import Status
from iamcheck.simulators.local_iam import LocalIAM
from tests.documents import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from iamcheck.checks.report import Report
    from iamcheck.iam.model import Request

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"
_SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:"
DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")
ACTIONS = [
    "*",
    "sagemaker:*",
    "sagemaker:Create*",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "s3:*",
]
RESOURCES = ["*", "*", f"{_SAGEMAKER}endpoint/*", f"{_SAGEMAKER}endpoint-config/churn-v7", f"{_SAGEMAKER}*"]
VALUES: Mapping[str, Sequence[str]] = {
    "aws:SourceIp": ("203.0.113.7", "198.51.100.9"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:PrincipalTag/team": ("ml", "web"),
    "aws:SourceVpce": ("vpce-1", "vpce-2"),
}
"""Keys that nobody knows of a session, each with values that a policy of these worlds tells apart."""
CONDITIONS: Sequence[Mapping[str, Mapping[str, object]]] = [
    {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
    {"StringNotEqualsIfExists": {"aws:PrincipalTag/team": ["ml", "research"]}},
    {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
    {"Null": {"aws:SourceVpce": "false"}},
    {"StringEquals": {"aws:SourceVpce": "vpce-2"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/c*"}},
    {"StringEquals": {"aws:username": "ci"}},
]


@dataclass(frozen=True)
class World:
    """What a role has, as documents, and the SCPs over it."""

    inline: Sequence[Mapping[str, Any]]
    boundary: Mapping[str, Any] | None
    scps: Sequence[Sequence[Mapping[str, Any]]]

    def policies(self) -> PolicySet:
        """The policies that decide on the day."""
        return PolicySet(
            identity=[Policy.parse(one) for one in self.inline],
            boundary=None if self.boundary is None else Policy.parse(self.boundary, layer=PolicyType.BOUNDARY),
            scps=[[Policy.parse(one, layer=PolicyType.SCP) for one in level] for level in self.scps],
        )


EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _statement(random: Random, effect: str, likelihood: float) -> dict[str, Any]:
    """A statement, which has a condition with that likelihood."""
    condition = {"Condition": random.choice(CONDITIONS)} if random.random() < likelihood else {}
    return {
        "Effect": effect,
        "Action": random.sample(ACTIONS, random.randint(1, 2)),
        "Resource": random.choice(RESOURCES),
        **condition,
    }


def _layer(random: Random, likelihood: float) -> dict[str, Any]:
    """A policy that mostly allows a lot, and now and then denies something, mostly under a condition."""
    wide = EVERYTHING if random.random() < 0.75 else _statement(random, "Allow", likelihood)
    guard = _statement(random, random.choice(["Allow", "Deny"]), max(likelihood, 0.9 if likelihood else 0.0))
    return document(wide, *([guard] if random.random() < 0.6 else []))


def world(seed: int) -> World:
    random = Random(seed)
    likelihood = random.choice([0.0, 0.3, 0.6])
    inline = [_layer(random, likelihood) for _ in range(random.randint(1, 2))]
    boundary = _layer(random, likelihood) if random.random() < 0.3 else None
    scps = [[document(EVERYTHING)], [_layer(random, likelihood)]] if random.random() < 0.3 else []
    return World(inline, boundary, scps)


def details(of: World) -> dict[str, Any]:
    """What `aws iam get-account-authorization-details` prints of the world."""
    boundary = {} if of.boundary is None else {"PermissionsBoundary": {"PermissionsBoundaryArn": _ARN_OF_BOUNDARY}}
    role = {
        "Path": "/",
        "RoleName": "ci",
        "RoleId": "AROAEXAMPLEEXAMPLE22",
        "Arn": ROLE,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
        "RolePolicyList": [{"PolicyName": f"p{number}", "PolicyDocument": one} for number, one in enumerate(of.inline)],
        "AttachedManagedPolicies": [],
        **boundary,
    }
    managed = {
        "PolicyName": "limit",
        "Arn": _ARN_OF_BOUNDARY,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": of.boundary}],
    }
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [role],
        "Policies": [] if of.boundary is None else [managed],
    }


_ARN_OF_BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limit"


class Sts:
    """A user of the account runs the check."""

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "Account": ACCOUNT, "UserId": "AIDAEXAMPLEEXAMPLE22"}


def judged(of: World) -> Report:
    # a LocalIAM answers the simulator's operations, and lets nobody read a policy
    iam = LocalIAM(account_id=ACCOUNT, authorization_details=details(of), scps=of.scps)
    words: dict[str, Any] = {"iam": iam, "sts": Sts(), "principal": ROLE, "skip": SKIP}
    return iamcheck.check(DEPLOYMENT, **words)


def completions(request: Request) -> Iterator[Request]:
    """The request with every combination of values of what nobody knows of it, absence among them."""
    unknown = [key for key in VALUES if request.is_unknown(key.lower())]
    for chosen in product(*((None, *VALUES[key]) for key in unknown)):
        context = {key: value for key, value in zip(unknown, chosen, strict=True) if value is not None}
        absent = [key for key, value in zip(unknown, chosen, strict=True) if value is None]
        yield replace(request, context={**request.context, **context}, absent=(*request.absent, *absent))


def possible(of: World, report: Report) -> set[bool]:
    """Whether all that is needed is allowed, for each combination of values of the unknown keys."""
    policies, facts = of.policies(), parse_principal(ROLE).facts()
    requests = [settle(replace(one.request, principal=ROLE), facts, VALUES) for one in report.permissions]
    answers = [[evaluate(one, policies) for one in completions(request)] for request in requests]
    assert all(one.certain for each in answers for one in each)
    return {all(one.allowed for one in together) for together in zip(*answers, strict=True)}


QUICK = (*range(24), 53, 155, 261)
"""Among them worlds where a key hides in a boundary or in an SCP alone."""
SLOW = [range(first, 500, 5) for first in range(5)]
"""Every fifth of 500 worlds: each lot has enough of those where an unknown key decides."""


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(QUICK, id="quick"),
        *(pytest.param(one, id=f"from {one.start}", marks=pytest.mark.slow) for one in SLOW),
    ],
)
def test_no_value_of_an_unknown_key_changes_a_verdict(
    enter: Callable[[Mapping[str, str]], None], seeds: Sequence[int]
) -> None:
    enter({"AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-west-1"})
    statuses: Counter[Status] = Counter()
    undecided = 0
    for seed in seeds:
        of = world(seed)
        report = judged(of)
        (result,) = (one for one in report.checks if one.id == "principal.allowed")
        expected = possible(of, report)
        assert report.engine == "aws"
        assert result.status is not Status.PASS or expected == {True}, (seed, of)
        assert result.status is not Status.FAIL or expected == {False}, (seed, of)
        statuses[result.status] += 1
        undecided += len(expected) > 1
        # what no unknown key, boundary or SCP hides is decided
        assert result.status is not Status.UNKNOWN or result.open_keys or of.boundary or of.scps, (seed, of)
    assert min(statuses[one] for one in (Status.PASS, Status.FAIL, Status.UNKNOWN)) > len(seeds) // 20, statuses
    assert undecided > len(seeds) // 8, undecided
