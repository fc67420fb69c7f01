"""Our wildcards equal their translation to a regular expression, over UTF-16 units."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam.engine.wildcards import STAR, compile_glob, glob_pieces, plain_text, split_parts, units

_TEXTS = st.text("ab:/\n\\[.é\U00010400", max_size=12)
_PATTERNS = st.text("ab:/\n\\[.é\U00010400***??", max_size=12)


def _by_expression(pattern: str, text: str) -> bool:
    translated = "".join({"*": ".*", "?": "."}.get(unit) or re.escape(unit) for unit in units(pattern))
    return re.fullmatch(translated, units(text), re.DOTALL) is not None


@given(_PATTERNS, _TEXTS)
def test_a_pattern_equals_its_expression(pattern: str, text: str) -> None:
    assert compile_glob(glob_pieces(pattern))(text) is _by_expression(pattern, text)


@given(_TEXTS, st.data())
def test_a_pattern_made_from_a_text_matches_it(text: str, data: st.DataObject) -> None:
    pattern = ""
    for one in text:
        pattern += data.draw(st.sampled_from([one, one, "?" * len(units(one)), "*", f"{one}*"]))
    assert compile_glob(glob_pieces(pattern))(text)
    assert _by_expression(pattern, text)


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


def test_sixty_stars_take_no_time() -> None:
    """Linear in text times pattern: a backtracking matcher would not come back from these."""
    text = "a" * 2000
    for pattern in ("*a" * 60 + "*b*", "*a?" * 60 + "*b", "*?a" * 60 + "*b*", "a*" * 60 + "b"):
        match = compile_glob(glob_pieces(pattern))
        assert not match(text)
        assert match(f"{text}b")
