"""What `Policy.parse` takes and what it refuses, case by case; every case names its source."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.errors import InvalidInputError, UnsupportedElementError
from iamcheck.iam.model import Condition, Effect, Operator, Policy, PolicyType, Statement
from iamcheck.iam.model.json_text import read_text
from iamcheck.iam.model.operators import Family, operators, parse_operator
from iamcheck.iam.policy_input import policy_of

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = Path(__file__).parents[3] / "cases" / "parse"


def _rows(name: str) -> list[Any]:
    return [pytest.param(row, id=row["rule"]) for row in json.loads((CASES / name).read_text(encoding="utf-8"))]


def _document(row: Mapping[str, Any]) -> str | Mapping[str, object]:
    return row["text"] if "text" in row else row["document"]  # type: ignore[no-any-return]  # the row says which


def _layer(row: Mapping[str, Any]) -> PolicyType | None:
    return PolicyType(row["layer"]) if "layer" in row else None


@pytest.mark.parametrize("row", _rows("refused.json"))
def test_refused_with_place_and_cure(row: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Policy.parse(_document(row), layer=_layer(row))
    assert caught.value.where == row["where"]
    assert row["what"] in caught.value.what
    assert row.get("cure", "") in caught.value.cure
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("row", [row for row in _rows("refused.json") if "document" in row.values[0]])
def test_text_is_refused_as_the_object_is_and_names_the_line(row: Mapping[str, Any]) -> None:
    # one line for each value, so that the line is that of the element and of nothing else
    text = json.dumps(row["document"], indent=1)
    with pytest.raises(UnsupportedElementError) as caught:
        Policy.parse(text, layer=_layer(row))
    line, _, path = caught.value.where.partition(", ")
    assert (path or "document") == row["where"]
    last = row["where"].rpartition(".")[2]
    named = text.splitlines()[int(line.removeprefix("line ")) - 1]
    assert last.endswith("]") or last == "document" or f'"{last}":' in named
    assert row["what"] in caught.value.what


@pytest.mark.parametrize("row", _rows("refused.json"))
def test_only_what_iam_does_not_store_is_taken_unstored(row: Mapping[str, Any]) -> None:
    if row.get("stored_only"):
        assert Policy.parse(_document(row), stored=False).statements
    else:
        with pytest.raises(InvalidInputError):
            Policy.parse(_document(row), layer=_layer(row), stored=False)


@pytest.mark.parametrize("row", _rows("accepted.json"))
def test_accepted(row: Mapping[str, Any]) -> None:
    policy = Policy.parse(_document(row), layer=_layer(row))
    assert policy.to_dict() == row["canonical"]
    assert Policy.parse(policy.to_json(indent=2)) == policy


def test_the_name_comes_first_in_an_error_and_stays_on_the_policy() -> None:
    with pytest.raises(UnsupportedElementError, match=r"^deployer, line 1, Statement: Statement is empty \("):
        Policy.parse('{"Statement": []}', name="deployer")
    assert Policy.parse({"Statement": ALLOW}, name="deployer").name == "deployer"


ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def test_bytes_are_utf_8() -> None:
    text = json.dumps({"Statement": ALLOW})
    assert Policy.parse(text.encode("utf-8-sig")) == Policy.parse(text)
    with pytest.raises(InvalidInputError, match="UTF-16"):
        Policy.parse(text.encode("utf-16"))
    with pytest.raises(InvalidInputError, match="line 2: not UTF-8 text: byte 0xff at offset 2"):
        Policy.parse(b"{\n\xff}")


def test_the_callers_object_is_copied() -> None:
    actions = ["s3:GetObject"]
    document = {"Statement": [{**ALLOW, "Action": actions}]}
    before = json.dumps(document)
    policy = Policy.parse(document)
    assert json.dumps(document) == before
    actions.append("s3:PutObject")
    assert policy.statements[0].actions == ("s3:GetObject",)
    assert hash(policy) == hash(Policy.parse(before))


@pytest.mark.parametrize(
    ("document", "where", "what"),
    [
        ({"Version": date(2012, 10, 17), "Statement": ALLOW}, "Version", 'quote it: "2012-10-17"'),
        ({"Statement": {**ALLOW, "Action": {"s3:*"}}}, "Statement.Action", "a value of type set is not JSON"),
        ({"Statement": {5: "x"}}, "Statement", "the key '5' is not a text"),
        ({"Statement": {**ALLOW, "Sid": "\ud800"}}, "Statement.Sid", "surrogate"),
        ({"Statement": {**ALLOW, "Sid": float("nan")}}, "Statement.Sid", "cannot be written as JSON"),
        ({"Statement": {**ALLOW, "Sid": float("inf")}}, "Statement.Sid", "cannot be written as JSON"),
        ({"Statement": {**ALLOW, "Sid": 10**5000}}, "Statement.Sid", "cannot be written as JSON"),
        ([ALLOW], "document", "not a list"),
        (None, "document", "not null"),
        (bytearray(b"{}"), "document", "a value of type bytearray is not JSON"),
    ],
)
def test_objects_that_are_no_json(document: dict[str, object], where: str, what: str) -> None:
    with pytest.raises(UnsupportedElementError) as caught:
        Policy.parse(document)
    assert caught.value.where == where
    assert what in str(caught.value)


def test_an_object_that_holds_itself_is_refused() -> None:
    document: dict[str, object] = {}
    document["Statement"] = document
    with pytest.raises(UnsupportedElementError, match="nested more than 32 levels deep"):
        Policy.parse(document)


def test_texts_of_other_types_are_plain_afterwards() -> None:
    policy = Policy.parse({"Statement": ({**ALLOW, "Effect": Effect.DENY},)})
    assert policy.statements[0].effect is Effect.DENY
    assert policy == Policy.parse(policy.to_dict())


def test_a_hundred_thousand_brackets_are_no_traceback() -> None:
    with pytest.raises(InvalidInputError, match="nested more than 32 levels deep"):
        Policy.parse('{"Statement":' * 100_000)


def _of_length(length: int) -> str:
    text = json.dumps({"Id": "", "Statement": ALLOW}, ensure_ascii=False)
    return text.replace('"Id": ""', f'"Id": "{"é" * (length - len(text))}"')


def test_a_text_may_be_bounded_and_an_object_is_not() -> None:
    text = _of_length(300)
    assert Policy.parse(text, longest=300) == Policy.parse(text.encode(), longest=300) == Policy.parse(text)
    for longer in (f"{text} ", f" {text}", _of_length(301), _of_length(301).encode()):
        with pytest.raises(InvalidInputError, match=r"^longer than 300 characters"):
            Policy.parse(longer, longest=300)
    assert Policy.parse(json.loads(_of_length(301)), longest=300).id


def test_a_policy_that_a_caller_gives_has_as_many_characters_as_aws_takes() -> None:
    """API_SimulateCustomPolicy: 131,072 characters."""
    assert policy_of(_of_length(131_072), name="own", layer=PolicyType.IDENTITY).id
    with pytest.raises(InvalidInputError, match=r"^own: longer than 131,072 characters"):
        policy_of(_of_length(131_073), name="own", layer=PolicyType.IDENTITY)


@pytest.mark.slow
@pytest.mark.parametrize("item", ["0,", "[],", "{},", '"",'])
def test_json_of_very_many_values_is_refused_before_they_are_all_read(item: str) -> None:
    text = f"[{item * 1_000_000}0]"
    with pytest.raises(InvalidInputError, match=r"^line 1, \[199999\]: more than 200,000 values"):
        read_text(text)
    assert isinstance(read_text(f"[{item * 199_998}0]").value, list)


def test_an_operator_and_key_given_twice_have_no_json() -> None:
    condition = Condition(parse_operator("StringLike"), "aws:username", ("a*",))
    policy = Policy((Statement(Effect.ALLOW, actions=("*",), resources=("*",), conditions=(condition, condition)),))
    with pytest.raises(InvalidInputError, match=r"Statement\[0\]\.Condition: StringLike has the key"):
        policy.to_dict()


def test_every_operator_is_found_by_its_name() -> None:
    # the page reference_policies_elements_condition_operators: 27 operators, two set operators; Null takes no IfExists
    assert len(operators()) == 26 * 3 * 2 + 3
    assert all(parse_operator(str(operator)) is operator for operator in operators().values())
    negated = {operator.base for operator in operators().values() if operator.negated}
    assert negated == {base for base in (operator.base for operator in operators().values()) if "Not" in base}
    for operator in operators().values():
        family = "IpAddress" if "IpAddress" in operator.base else operator.family.value
        assert operator.base.startswith(family) or operator.base == "NotIpAddress"
    assert parse_operator("NotIpAddress") == Operator("NotIpAddress", Family.IP, True)
