"""AWS's patterns are read as Java reads them, and each pattern of each request can be."""

from __future__ import annotations

import pytest

from iamcheck.checks.request_valid.patterns import matches
from iamcheck.checks.request_valid.service import OPERATIONS, input_of, shapes

EVERY = [shape for service in set(OPERATIONS.values()) for shape in shapes(service).values()]
KINDS = {"structure", "map", "list", "string", "integer", "long", "float", "double", "boolean"}


def test_every_pattern_of_every_request_can_be_matched() -> None:
    patterns = {shape.pattern for shape in EVERY if shape.pattern is not None}

    assert {operation: input_of(operation).kind for operation in OPERATIONS} == dict.fromkeys(OPERATIONS, "structure")
    assert len(patterns) > 20
    assert {pattern for pattern in patterns if matches(pattern, "") is None} == set()


def test_every_kind_of_shape_is_known() -> None:
    assert {shape.kind for shape in EVERY} <= KINDS


# https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html
@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "größe 1/2 = Ⅷ\u2003x", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a?", False),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a\tb", False),
        (r"\d{2}", "12", True),
        (r"\d{2}", "١٢", False),
        (r"[\d]{2}", "١٢", False),
        (r"\w", "é", False),
        (r"\W", "é", True),
        (r"[\S]+", "a\u2003b", True),
        (r"[\S]+", "a b", False),
        (r"[\S\s]*", "a b\nc", True),
        (r"[^\s]", "\u2003", True),
        (r"[^\s]", "\v", False),
        (r".*", "a\rb", False),
        (r".*", "a\u2028b", False),
        (r"[.]", "a", False),
        (r"\.", "a", False),
        (r"a.c", "abc", True),
        (r"[a-z&&[^b]]", "b", False),
        (r"[a-z&&[^b]]", "c", True),
        (r"(?!\s*$).+", "   ", False),
        (r"(?!\s*$).+", " a ", True),
        (r"[\\]]", "\\]", True),
        ("[a-z]+", "abc\n", False),
        ("b", "abc", False),
        (r"[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]*", "a \U0001f600", True),
        (r"[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]*", "a\n", False),
        (r"\p{Print}+", "a ~", True),
        (r"\p{Print}+", "\u00e9", False),
    ],
)
def test_patterns_are_matched_as_java_does(pattern: str, text: str, *, matched: bool) -> None:
    assert matches(pattern, text) is matched


def test_a_pattern_that_cannot_be_read_is_neither_matched_nor_broken() -> None:
    assert matches("(?<", "a") is None
