"""What is offered against a denial: it was seen to help, and it grants nothing beyond what was denied."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.policy.purposes import PURPOSES
from iamcheck.deployment import Deployment
from iamcheck.explain.remedies.remedy import World, remedy_for
from iamcheck.explain.remedies.statements import PURPOSE_OPERATORS
from iamcheck.iam.engine.evaluate import evaluate
from iamcheck.iam.model import Policy, PolicySet, PolicyType, Request
from iamcheck.permissions import required
from tests.documents import parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.results import Remedy

Statement = dict[str, Any]
DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
ENDPOINT, CONFIG = DEPLOYMENT.endpoint_arn, DEPLOYMENT.endpoint_config_arn
CREATES = [permission.request for permission in required(DEPLOYMENT)]
ROLE = "arn:aws:iam::123456789012:role/sagemaker"
SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
PASSING = Request("iam:PassRole", ROLE, context={"iam:PassedToService": "sagemaker.amazonaws.com"})


def allow(actions: str | list[str], resources: str | list[str], condition: Statement | None = None) -> Statement:
    names = [actions] if isinstance(actions, str) else actions
    made: Statement = {
        "Effect": "Allow",
        "Action": [name if ":" in name else f"sagemaker:{name}" for name in names],
        "Resource": [resources] if isinstance(resources, str) else resources,
    }
    return made | ({"Condition": condition} if condition else {})


ANN = "arn:aws:iam::123456789012:user/ann"
CREATE, CREATE_CONFIG = allow("CreateEndpoint", [ENDPOINT, CONFIG]), allow("CreateEndpointConfig", CONFIG)


def policy(*statements: Statement, name: str = "own") -> Policy:
    return parsed(*statements, name=name)


def remedy(
    *statements: Statement,
    requests: Sequence[Request] = CREATES,
    boundary: Sequence[Statement] = (),
    unchangeable: Sequence[str] = (),
) -> Remedy | None:
    policies = PolicySet(identity=[policy(*statements)], boundary=policy(*boundary, name="edge") if boundary else None)

    def decide(under: PolicySet) -> list[Any]:
        return [evaluate(request, under) for request in requests]

    return remedy_for(World(policies, decide, ANN, unchangeable=frozenset(unchangeable)))


def offered(found: Remedy | None) -> list[Statement]:
    assert found is not None
    assert found.policy is not None
    statements: Any = found.policy["Statement"]
    return list(statements)


def added_lines(found: Remedy | None) -> list[str]:
    """What the offered change puts into a policy, without the punctuation of JSON."""
    assert found is not None
    lines = (found.diff or "").splitlines()
    return [line[1:].strip(' ",') for line in lines if line.startswith("+") and not line.startswith("+++")]


def test_the_statement_that_is_missing_is_offered_and_no_more() -> None:
    found = remedy(CREATE)

    assert offered(found) == [allow("CreateEndpointConfig", CONFIG)]
    assert found is not None
    assert found.proved
    assert found.text == (
        f"allow sagemaker:CreateEndpointConfig on {CONFIG}: add the statement to a policy of user ann "
        "(ask whoever administers the principal): with it, the deployment passes"
    )


def test_actions_share_a_statement_only_where_their_resources_are_the_same() -> None:
    assert offered(remedy(allow("s3:GetObject", "*"))) == [
        allow("CreateEndpointConfig", CONFIG),
        allow("CreateEndpoint", [CONFIG, ENDPOINT]),
    ]


def test_nothing_is_offered_where_nothing_is_denied_or_something_is_open() -> None:
    perhaps = {"StringEquals": {"aws:PrincipalTag/team": "ml"}}

    assert remedy(CREATE, CREATE_CONFIG) is None
    assert remedy({**CREATE, "Condition": perhaps}) is None


@pytest.mark.parametrize(
    ("request_", "condition"),
    [
        (PASSING, SAGEMAKER),
        (
            Request("sagemaker:AddTags", ENDPOINT, context={"sagemaker:TaggingAction": "CreateEndpoint"}),
            {"StringEquals": {"sagemaker:TaggingAction": "CreateEndpoint"}},
        ),
        (
            Request(
                "s3:ListBucket",
                "arn:aws:s3:::models",
                context={"s3:prefix": "churn/*"},
            ),
            {"StringLike": {"s3:prefix": "churn/*"}},
        ),
    ],
)
def test_a_statement_is_for_the_purpose_of_the_call_alone(request_: Request, condition: Statement) -> None:
    (statement,) = offered(remedy(allow("s3:GetObject", "*"), requests=[request_]))

    assert statement == allow(request_.action, request_.resource, condition)


def test_a_call_that_is_made_for_two_purposes_is_offered_for_both() -> None:
    """Scalable targets have one ARN, and one role may be passed to two services."""
    to_scaling = "application-autoscaling.amazonaws.com"
    requests = [PASSING, Request("iam:PassRole", ROLE, context={"iam:PassedToService": to_scaling})]
    found = remedy(allow("s3:GetObject", "*"), requests=requests)

    assert [one["Condition"]["StringEquals"]["iam:PassedToService"] for one in offered(found)] == [
        "sagemaker.amazonaws.com",
        to_scaling,
    ]
    assert found is not None
    assert found.text.startswith(f"allow iam:PassRole on {ROLE}: add the statement to ")


def test_each_key_of_a_purpose_has_an_operator() -> None:
    assert set(PURPOSE_OPERATORS) == set(PURPOSES)


ELSEWHERE = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}


@pytest.mark.parametrize(
    ("statements", "lines"),
    [
        # one resource, one action, one value of a condition more
        ([allow("CreateEndpoint", ENDPOINT), CREATE_CONFIG], [ENDPOINT, CONFIG]),
        # on an endpoint, CreateEndpointConfig is nothing
        ([CREATE], ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]),
        ([CREATE, allow("CreateEndpointConfig", CONFIG, ELSEWHERE)], ["us-east-1", "eu-west-1"]),
    ],
)
def test_a_change_is_offered_where_it_allows_only_what_is_needed(statements: list[Statement], lines: list[str]) -> None:
    found = remedy(*statements)

    assert added_lines(found) == lines
    assert offered(found)


TAGS_CONFIG = {"StringEquals": {"sagemaker:TaggingAction": "CreateEndpointConfig"}}


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        # a wildcard would be handed on
        (allow("Create*", ENDPOINT), CREATES[0]),
        (allow("CreateEndpoint", f"{ENDPOINT}*"), CREATES[0]),
        # another action of the statement would be allowed on the resource too
        (allow(["CreateEndpointConfig", "DescribeEndpointConfig"], f"{CONFIG}-old"), CREATES[0]),
        # the statement passes a role to any service
        (allow("iam:PassRole", f"{ROLE}-old"), PASSING),
        (allow("iam:GetRole", ROLE), PASSING),
        (allow("iam:PassRole", f"{ROLE}-old", {"StringLike": {"iam:PassedToService": "*"}}), PASSING),
        # the other resource of the statement would get the value too
        (
            allow("AddTags", [ENDPOINT, CONFIG], TAGS_CONFIG),
            Request("sagemaker:AddTags", ENDPOINT, context={"sagemaker:TaggingAction": "CreateEndpoint"}),
        ),
        # the value would be a pattern in the policy
        (
            allow("s3:ListBucket", "arn:aws:s3:::models", {"StringLike": {"s3:prefix": "fraud/*"}}),
            Request("s3:ListBucket", "arn:aws:s3:::models", context={"s3:prefix": "churn/*"}),
        ),
        (
            allow("CreateEndpointConfig", CONFIG, {"StringEquals": {"aws:RequestTag/team": "ml"}}),
            Request("sagemaker:CreateEndpointConfig", CONFIG, context={"aws:RequestTag/team": "${aws:username}"}),
        ),
    ],
)
def test_no_change_is_offered_that_would_allow_more(statement: Statement, denied: Request) -> None:
    found = remedy(statement, requests=[denied])

    assert found is not None
    assert found.policy is not None
    assert found.diff is None


def test_a_statement_for_the_same_purpose_may_take_one_role_more() -> None:
    found = remedy(allow("iam:PassRole", f"{ROLE}-old", SAGEMAKER), requests=[PASSING])

    assert added_lines(found) == [f"{ROLE}-old", ROLE]


def test_a_policy_of_aws_is_not_changed() -> None:
    found = remedy(allow("CreateEndpoint", ENDPOINT), CREATE_CONFIG, unchangeable=["own"])

    assert found is not None
    assert (found.diff, found.policy is None) == (None, False)


def test_a_deny_is_named_with_its_owner_and_no_statement_is_offered() -> None:
    guard = {"Sid": "Guard", "Effect": "Deny", "Action": "sagemaker:*Config", "Resource": "*"}

    found = remedy(CREATE, CREATE_CONFIG, guard)

    assert found is not None
    assert (found.policy, found.diff, found.proved) == (None, None, True)
    assert "statement Guard" in found.text
    assert found.text.endswith("ask whoever administers the principal; without it, the deployment passes")


def test_a_deny_of_a_policy_of_aws_goes_with_the_policy() -> None:
    guard = {"Sid": "Guard", "Effect": "Deny", "Action": "sagemaker:*Config", "Resource": "*"}

    found = remedy(CREATE, CREATE_CONFIG, guard, unchangeable=["own"])

    assert found is not None
    assert "ask whoever administers the principal to detach that policy, which is AWS's" in found.text


def test_what_stops_it_after_a_deny_is_named_too() -> None:
    guard = {"Sid": "Guard", "Effect": "Deny", "Action": "sagemaker:*Config", "Resource": "*"}

    found = remedy(CREATE, CREATE_CONFIG, guard, boundary=[CREATE])

    assert found is not None
    assert found.policy is None
    assert "without it, the permissions boundary still stops it" in found.text


def test_a_boundary_is_widened_by_what_it_lacks() -> None:
    found = remedy(CREATE, CREATE_CONFIG, boundary=[CREATE])

    assert offered(found) == [allow("CreateEndpointConfig", CONFIG)]
    assert found is not None
    assert "add the statement to the permissions boundary edge" in found.text
    assert "whoever administers the account's permissions boundaries" in found.text
    assert found.diff is None


def test_a_boundary_of_aws_has_no_remedy() -> None:
    assert remedy(CREATE, CREATE_CONFIG, boundary=[CREATE], unchangeable=["edge"]) is None


def test_an_scp_is_the_organizations_to_change() -> None:
    scp = Policy.parse({"Version": "2012-10-17", "Statement": [CREATE]}, name="scp", layer=PolicyType.SCP)
    policies = PolicySet(identity=[policy(CREATE, CREATE_CONFIG)], scps=[[scp]])

    assert remedy_for(World(policies, lambda under: [evaluate(one, under) for one in CREATES])) is None


def test_a_change_is_a_diff_of_the_policy_as_it_is() -> None:
    found = remedy(allow("CreateEndpoint", ENDPOINT), CREATE_CONFIG)

    assert found is not None
    assert found.diff is not None
    assert found.diff.startswith("--- own (now)\n+++ own (changed)\n")
    assert json.dumps(CONFIG) in found.diff


def test_another_value_is_offered_only_where_each_action_of_the_statement_needs_it() -> None:
    offered = remedy(
        allow(["CreateEndpoint", "AddTags"], ENDPOINT, {"StringEquals": {"aws:RequestTag/team": "a"}}),
        requests=[
            Request("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:RequestTag/team": "b"}),
            Request("sagemaker:AddTags", ENDPOINT, context={"aws:RequestTag/team": "a"}),
        ],
    )
    assert offered is not None
    assert offered.diff is None
