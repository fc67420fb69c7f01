"""Lists are cut where they are long, and the count of the rest is right."""

from __future__ import annotations

import pytest

from iamcheck.explain.why.words import listed


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (1, "0"), (2, "0, 1"), (3, "0, 1, 2"), (4, "0, 1, 2 and 1 more"), (7, "0, 1, 2 and 4 more")],
)
def test_the_rest_is_counted_where_there_is_any(count: int, text: str) -> None:
    texts = [str(one) for one in range(count)]
    assert listed(texts, 3) == text
    assert listed(texts, 3, "; ") == text.replace(",", ";").replace(" and", "; and")
    assert listed([*"abcde"]) == "a, b, c, d, e"
    assert listed([*"abcdef"]) == "a, b, c, d, e and 1 more"
