"""Tags in the condition context: those that a request has for certain, and those that a stack may add."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.features import Tag, Tags
from iamcheck.deployment.unknown import UNKNOWN as LATER
from iamcheck.permissions import required
from tests.unit.permissions.states import ABSENT, UNKNOWN, state

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
PLAIN = Deployment.from_requests(
    {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    {"EndpointConfigName": "churn-v7", "ProductionVariants": [{"VariantName": "a", "InstanceType": "ml.m5.large"}]},
    **HERE,
)
TEAM = Tag("team", "ml")


def tagged(tags: Tags) -> Deployment:
    """A deployment whose endpoint and endpoint config are created with these tags."""
    assert PLAIN.endpoint_request is not None
    assert PLAIN.config_request is not None
    return replace(
        PLAIN,
        endpoint_request=replace(PLAIN.endpoint_request, tags=tags),
        config_request=replace(PLAIN.config_request, tags=tags),
    )


# CloudFormation User Guide, "Resource tags": stack-level tags, and CloudFormation's own aws:cloudformation:* tags
@pytest.mark.parametrize(
    ("tags", "team", "cost", "stack_name", "tag_keys"),
    [
        (Tags(), ABSENT, ABSENT, ABSENT, ABSENT),
        (Tags((TEAM,)), "ml", ABSENT, ABSENT, ["team"]),
        (Tags((TEAM,), ""), "ml", UNKNOWN, UNKNOWN, UNKNOWN),
        (Tags((), ""), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (Tags((TEAM,), "aws:cloudformation:"), "ml", ABSENT, UNKNOWN, UNKNOWN),
        (Tags((), "aws:cloudformation:"), ABSENT, ABSENT, UNKNOWN, UNKNOWN),
        # a value that is known only when the deployment is made
        (Tags((Tag("team", LATER),)), UNKNOWN, ABSENT, ABSENT, ["team"]),
        (Tags((Tag(LATER, "ml"),)), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (Tags((Tag("team", LATER),), "aws:cloudformation:"), UNKNOWN, ABSENT, UNKNOWN, UNKNOWN),
    ],
    ids=["none", "one", "open", "none-open", "stack", "none-stack", "value-later", "key-later", "value-later-stack"],
)
def test_a_tag_is_known_absent_or_may_be_added(
    tags: Tags, team: object, cost: object, stack_name: object, tag_keys: object
) -> None:
    creates = [one.request for one in required(tagged(tags)) if one.request.action.startswith("sagemaker:Create")]

    assert len(creates) == 3
    for request in creates:
        for family in ("aws:RequestTag/", "aws:ResourceTag/", "sagemaker:ResourceTag/"):
            assert state(request, f"{family}team") == team
            assert state(request, f"{family}CostCenter") == cost
            assert state(request, f"{family}aws:cloudformation:stack-name") == stack_name
        assert state(request, "aws:TagKeys") == tag_keys


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(Tags(), 0), (Tags((), ""), 0), (Tags((), "aws:cloudformation:"), 0), (Tags((TEAM,)), 2), (Tags((TEAM,), ""), 2)],
    ids=["none", "open", "stack", "one", "one-open"],
)
def test_tags_that_only_the_stack_may_add_are_no_need(tags: Tags, expected: int) -> None:
    actions = [one.request.action for one in required(tagged(tags))]

    assert actions.count("sagemaker:AddTags") == expected


def test_what_the_user_says_of_a_tag_settles_it() -> None:
    key = "aws:RequestTag/aws:cloudformation:stack-name"
    (request, *_) = (one.request for one in required(tagged(Tags((), "aws:cloudformation:"))))

    assert state(replace(request, absent=(*request.absent, key)), key) == ABSENT
    assert state(replace(request, context={**request.context, key: "churn"}), key) == "churn"


def test_nothing_is_known_of_the_tags_of_an_endpoint_that_is_updated() -> None:
    deployment = tagged(Tags((TEAM,)))
    assert deployment.written is not None
    updating = replace(deployment, written=replace(deployment.written, updates=True))
    for made, expected in ((deployment, "ml"), (updating, UNKNOWN)):
        described = [one.request for one in required(made, "deploy") if one.request.action.endswith("DescribeEndpoint")]
        assert [state(request, "aws:ResourceTag/team") for request in described] == [expected]


def test_an_endpoint_config_that_exists_may_have_tags_that_no_request_has() -> None:
    deployment = tagged(Tags((TEAM,)))
    assert deployment.written is not None
    existing = replace(deployment, written=replace(deployment.written, config_exists=True))
    stack = "aws:ResourceTag/aws:cloudformation:stack-name"

    (request,) = (one.request for one in required(existing) if ":endpoint-config/" in one.request.resource)

    assert state(request, "aws:ResourceTag/team") == "ml"
    assert state(request, "aws:ResourceTag/CostCenter") == ABSENT
    assert state(request, stack) == UNKNOWN
