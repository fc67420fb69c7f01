"""An ARN has the form of a format exactly where the obvious regular expression says so."""

from __future__ import annotations

import itertools
import re

import pytest

from iamcheck.iam.catalogue._arns import arn_form, has_form


def _expression(arn_format: str) -> re.Pattern[str]:
    """Each placeholder as one character or more, no colon in the first five parts."""
    parts = arn_format.split(":", 5)
    texts = [
        "".join(
            (".+" if place == 5 else "[^:]+") if index % 2 else re.escape(text)
            for index, text in enumerate(re.split(r"(\$\{[^}]*\}|\*)", part))
        )
        for place, part in enumerate(parts)
    ]
    return re.compile(":".join(texts), re.DOTALL)


@pytest.mark.parametrize(
    "last",
    ["${A}", "a", "a${A}", "${A}a", "a${A}a", "${A}a${B}", "${A}b${B}a", "a${A}a${B}a", "${A}${B}", "*", "a/*", ""],
)
def test_the_last_part(last: str) -> None:
    arn_format = f"arn:aws:s::1:{last}"
    form, expression = arn_form(arn_format), _expression(arn_format)
    for length in range(6):
        for text in map("".join, itertools.product("ab", repeat=length)):
            arn = f"arn:aws:s::1:{text}"
            assert has_form(arn, [form]) is (expression.fullmatch(arn) is not None), (last, text)


@pytest.mark.parametrize("arn_format", ["arn:${P}:s:${R}:${A}:x", "arn:aws:s::${A}:x${B}", "arn:aws:s:${R}::*"])
def test_the_other_parts(arn_format: str) -> None:
    form, expression = arn_form(arn_format), _expression(arn_format)
    for partition, region, account, last in itertools.product(
        ("aws", "", "a:b"), ("", "r"), ("", "1"), ("x", "xy", "")
    ):
        arn = f"arn:{partition}:s:{region}:{account}:{last}"
        assert has_form(arn, [form]) is (expression.fullmatch(arn) is not None), arn
    assert not has_form("arn:aws:s::1", [form])
    assert not has_form("arn:aws:s::1:x", [])
