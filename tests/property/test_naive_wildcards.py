"""Wildcards equal their translation to a regular expression, whatever the pattern and the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from tests.naive.patterns import fill, glob

_PATTERNS = st.text("ab*?*?.[\\\n\u00e9\U00010400", max_size=12)
_TEXTS = st.text("ab.[\\\n\u00e9\U00010400*?", max_size=12)


def _same(pattern: str, text: str) -> None:
    filled = fill(pattern, {}, variables=False)
    assert filled is not None
    assert compile_glob(glob_pieces(pattern))(text) == glob(filled, text)


@given(pattern=_PATTERNS, text=_TEXTS)
@example("*?*", "")
@example("a*a", "a")
@example("??", "\U00010400")
@example("?*\U00010400", "\U00010400\U00010400")
def test_as_the_regular_expression(pattern: str, text: str) -> None:
    _same(pattern, text)


@pytest.mark.slow
@settings(max_examples=20_000)
@given(pattern=_PATTERNS, text=_TEXTS)
def test_as_the_regular_expression_at_length(pattern: str, text: str) -> None:
    _same(pattern, text)


@given(data=st.data(), text=_TEXTS)
def test_a_text_with_parts_made_wild_matches(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    _same(f"{text[:start]}*{text[end:]}", text)
    literal_stars = text.count("*") + text.count("?")
    if not literal_stars:
        assert compile_glob(glob_pieces(f"{text[:start]}*{text[end:]}"))(text)
