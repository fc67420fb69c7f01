"""The plain text that an expression is screened by stands in every match of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamcheck.explain.messages import FAMILIES
from iamcheck.explain.messages.screening import literal_of

PATTERNS = sorted({pattern for family in FAMILIES for pattern in family.patterns})


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("CannotStartContainer(?:Error)?", "CannotStartContainer"),
        ("[Cc]ould not find (?P<what>model) data at", "ould not find "),
        (r"a?bc", "bc"),
        (r"ab*cd", "cd"),
        (r"ab+cde", "cde"),
        (r"xab+", "xab"),
        (r"ab{0,3}cd", "cd"),
        (r"ab{2}c", "ab"),
        (r"KMS\.NotFound", "KMS.NotFound"),
        (r"\bone\w two", " two"),
        (r"[(\]|]x", "x"),
        (r"(?:a(?:b|c[)])|long text) end", " end"),
        ("one|other", ""),
        ("(?:one|other)", ""),
    ],
)
def test_the_longest_text_outside_of_groups_is_taken(pattern: str, literal: str) -> None:
    assert literal_of(pattern) == literal


@given(st.data())
@settings(max_examples=300)
def test_every_match_has_the_text(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(PATTERNS))
    match = data.draw(st.from_regex(pattern, fullmatch=True))
    assert re.fullmatch(pattern, match)
    assert literal_of(pattern) in match


def test_nearly_every_expression_is_screened() -> None:
    assert sum(len(literal_of(pattern)) > 4 for pattern in PATTERNS) > 0.9 * len(PATTERNS)
