"""The trace of a statement names the element that failed, what it wanted and what the request had."""

from __future__ import annotations

from iamcheck.iam.engine.explain import explain
from iamcheck.iam.model import Effect, Policy, PolicySet, Request

DEPLOYER = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Other", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
            {
                "Sid": "Far",
                "Effect": "Allow",
                "Action": "sagemaker:*",
                "Resource": "arn:aws:sagemaker:*:*:endpoint/a",
                "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
            },
            {
                "Sid": "Near",
                "Effect": "Allow",
                "NotAction": "iam:*",
                "NotResource": "arn:aws:sagemaker:*:*:endpoint/a",
                "Condition": {
                    "StringEquals": {"aws:RequestedRegion": "us-east-1"},
                    "StringLike": {"aws:PrincipalTag/team": "${aws:PrincipalTag/Other}"},
                },
            },
            {
                "Sid": "Denies",
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Null": {"aws:x": "true"}},
            },
        ],
    },
    name="deployer",
)
REQUEST = Request(
    "sagemaker:CreateEndpoint",
    "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/b",
    context={"aws:RequestedRegion": "eu-west-1"},
)


def test_the_nearest_miss_comes_first() -> None:
    traces = explain(REQUEST, PolicySet(identity=[DEPLOYER]))
    assert [trace.ref.sid for trace in traces] == ["Denies", "Near", "Far", "Other"]
    assert [trace.matched for trace in traces] == [None, False, False, False]
    assert traces[0].effect is Effect.DENY


def test_an_element_that_fails_says_what_it_wanted_and_what_there_was() -> None:
    _, near, far, other = explain(REQUEST, PolicySet(identity=[DEPLOYER]))
    (condition,) = near.failed
    assert (condition.operator, condition.key) == ("StringEquals", "aws:RequestedRegion")
    assert (condition.wanted, condition.had) == (("us-east-1",), ("eu-west-1",))
    assert [element.element for element in near.elements] == ["NotAction", "NotResource", "Condition", "Condition"]
    assert [element.element for element in far.failed] == ["Resource", "Condition"]
    assert far.failed[0].had == (REQUEST.resource,)
    assert [element.wanted for element in other.failed] == [("s3:GetObject",)]


def test_unknown_keys_are_named_in_the_policys_spelling() -> None:
    traces = {trace.ref.sid: trace for trace in explain(REQUEST, PolicySet(identity=[DEPLOYER]))}
    tags = traces["Near"].elements[3]
    assert tags.matched is None
    assert tags.had is None
    assert tags.unknown == ("aws:PrincipalTag/team", "aws:PrincipalTag/Other")


def test_principals_are_traced() -> None:
    bucket = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "*"},
                {"Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"},
            ],
        }
    )
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", "arn:aws:iam::210987654321:user/u")
    allow, deny = explain(request, PolicySet(resource=bucket))
    assert allow.failed[0].element == "Principal"
    assert allow.failed[0].wanted == ("123456789012",)
    assert allow.failed[0].had == ("arn:aws:iam::210987654321:user/u",)
    assert deny.failed[0].element == "NotPrincipal"
    nobody = explain(Request("s3:GetObject", "arn:aws:s3:::b/k"), PolicySet(resource=bucket))
    assert [element.matched for element in nobody[0].elements] == [True, True, None]
