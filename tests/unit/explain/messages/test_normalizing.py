"""Texts as people paste them, and what is read of them."""

from __future__ import annotations

import pytest

from iamcheck.explain.messages.normalizing import normalized


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        (r"role \u0022ci\u0022", 'role "ci"'),
        (r"role \u0027ci\u0027", "role 'ci'"),
        (r"one\u000atwo\u000Dthree\u0009four", "one two three four"),
        (r"a \"b\" \\\"c\\\" 'd' https:\/\/x", 'a "b" "c" \'d\' https://x'),
        (r"one\n two\n", "one two"),
        ("a &quot;b&quot;", 'a "b"'),
        ("\u2502 a \u2502\n\u202e b", "a b"),
    ],
)
def test_escapes_and_frames_become_what_they_stand_for(pasted: str, plain: str) -> None:
    assert normalized(pasted) == plain
