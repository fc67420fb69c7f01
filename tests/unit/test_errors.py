"""Errors name flags on the command line, and keywords where they leave the library."""

from __future__ import annotations

import pytest

from iamcheck.errors import InvalidInputError, keywords_in_errors


@pytest.mark.parametrize(
    ("cure", "in_keywords"),
    [
        ("give --region CODE", "give region"),
        ("give --config-request or --nonesuch", "give create_endpoint_config or --nonesuch"),
        # what the library has no keyword for stays as it is
        ("leave out --no-color", "leave out --no-color"),
        ("give --nonesuch FILE", "give --nonesuch FILE"),
        ("see the page about re--region", "see the page about re--region"),
    ],
)
def test_a_cure_names_what_the_reader_can_give(cure: str, in_keywords: str) -> None:
    with pytest.raises(InvalidInputError) as caught, keywords_in_errors():
        raise InvalidInputError("no Region", where="--region", cure=cure)
    assert caught.value.where == "region"
    assert caught.value.cure == in_keywords


@pytest.mark.parametrize(
    ("where", "place", "said"),
    [
        ("", "a.json", "a.json"),
        ("line 1", "a.json", "a.json, line 1"),
        # a place is named once, whoever adds it
        ("a.json", "a.json", "a.json"),
        ("a.json, line 1", "a.json", "a.json, line 1"),
        ("scps[0][1], line 1", "scps[0][1]", "scps[0][1], line 1"),
        ("a.json2", "a.json", "a.json, a.json2"),
    ],
)
def test_a_place_is_put_before_the_place_of_an_error_once(where: str, place: str, said: str) -> None:
    assert InvalidInputError("wrong", where=where).at(place).where == said
