"""Many requests are decided as each would be, in order, and only as far as somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iamcheck
from iamcheck import InvalidInputError, PolicySet, Request, evaluate, evaluate_many
from iamcheck.iam.model import ContextValue, KeyType
from tests.documents import allow, deny, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

POLICIES = PolicySet(
    identity=[
        parsed(
            allow(["s3:*", "kms:Decrypt"], "*", Condition={"StringLike": {"aws:RequestedRegion": "eu-*"}}),
            allow("iam:PassRole", "arn:aws:iam::*:role/${aws:PrincipalTag/team}"),
            deny("s3:Delete*", "*", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "true", "1"]}}),
            deny("*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        )
    ],
)
VALUES = (
    st.sampled_from(["eu-west-1", "us-east-1", "a", "true", "1", ""])
    | st.booleans()
    | st.integers(0, 1)
    | st.lists(st.sampled_from(["a", "b", "1"]), max_size=2)
    | st.lists(st.sampled_from(["a", "b", "1"]), max_size=2).map(tuple)
    | st.builds(ContextValue, st.just(("a",)), st.sampled_from([None, KeyType.STRING, KeyType.STRING_LIST]))
)
KEYS = st.sampled_from(
    ["aws:RequestedRegion", "AWS:requestedregion", "aws:TagKeys", "aws:PrincipalTag/team", "aws:MultiFactorAuthPresent"]
)
FIELDS = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["s3:GetObject", "S3:getobject", "s3:DeleteObject", "kms:Decrypt", "iam:PassRole"]),
        "resource": st.sampled_from(
            [
                "*",
                "arn:aws:s3:::b/k",
                "arn:aws:iam::123456789012:role/a",
                "arn:aws:kms:eu-west-1:210987654321:key/k",
                "x",
            ]
        ),
    },
    optional={
        "principal": st.sampled_from(
            [None, "arn:aws:iam::123456789012:role/ci", "arn:aws:iam::123456789012:user/ann", "sagemaker.amazonaws.com"]
        ),
        "context": st.dictionaries(KEYS, VALUES, max_size=3),
        "absent": st.lists(KEYS, max_size=2) | st.lists(KEYS, max_size=2).map(tuple),
        "wildcards_are_text": st.booleans(),
    },
)


def outcome(fields: Mapping[str, Any]) -> object:
    try:
        request = Request(**{**fields, "absent": tuple(fields.get("absent", ()))})
    except InvalidInputError as error:
        return error.what
    return evaluate(request, POLICIES)


@given(st.lists(FIELDS, min_size=1, max_size=12))
def test_a_mapping_is_decided_as_the_request_of_its_fields(rows: list[dict[str, Any]]) -> None:
    # twice over, so that what is prepared once is met again
    expected = [outcome(row) for row in rows]
    answers = evaluate_many(
        (row for row, each in [*zip(rows, expected, strict=True)] * 2 if not isinstance(each, str)), POLICIES
    )
    good = [one for one in expected if not isinstance(one, str)] * 2
    for answer, alone in zip(answers, good, strict=True):
        assert answer == alone
        assert isinstance(alone, iamcheck.Evaluation)
        assert vars(answer.request).keys() == vars(alone.request).keys()
        assert (answer.request.known, answer.request.absent_keys) == (alone.request.known, alone.request.absent_keys)
    for row, each in zip(rows, expected, strict=True):
        if isinstance(each, str):
            with pytest.raises(InvalidInputError) as raised:
                list(evaluate_many([row], POLICIES))
            assert raised.value.what == each


def test_requests_and_mappings_may_be_mixed_and_are_read_one_at_a_time() -> None:
    read: list[int] = []

    def rows() -> Iterator[Request | Mapping[str, object]]:
        for n in range(4):
            read.append(n)
            yield Request("s3:GetObject", "*") if n % 2 else {"action": "s3:GetObject", "resource": "*"}

    answers = evaluate_many(rows(), POLICIES)
    assert read == []
    first = next(answers)
    assert read == [0]
    assert [first, *answers] == [evaluate(Request("s3:GetObject", "*"), POLICIES)] * 4


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({}, "request 2, action: not given as a text"),
        ({"action": "s3:GetObject"}, "request 2, resource: not given as a text"),
        ({"action": 7, "resource": "*"}, "request 2, action: not given as a text"),
        ({"action": "s3:*", "resource": "*"}, "'s3:\\*' is not an action"),
        ({"action": "s3:GetObject", "resource": "*", "principle": "x"}, "did you mean principal"),
        ({"action": "s3:GetObject", "resource": "*", "principal": 7}, "request 2, principal: it is no text"),
        ({"action": "s3:GetObject", "resource": "*", "context": []}, "request 2, context: it is no mapping"),
        ({"action": "s3:GetObject", "resource": "*", "context": {1: "a"}}, "request 2, context: it is no mapping"),
        ({"action": "s3:GetObject", "resource": "*", "absent": "aws:SourceIp"}, "request 2, absent: it is no list"),
        ({"action": "s3:GetObject", "resource": "*", "absent": [1]}, "request 2, absent: it is no list"),
        ({"action": "s3:GetObject", "resource": "*", "absent": 1}, "request 2, absent: it is no list"),
    ],
)
def test_a_request_that_cannot_be_used_is_named(bad: Mapping[str, object], why: str) -> None:
    answers = evaluate_many([{"action": "s3:GetObject", "resource": "*"}, bad], POLICIES)
    assert next(answers).request.action == "s3:GetObject"
    with pytest.raises(InvalidInputError, match=why):
        next(answers)


def test_what_is_no_mapping_is_no_request() -> None:
    with pytest.raises(InvalidInputError, match="request 1: a str is no request"):
        list(evaluate_many(["s3:GetObject"], POLICIES))  # type: ignore[list-item]
