"""Our wildcards equal their translation to a regular expression, over UTF-16 units."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iamcheck.iam.engine.wildcards import STAR, compile_glob, glob_pieces, plain_text, split_parts, units
from tests.naive.patterns import fill, glob
from tests.profiles import examples

_ALPHABET = "ab:/\n\\[.+é\U00010400"
_TEXTS = st.text(f"{_ALPHABET}*?", max_size=12)
_PATTERNS = st.text(f"{_ALPHABET}***??", max_size=12)


def _by_expression(pattern: str, text: str) -> bool:
    filled = fill(pattern, {}, variables=False)
    assert filled is not None
    return glob(filled, text)


def _matches(pattern: str, text: str) -> bool:
    return compile_glob(glob_pieces(pattern))(text)


@given(_PATTERNS, _TEXTS)
@example("*?*", "")
@example("??", "\U00010400")
@example("?*\U00010400", "\U00010400\U00010400")
def test_a_pattern_equals_its_expression(pattern: str, text: str) -> None:
    assert _matches(pattern, text) is _by_expression(pattern, text)


@pytest.mark.slow
@examples(20_000)
@given(_PATTERNS, _TEXTS)
def test_a_pattern_equals_its_expression_at_length(pattern: str, text: str) -> None:
    assert _matches(pattern, text) is _by_expression(pattern, text)


@st.composite
def _text_of(draw: st.DrawFn) -> tuple[str, str]:
    """A pattern and a text that it matches: each star a run of characters, each question mark one UTF-16 unit."""
    pattern = draw(_PATTERNS)
    runs, ones = st.text(_ALPHABET, max_size=4), st.sampled_from("ab:/\n.é")
    return pattern, "".join(draw(runs) if one == "*" else draw(ones) if one == "?" else one for one in pattern)


@given(_text_of())
def test_a_text_made_from_a_pattern_matches_it(made: tuple[str, str]) -> None:
    pattern, text = made
    assert _by_expression(pattern, text)
    assert _matches(pattern, text)


@given(_text_of(), st.data())
@examples(300)
def test_a_text_made_from_a_pattern_and_damaged_once(made: tuple[str, str], data: st.DataObject) -> None:
    """Nearly a match is where a matcher errs: a character more, less or other, a piece doubled, left out or moved."""
    pattern, text = made
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    piece, one = text[start:end], data.draw(st.sampled_from(_ALPHABET))
    damaged = data.draw(
        st.sampled_from(
            [
                text[:start] + one + text[start:],
                text[:start] + one + text[start + 1 :],
                text[:start] + text[end:],
                text[:end] + piece + text[end:],
                piece + text[:start] + text[end:],
                one + text,
                text + one,
            ]
        )
    )
    assert _matches(pattern, damaged) is _by_expression(pattern, damaged)


def _words(alphabet: str, longest: int) -> list[str]:
    return ["".join(word) for size in range(longest + 1) for word in itertools.product(alphabet, repeat=size)]


def _differences(patterns: list[str], texts: list[str]) -> list[tuple[str, str]]:
    found = []
    for pattern in patterns:
        match = compile_glob(glob_pieces(pattern))
        expression = re.compile(pattern.replace("*", ".*").replace("?", "."))
        found += [(pattern, text) for text in texts if match(text) is not (expression.fullmatch(text) is not None)]
    return found


def test_all_small_patterns_on_all_small_texts() -> None:
    assert _differences(_words("ab*?", 5), _words("ab", 5)) == []


@pytest.mark.slow
def test_all_patterns_of_seven_on_all_texts_of_seven() -> None:
    assert _differences(_words("ab*?", 7), _words("ab", 7)) == []


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*b*c", "xbc", False),
        ("a*b*c", "abc", True),
        ("a*b*b", "ab", False),
        ("a*b*b", "abb", True),
        ("*a*a*", "a", False),
        ("*a*a*", "aa", True),
        ("a?*b", "ab", False),
        ("a?*b", "acb", True),
        ("ab*ab", "ab", False),
        ("ab*bc", "abc", False),
        ("a*aba*ba", "aaba", False),
        ("a?*?a", "axa", False),
        ("*ab?*ab", "abab", False),
        ("*ab?*ab", "ababab", True),
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("?", "", False),
        ("*a", "ab", False),
        ("a*", "ba", False),
    ],
)
def test_pieces_overlap_neither_each_other_nor_the_ends(pattern: str, text: str, matches: bool) -> None:
    assert _matches(pattern, text) is matches


@given(_TEXTS.map(lambda text: text + "*?"))
def test_a_piece_of_text_is_literal(text: str) -> None:
    assert compile_glob((text,))(text)
    assert not compile_glob((text,))(text.replace("*", "x"))
    assert compile_glob(("a", STAR, text))(f"a...{text}")


@given(_PATTERNS)
def test_parts_put_together_are_the_pattern(pattern: str) -> None:
    parts = split_parts(glob_pieces(pattern))
    assert ":".join(map(plain_text, parts)) == pattern
    assert len(parts) <= 6
    assert all(":" not in plain_text(part) for part in parts[:5])
    assert len(parts) == min(6, pattern.count(":") + 1)


def test_a_character_beyond_the_bmp_is_two_units() -> None:
    assert [units(text) for text in ("a", "é", "\U00010400", "\U0010ffff")] == [
        "a",
        "é",
        "\ud801\udc00",
        "\udbff\udfff",
    ]


def test_sixty_stars_take_no_time() -> None:
    """Linear in text times pattern: a backtracking matcher would not come back from these."""
    text = "a" * 2000
    for pattern in ("*a" * 60 + "*b*", "*a?" * 60 + "*b", "*?a" * 60 + "*b*", "a*" * 60 + "b"):
        match = compile_glob(glob_pieces(pattern))
        assert not match(text)
        assert match(f"{text}b")
