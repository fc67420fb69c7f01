"""Many requests are decided as each would be, in order, and only as far as somebody asks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iamcheck
from iamcheck import InvalidInputError, PolicySet, Request, evaluate, evaluate_many
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import ContextValue, KeyType
from tests.documents import allow, deny, parsed

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


class _Record(Mapping[str, object]):
    """A mapping that is no dict."""

    def __init__(self, **fields: object) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> object:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


_CONTEXTS: list[Any] = [
    {},
    None,
    {"aws:RequestedRegion": "eu-west-1"},
    {"AWS:requestedregion": "eu-west-1"},
    {"aws:RequestedRegion": ["eu-west-1"]},
    {"aws:RequestedRegion": ("eu-west-1",)},
    {"aws:TagKeys": ["a", "b"]},
    {"aws:TagKeys": ["b", "a"]},
    {"aws:TagKeys": "a"},
    {"aws:TagKeys": True},
    {"aws:TagKeys": 1},
    {"aws:TagKeys": "1"},
    {"aws:TagKeys": [1]},
    {"aws:TagKeys": []},
    MappingProxyType({"aws:RequestedRegion": "eu-west-1"}),
    {"aws:PrincipalAccount": "123456789012"},
    {"aws:RequestedRegion": "eu-west-1", "aws:PrincipalTag/team": "a"},
    {"aws:PrincipalTag/team": "a", "aws:RequestedRegion": "eu-west-1"},
]
_ABSENT: list[Any] = [
    (),
    ["aws:TagKeys"],
    ("aws:TagKeys",),
    {"aws:TagKeys"},
    ["aws:MultiFactorAuthPresent", "aws:TagKeys"],
]
_RESOURCES = [
    "*",
    "arn:aws:s3:::b/k",
    "arn:aws:iam::123456789012:role/a",
    "arn:aws:iam::210987654321:role/a",
    "arn:aws:iam",
    "x:a:b:c:123456789012:d",
]


def test_every_row_is_decided_as_the_request_of_its_fields_whatever_stood_before_it() -> None:
    rows: list[dict[str, Any]] = [
        {"action": action, "resource": resource, "principal": principal, "context": context, "absent": absent}
        for context, absent, resource, (action, principal) in itertools.product(
            _CONTEXTS,
            _ABSENT,
            _RESOURCES,
            [
                ("s3:DeleteObject", None),
                ("iam:PassRole", "arn:aws:iam::123456789012:role/ci"),
                ("IAM:passrole", "arn:aws:iam::123456789012:user/ann"),
            ],
        )
    ]
    rows = [row for row in rows if "aws:TagKeys" not in (row["context"] or {}) or not row["absent"]]
    alone = [
        evaluate(Request(**{**row, "context": dict(row["context"] or {}), "absent": tuple(row["absent"])}), POLICIES)
        for row in rows
    ]
    # forwards and backwards, and with what is left out: what was prepared for one row must not serve another
    both = [*rows, *reversed(rows)]
    for row, answer, expected in zip(both, evaluate_many(both, POLICIES), [*alone, *reversed(alone)], strict=True):
        assert answer == expected, row
        assert vars(answer.request) == vars(expected.request), row
    assert len({answer.decision for answer in alone}) == 3


@pytest.mark.parametrize("semantics", Semantics)
def test_rows_are_decided_with_the_semantics_that_are_asked_for(semantics: Semantics) -> None:
    row: dict[str, Any] = {
        "action": "iam:PassRole",
        "resource": "arn:aws:s3:::b",
        "principal": "arn:aws:iam::123456789012:role/ci",
    }
    (answer,) = evaluate_many([row], POLICIES, semantics=semantics)
    assert answer == evaluate(Request(**row), POLICIES, semantics=semantics)


def test_a_row_may_be_any_mapping_and_leave_out_what_has_a_default() -> None:
    short = {"action": "s3:GetObject", "resource": "*"}
    rows: list[Mapping[str, Any]] = [_Record(**short), short, {**short, "wildcards_are_text": True}, short]
    assert list(evaluate_many(rows, POLICIES)) == [
        evaluate(Request("s3:GetObject", "*", wildcards_are_text="wildcards_are_text" in row), POLICIES) for row in rows
    ]
    wild = {"action": "s3:Get*", "resource": "*", "wildcards_are_text": True}
    assert [answer.request.wildcards_are_text for answer in evaluate_many([wild, wild], POLICIES)] == [True, True]
    with pytest.raises(InvalidInputError, match=r"request 2.*'s3:Get\*' is not an action"):
        list(evaluate_many([wild, {**wild, "wildcards_are_text": False}], POLICIES))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"other": 1},
            "request 3: there is no field 'other' "
            "(known: absent, action, context, principal, resource, wildcards_are_text)",
        ),
        ({"actoin": 1}, "request 3: there is no field 'actoin' (did you mean action?)"),
        ({"resource": None}, "request 3, resource: not given as a text (every request has one)"),
        ({"action": b"s3:GetObject"}, "request 3, action: not given as a text (every request has one)"),
        ({"principal": ["x"]}, "request 3, principal: it is no text (give an ARN, or leave it out)"),
        ({"context": "x"}, 'request 3, context: it is no mapping (such as {"aws:SourceIp": "192.0.2.1"})'),
        ({"context": {1: "x"}}, 'request 3, context: it is no mapping (such as {"aws:SourceIp": "192.0.2.1"})'),
        ({"absent": {"aws:x": 1}}, 'request 3, absent: it is no list of keys (such as ["aws:SourceIp"])'),
        ({"absent": None}, 'request 3, absent: it is no list of keys (such as ["aws:SourceIp"])'),
        ({"absent": ["a", b"b"]}, 'request 3, absent: it is no list of keys (such as ["aws:SourceIp"])'),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_cure(change: Mapping[str, object], said: str) -> None:
    good: dict[str, object] = {
        "action": "s3:GetObject",
        "resource": "*",
        "principal": None,
        "context": {},
        "absent": [],
    }
    with pytest.raises(InvalidInputError) as raised:
        list(evaluate_many([good, good, {**good, **change}], POLICIES))
    assert str(raised.value) == said


def test_many_contexts_and_actions_are_decided_alike_past_what_is_kept() -> None:
    rows = [
        {"action": f"s3:Get{n}", "resource": "*", "context": {"aws:RequestedRegion": f"eu-{n}" if n % 2 else f"us-{n}"}}
        for n in range(4200)
    ]
    for _ in range(2):
        allowed = [answer.decision == "allowed" for answer in evaluate_many(rows, POLICIES)]
        assert allowed == [bool(n % 2) for n in range(4200)]
