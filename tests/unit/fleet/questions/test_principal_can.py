"""The policy of all layers never allows more than the layers do, and allows as much where it says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.fleet.questions.principal_can import deployment_actions, principal_can
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import UNREAD, Policy, PolicySet, Request, Unread
from tests.documents import allow, deny, parsed
from tests.profiles import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = "arn:aws:sagemaker:eu-west-1:123456789012"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
REGION = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
EMPTY = Policy((), "2012-10-17")


def written(
    identity: Sequence[dict[str, Any]],
    boundary: Sequence[dict[str, Any]] | Unread | None = None,
    scps: Sequence[Sequence[dict[str, Any]]] | Unread = (),
) -> tuple[list[Any], tuple[str, ...]]:
    limit = boundary if boundary is None or isinstance(boundary, Unread) else parsed(*boundary)
    levels = scps if isinstance(scps, Unread) else [[parsed(*one)] for one in scps]
    can = principal_can(PolicySet(identity=[parsed(*identity)] if identity else [], boundary=limit, scps=levels))
    found = can.policy.to_dict()["Statement"]
    assert isinstance(found, list)
    return found, can.words


def test_one_layer_is_written_with_the_actions_of_deployments() -> None:
    found, words = written([allow(["sagemaker:Create*", "s3:*"], f"{PLACE}:endpoint/*", Condition=REGION)])
    creates = [action for action in deployment_actions() if action.startswith("sagemaker:Create")]
    assert found == [
        {
            "Effect": "Allow",
            "Action": creates,
            "Resource": [f"{PLACE}:endpoint/*"],
            "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
        }
    ]
    assert words == ()


def test_the_narrower_of_two_layers_counts() -> None:
    found, words = written(
        [allow("sagemaker:*")],
        boundary=[allow(["sagemaker:CreateEndpoint"], [f"{PLACE}:endpoint/a*", "arn:aws:s3:::b"], Condition=MFA)],
        scps=[[allow("*")], [allow("*", f"{PLACE}:endpoint/ab"), deny("sagemaker:Delete*")]],
    )
    allowed, denied = found
    assert (allowed["Action"], allowed["Resource"]) == (["sagemaker:CreateEndpoint"], [f"{PLACE}:endpoint/ab"])
    assert allowed["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}
    assert denied["Effect"] == "Deny"
    assert "sagemaker:DeleteEndpoint" in denied["Action"]
    assert words == ()


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (allow("sagemaker:*", f"{PLACE}:endpoint/a*"), allow("sagemaker:*", f"{PLACE}:endpoint/*b"), "have in common"),
        (
            allow("sagemaker:*", "*", Condition=REGION),
            allow("sagemaker:*", "*", Condition={"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}}),
            "both hold",
        ),
        (allow("sagemaker:*"), {"Effect": "Allow", "Action": "*", "NotResource": f"{PLACE}:endpoint/x"}, "all but"),
    ],
)
def test_what_no_policy_can_say_is_in_words(first: dict[str, Any], second: dict[str, Any], why: str) -> None:
    found, words = written([first], boundary=[second])
    assert found == []
    assert why in " ".join(words)


@pytest.mark.parametrize(
    "layers",
    [{"boundary": UNREAD}, {"scps": UNREAD}],
)
def test_nothing_is_allowed_for_certain_where_a_layer_was_not_read(layers: dict[str, Any]) -> None:
    found, words = written([allow("*")], **layers)
    assert found == []
    assert words[0].startswith("not read: ")


RESOURCES = st.sampled_from(
    [
        "*",
        f"{PLACE}:endpoint/*",
        f"{PLACE}:endpoint/a*",
        f"{PLACE}:endpoint/*b",
        f"{PLACE}:endpoint/ab",
        f"{PLACE}:endpoint/?b",
        f"{PLACE}:endpoint/${{aws:username}}*",
        f"{PLACE}:endpoint/${{aws:PrincipalTag/team, 'ab'}}",
        f"{PLACE}:endpoint/a${{*}}",
        "arn:aws:sagemaker:*:*:endpoint/a*",
        "arn:aws:s3:::*",
    ]
)
STATEMENTS = st.builds(
    lambda effect, actions, resources, condition: {
        "Effect": effect,
        **actions,
        **resources,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(
        [
            {"Action": "sagemaker:CreateEndpoint"},
            {"Action": "SageMaker:*"},
            {"Action": "*"},
            {"NotAction": "sagemaker:Delete*"},
            {"Action": ["sagemaker:DeleteEndpoint", "iam:PassRole"]},
        ]
    ),
    st.lists(RESOURCES, min_size=1, max_size=2, unique=True).flatmap(
        lambda found: st.sampled_from([{"Resource": found}, {"Resource": found}, {"NotResource": found}])
    ),
    st.sampled_from(
        [
            None,
            None,
            MFA,
            REGION,
            {"StringLike": {"aws:RequestedRegion": "eu-*"}},
            {"StringEquals": {"AWS:requestedregion": ["eu-west-1", "us-east-1"]}},
            {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
            {"Null": {"aws:MultiFactorAuthPresent": "true"}},
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}},
            {"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}},
            {"StringEquals": {"aws:RequestTag/a": "${aws:username}"}},
        ]
    ),
)
DOCUMENTS = st.builds(
    lambda statements, version: {"Version": version, "Statement": statements},
    st.lists(STATEMENTS, min_size=1, max_size=3),
    st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
)
CONTEXTS: list[tuple[dict[str, str | bool | list[str]], tuple[str, ...]]] = [
    (
        {"aws:RequestedRegion": "eu-west-1", "aws:MultiFactorAuthPresent": True},
        ("aws:TagKeys", "aws:RequestTag/a", "aws:PrincipalTag/team"),
    ),
    (
        {
            "aws:RequestedRegion": "us-east-1",
            "aws:TagKeys": ["a", "z"],
            "aws:RequestTag/a": "ab",
            "aws:PrincipalTag/team": "a",
        },
        ("aws:MultiFactorAuthPresent",),
    ),
]
REQUESTS = [
    Request(action, resource, context=context, absent=absent, principal="arn:aws:iam::123456789012:user/ab")
    for action in ("sagemaker:CreateEndpoint", "sagemaker:DeleteEndpoint", "iam:PassRole")
    for resource in (f"{PLACE}:endpoint/ab", f"{PLACE}:endpoint/a", f"{PLACE}:endpoint/b", "arn:aws:s3:::x")
    for context, absent in CONTEXTS
]


@examples(150)
@given(
    st.lists(DOCUMENTS, max_size=2),
    st.none() | DOCUMENTS,
    st.lists(st.lists(DOCUMENTS, min_size=1, max_size=2), max_size=2),
)
def test_it_allows_no_more_than_the_layers_and_as_much_where_no_words_are_left(
    identity: list[dict[str, Any]], boundary: dict[str, Any] | None, scps: list[list[dict[str, Any]]]
) -> None:
    policies = PolicySet(
        identity=[Policy.parse(one) for one in identity],
        boundary=None if boundary is None else Policy.parse(boundary),
        scps=[[Policy.parse(one) for one in level] for level in scps],
    )
    can = principal_can(policies)
    alone = PolicySet(identity=[can.policy])
    for request in REQUESTS:
        whole, said = evaluate(request, policies), evaluate(request, alone)
        if said.allowed:
            assert whole.allowed
        if not any(re.search(rf"{request.action}\b", word) for word in can.words):
            # words name each action of which the policy does not say all
            assert said.allowed == whole.allowed
    assert can.policy == EMPTY or Policy.parse(can.policy.to_dict()).statements == can.policy.statements


def test_a_dollar_of_the_older_version_is_text() -> None:
    old = {
        "Version": "2008-10-17",
        "Statement": [allow("sagemaker:*", "arn:aws:sagemaker:*:*:endpoint/${aws:username}")],
    }
    can = principal_can(PolicySet(identity=[Policy.parse(old)]))
    assert can.policy.statements == ()
    assert "older Version" in can.words[0]
