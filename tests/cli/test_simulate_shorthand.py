"""The AWS CLI's shorthand, compared with the AWS CLI's own reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.errors import InvalidInputError
from iamcheck.simulators.simulate.shorthand import Structure, read_shorthand
from tests.answers.simulate import SHORTHAND
from tests.profiles import examples


def ours(text: str) -> Structure | None:
    """What iamcheck reads; None where it refuses."""
    try:
        return read_shorthand(text, where="here")
    except InvalidInputError:
        return None


def theirs(text: str) -> object:
    """What the AWS CLI reads; None where it refuses."""
    # the AWS CLI belongs to the slow tier
    from awscli.shorthand import ShorthandParseError, ShorthandParser

    try:
        return ShorthandParser().parse(text)
    except ShorthandParseError:
        return None


REFUSED = ("=a", "a={b=c}", "a=[b,[c]]")
"""What the AWS CLI reads, and refuses later: a member without a name, and values that no member has."""


@pytest.mark.slow
@pytest.mark.parametrize("text", SHORTHAND)
def test_shorthand_is_read_as_the_aws_cli_reads_it(text: str) -> None:
    assert ours(text) == (None if text in REFUSED else theirs(text))


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_member_has_is_refused(text: str) -> None:
    assert ours(text) is None


# no @=, which reads files, no { }, for entries hold no maps, and no tail after an explicit list
TEXTS = st.text(alphabet=st.sampled_from("ab=,,'\"\\[] :/.*1é"), max_size=14).map("k=".__add__)


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("ContextKeyName=aws:x,ContextKeyValues=a,b", {"ContextKeyName": "aws:x", "ContextKeyValues": ["a", "b"]}),
        ("a=[b,c],d=e", {"a": ["b", "c"], "d": "e"}),
        ("a='b,c',d=e", {"a": "b,c", "d": "e"}),
        ("a=b,c=", {"a": "b", "c": ""}),
        ("a=b,", None),
        ("a=[b", None),
    ],
)
def test_shorthand_that_the_aws_cli_documents(text: str, structure: Structure | None) -> None:
    # https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html; the slow tier asks the AWS CLI itself
    assert ours(text) == structure


@pytest.mark.slow
@examples(1500)
@given(TEXTS)
def test_what_is_read_at_all_is_read_as_the_aws_cli_reads_it(text: str) -> None:
    read = ours(text)
    if read is not None:
        assert read == theirs(text)


@given(
    st.dictionaries(
        st.text(alphabet="abcXYZ", min_size=1, max_size=5),
        st.lists(st.text(alphabet="ab,='\"\\ :*/", max_size=6), min_size=2, max_size=4),
        min_size=1,
        max_size=3,
    )
)
def test_quoted_values_are_read_back(structure: dict[str, list[str]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace('"', '\\"') + '"'

    # a backslash before a quote or a backslash is an escape in shorthand: only values without one are the same text
    plain = {name: [value.replace("\\", "/") for value in values] for name, values in structure.items()}
    text = ",".join(f"{name}={','.join(map(quoted, values))}" for name, values in plain.items())
    assert ours(text) == plain
