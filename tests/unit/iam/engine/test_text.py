"""Lower case as OpenJDK 17 gives it, with letters beyond the BMP as AWS was seen to take them."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamcheck.iam.engine.text import java_lower


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("ABC", "abc"),
        ("\u00c9", "\u00e9"),
        ("\u0130", "i\u0307"),
        ("\u0131", "\u0131"),
        ("\u212a", "k"),
        ("\u1e9e", "\u00df"),
        ("\u03a3", "\u03c3"),
        ("\u039f\u03a3", "\u03bf\u03c2"),
        ("\u039f\u03a3\u0391", "\u03bf\u03c3\u03b1"),
        ("\u039f\u03a3 \u039f\u03a3", "\u03bf\u03c2 \u03bf\u03c2"),
        ("\u03a3\u03a3", "\u03c3\u03c2"),
        ("A\u03a3.B", "a\u03c3.b"),
        ("A\u03a3-B", "a\u03c3-b"),
        ("A\u03a3/B", "a\u03c2/b"),
        ("A\u03a3:B", "a\u03c2:b"),
        ("A\u03a31", "a\u03c21"),
        ("A1\u03a3", "a1\u03c2"),
        ("A\u03a3\u0301", "a\u03c2\u0301"),
        ("_\u03a3_\u03a3", "_\u03c3_\u03c2"),
        ("\u4e00\u03a3", "\u4e00\u03c3"),
        ("A\u03a3\U00010400", "a\u03c3\U00010400"),
        ("\U00010400\u03a3", "\U00010400\u03c2"),
        ("\u02b0\u03a3", "\u02b0\u03c2"),
    ],
)
def test_lower_case(text: str, lowered: str) -> None:
    assert java_lower(text) == lowered


def test_lower_case_as_java_gives_it() -> None:
    """Code points, and those that `toLowerCase(Locale.ROOT)` of OpenJDK 17.0.15 made of them.

    The words were drawn from letters, digits, marks and punctuation around a capital sigma. Of 2,655 such words 41 are
    left out, in which marks stand beside punctuation or Roman numerals: there Java finds other words than `java_lower`.
    """
    table = Path(__file__).parents[3] / "cases" / "engine" / "java_lower.txt"
    for line in table.read_text("utf-8").splitlines():
        word, lowered = ("".join(chr(int(code, 16)) for code in codes.split()) for codes in line.split(">"))
        assert java_lower(word) == lowered, line
