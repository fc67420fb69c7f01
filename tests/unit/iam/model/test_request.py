"""A request prepares what the engine reads, and refuses what no request can hold."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import ContextInput, ContextValue, KeyType, Principal, PrincipalKind, Request
from iamcheck.iam.model.context import context_value

USER = "arn:aws:iam::123456789012:user/team/ann"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:q"


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        ("a", ["a"]),
        (True, ["true"]),
        (False, ["false"]),
        (10, ["10"]),
        (1.5, ["1.5"]),
        (Decimal("1.00"), ["1.00"]),
        (b"a", ["YQ=="]),
        (datetime(2030, 1, 1), ["2030-01-01T00:00:00.000Z"]),
        (datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=1))), ["2029-12-31T23:00:00.000Z"]),
        (["a", 1, True], ["a", "1", "true"]),
        (("a",), ["a"]),
        (ContextValue(("1",), KeyType.NUMERIC), ["1"]),
    ],
)
def test_python_values_become_text(raw: ContextInput, texts: list[str]) -> None:
    value = context_value(raw)
    assert list(value.values) == texts
    assert value.many is isinstance(raw, (list, tuple))


def test_a_given_type_says_whether_a_key_is_multivalued() -> None:
    assert context_value(ContextValue(("a",), KeyType.STRING_LIST)).many
    assert not context_value(ContextValue(("a",), KeyType.STRING, many=True)).many
    with pytest.raises(InvalidInputError, match="2 values for a key of type string"):
        context_value(ContextValue(("a", "b"), KeyType.STRING), where="aws:x")


@pytest.mark.parametrize("raw", [None, {"a": 1}, [None], {"a"}])
def test_other_python_values_are_refused(raw: object) -> None:
    with pytest.raises(InvalidInputError, match="no value of a context key"):
        Request("s3:GetObject", "*", context={"aws:x": raw})  # type: ignore[dict-item]


@pytest.mark.parametrize("action", ["GetObject", "s3:*", "s3:Get?bject"])
def test_an_action_is_one_action(action: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an action"):
        Request(action, "*")


def test_a_key_is_given_once() -> None:
    with pytest.raises(InvalidInputError, match="given twice"):
        Request("s3:GetObject", "*", context={"aws:x": "a", "AWS:X": "b"})
    with pytest.raises(InvalidInputError, match="given twice"):
        Request("s3:GetObject", "*", context={"aws:x": "a"}, absent=["AWS:X"])


def test_a_key_without_values_is_absent() -> None:
    request = Request("s3:GetObject", "*", context={"aws:TagKeys": []})
    assert request.absent_keys == {"aws:tagkeys"}
    assert not request.is_unknown("aws:tagkeys")
    assert request.is_unknown("aws:sourceip")


def test_the_request_says_who_asks_for_what() -> None:
    request = Request("sqs:SendMessage", QUEUE, USER)
    assert {key: value.values for key, value in request.known.items()} == {
        "aws:principalarn": (USER,),
        "aws:principalaccount": ("123456789012",),
        "aws:username": ("ann",),
        "aws:resourceaccount": ("123456789012",),
    }
    assert not request.given
    explicit = Request("sqs:SendMessage", QUEUE, USER, {"aws:UserName": "x"}, ["aws:PrincipalArn"])
    assert explicit.known["aws:username"].values == ("x",)
    assert "aws:principalarn" not in explicit.known


@pytest.mark.parametrize(
    ("text", "kind", "account", "name"),
    [
        (None, PrincipalKind.OTHER, "", ""),
        (USER, PrincipalKind.USER, "123456789012", "ann"),
        ("arn:aws:iam::123456789012:role/a/b", PrincipalKind.ROLE, "123456789012", "b"),
        ("arn:aws:sts::123456789012:assumed-role/b/s@x", PrincipalKind.SESSION, "123456789012", "b"),
        ("arn:aws:sts::123456789012:federated-user/f", PrincipalKind.FEDERATED, "123456789012", "f"),
        ("arn:aws:iam::123456789012:root", PrincipalKind.ROOT, "123456789012", ""),
        ("arn:aws:iam::123456789012:group/g", PrincipalKind.OTHER, "123456789012", "g"),
        ("sagemaker.amazonaws.com", PrincipalKind.SERVICE, "", ""),
        ("nobody", PrincipalKind.OTHER, "", ""),
    ],
)
def test_principals(text: str | None, kind: PrincipalKind, account: str, name: str) -> None:
    principal = Principal.read(text)
    assert (principal.kind, principal.account_id, principal.name) == (kind, account, name)


def test_accounts() -> None:
    bucket = "arn:aws:s3:::b/k"
    other = {"aws:ResourceAccount": "210987654321"}
    assert not Request("sqs:SendMessage", QUEUE, USER).is_across_accounts
    assert Request("s3:GetObject", bucket, USER, other).is_across_accounts
    assert not Request("s3:GetObject", bucket, USER).is_across_accounts
    assert not Request("sqs:SendMessage", QUEUE).is_across_accounts
    assert Request("sqs:SendMessage", QUEUE).is_ordinary
    assert not Request("sqs:SendMessage", QUEUE, "arn:aws:iam::123456789012:root").is_ordinary


def test_requests_are_equal_where_their_contexts_are() -> None:
    whole, fraction = (
        Request("s3:GetObject", "*", context={"aws:PrincipalAccount": account})
        for account in (111122223333, 111122223333.0)
    )
    assert whole == fraction
