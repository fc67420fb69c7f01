"""Laws of parsing: nothing is lost, nothing unknown gets through, and bad input ends in one kind of error."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iamcheck.errors import InvalidInputError, UnsupportedElementError
from iamcheck.iam.model import Policy
from tests.profiles import examples
from tests.property.policies import documents

JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["*", "Allow"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(
                st.text(max_size=5),
                st.sampled_from(["Version", "Statement", "Effect", "Action", "Resource", "Principal", "Condition"]),
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@examples(50)
@given(documents())
def test_json_loses_nothing(document: dict[str, Any]) -> None:
    policy = Policy.parse(document)
    assert Policy.parse(policy.to_json()) == policy
    assert Policy.parse(policy.to_dict()) == policy
    assert policy.to_dict() == Policy.parse(policy.to_dict()).to_dict()


@examples(50)
@given(documents(), st.sampled_from([None, 0, 3, "\t"]), st.booleans())
def test_text_and_object_say_the_same(document: dict[str, Any], indent: int | str | None, escaped: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=escaped)
    policy = Policy.parse(document)
    assert Policy.parse(text) == policy
    assert Policy.parse(text.encode()) == policy


@examples(50)
@given(documents(), st.sampled_from([None, 2]), st.sampled_from(["\n", "\r", "\r\n"]))
def test_places_cut_the_statements_out_of_the_text(document: dict[str, Any], indent: int | None, newline: str) -> None:
    text = json.dumps(document, indent=indent).replace("\n", newline)
    lines = re.split(r"\r\n|\r|\n", text)
    starts = [sum(len(line) + len(newline) for line in lines[:n]) for n in range(len(lines))]
    listed = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for statement, expected in zip(Policy.parse(text).statements, listed, strict=True):
        assert statement.start is not None
        assert statement.end is not None
        begin, end = (starts[place.line - 1] + place.column - 1 for place in (statement.start, statement.end))
        found = text[begin:end].lstrip(", \r\n")
        assert json.loads(found if found.startswith("{") else "{" + found) == expected


def _objects(value: object) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [one for item in value for one in _objects(item)]
    return [value, *(one for item in value.values() for one in _objects(item))] if isinstance(value, dict) else []


@examples(50)
@given(documents(), st.data(), st.sampled_from(["Effekt", "action", "Conditions", "x", ""]))
def test_an_unknown_element_anywhere_is_refused_by_name(
    document: dict[str, Any], data: st.DataObject, name: str
) -> None:
    data.draw(st.sampled_from(_objects(document)))[name] = {}
    with pytest.raises(UnsupportedElementError) as caught:
        Policy.parse(json.dumps(document))
    assert repr(name) in str(caught.value) or f".{name}" in caught.value.where


@examples(50)
@given(documents(), st.data())
def test_a_duplicated_key_anywhere_is_refused_by_name(document: dict[str, Any], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from([one for one in _objects(document) if one]))
    name = data.draw(st.sampled_from(sorted(chosen)))
    value = chosen.pop(name)
    chosen["@first"], chosen["@second"] = value, value
    text = json.dumps(document).replace('"@first"', json.dumps(name)).replace('"@second"', json.dumps(name))
    with pytest.raises(InvalidInputError, match="duplicate key"):
        Policy.parse(text)


def _only_refuses(document: Any) -> None:  # noqa: ANN401  whatever a caller may hand over
    for stored in (True, False):
        policy: Policy | None = None
        message = "one line"
        try:
            policy = Policy.parse(document, stored=stored)
        except InvalidInputError as error:
            message = str(error)
        assert len(message.splitlines()) == 1
        assert message.encode()
        assert policy is None or Policy.parse(policy.to_json(), stored=stored) == policy


@given(JSON)
def test_any_object_is_read_or_refused(value: object) -> None:
    _only_refuses(value)


@given(st.one_of(st.text(), st.binary(), st.text('{}[]":, \\u0aStatementEffect\ud800\ufeff\0\n')))
@example("\ufeff\ufeff{}")
@example('{"\\ud800":{}}')
@example('"\\')
@example('"\\u')
@example("-")
@example("{\x0b}")
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    _only_refuses(text)


@examples(50)
@given(documents(), st.data())
def test_a_damaged_document_is_read_or_refused(document: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(document, indent=data.draw(st.sampled_from([None, 1])))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        put = data.draw(st.one_of(st.text(max_size=2), st.sampled_from(list('{}[]",:\\$*')), st.just("${")))
        text = text[:at] + put + text[at + data.draw(st.integers(0, 4)) :]
    _only_refuses(text)


@pytest.mark.slow
@examples(800)
@given(documents(), documents(), st.data())
def test_spliced_documents_are_read_or_refused(one: dict[str, Any], two: dict[str, Any], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(_objects(one)))
    other = data.draw(st.sampled_from(_objects(two)))
    if other:
        name = data.draw(st.sampled_from(sorted(other)))
        chosen[name] = data.draw(st.sampled_from([other[name], [other[name]], {name: other[name]}, None, 5, "", []]))
    _only_refuses(json.dumps(one))
