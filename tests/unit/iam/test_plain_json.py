"""The quick reader of policies takes what the reader takes that knows every place, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Policy
from iamcheck.iam.model.json_text import JsonNode, Number, read_text
from iamcheck.iam.model.plain_json import read_plainly

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["Statement", "Version", "Id", "x"]), VALUES | st.lists(VALUES, max_size=3))


def bare(node: JsonNode) -> object:
    """The value without places, so that 1, 1.0 and true differ."""
    if isinstance(node.value, dict):
        return {key: bare(one) for key, one in node.value.items()}
    if isinstance(node.value, list):
        return [bare(one) for one in node.value]
    return ("number", node.value.text) if isinstance(node.value, Number) else (type(node.value), node.value)


@given(DOCUMENTS, st.sampled_from([None, 1, 3]), st.sampled_from(["", " ", "\n\t"]))
def test_both_readers_give_the_same_document(document: dict[str, object], indent: int | None, around: str) -> None:
    text = f"{around}{json.dumps(document, indent=indent)}{around}"
    exact, quick = read_text(text), read_plainly(text)
    if quick is not None:
        assert bare(quick) == bare(exact)
        assert quick[3:] == exact[3:]
        assert isinstance(quick.value, dict)
        assert isinstance(exact.value, dict)
        for key, node in quick.value.items():
            assert node[3:] == exact.value[key][3:]
            if key == "Statement" and isinstance(node.value, list):
                items = exact.value[key].value
                assert isinstance(items, list)
                assert [one[3:] for one in node.value] == [one[3:] for one in items]


@given(st.text(st.sampled_from('{}[]",:\\ \n01.eE-tfnu"Statement"')) | st.text())
def test_what_is_no_json_is_left_to_the_exact_reader(text: str) -> None:
    quick = read_plainly(text)
    try:
        exact = read_text(text)
    except InvalidInputError:
        assert quick is None
        return
    assert quick is None or bare(quick) == bare(exact)


STATEMENT = '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f'{{"Statement": [{STATEMENT}], "Statement": []}}', "duplicate key 'Statement'"),
        (f'{{"Statement": [{STATEMENT[:-1]}, "Action": "*"}}]}}', "line 1, Statement\\[0\\].Action: duplicate key"),
        (f'{{\n"Statement": [{STATEMENT},\n{STATEMENT[:-1]}, "Sidd": "x"}}]}}', "line 3, Statement\\[1\\].Sidd"),
        (f'{{"Statement": [{STATEMENT}]}} x', "text after the end"),
        ('{"Statement": NaN}', "NaN"),
        (f'{{"Statement": [{STATEMENT}', "the text ends where"),
        ('{"Statement": ' + "[" * 40 + "]" * 40 + "}", "nested more than 32 levels deep"),
    ],
)
def test_errors_are_those_of_the_exact_reader(text: str, why: str) -> None:
    for blanks in ("", " " * 3000):  # the quick reader reads long texts alone
        with pytest.raises(InvalidInputError, match=why):
            Policy.parse(text + blanks)


def test_statements_know_their_places() -> None:
    text = f'{{\n "Statement": [\n  {STATEMENT},\n  {STATEMENT}\n ]\n}}'
    long = Policy.parse(text + "\n" * 3000)
    assert [(one.line, one.column) for one in long.statements] == [(3, 3), (4, 3)]
    places = [[(one.start, one.end) for one in policy.statements] for policy in (Policy.parse(text), long)]
    assert places[0] == places[1]
