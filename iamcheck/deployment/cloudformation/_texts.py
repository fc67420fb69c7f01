"""Puts together texts of which a part may be known only when the stack is made.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.deployment.located import UNKNOWN, Pattern, Unknown
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Text", "joined", "with_lookups"]

Text: TypeAlias = "str | Pattern | Unknown"
_LONGEST: Final = 100_000
"""Characters; texts that are put into each other double at every step."""
_DYNAMIC: Final = r"\{\{resolve:[^{}]*\}\}"
_DYNAMIC_IN_PATTERN: Final = r"\{\{resolve:[^{}]*(?:\}\}|$)"
"""The same where its end may be part of what is not known."""
_SPECIAL: Final = r"[*?$]"
"""What is no character of its own in a pattern."""


def joined(parts: Iterable[Text]) -> Text:
    """One text of several.

    Raises:
        InvalidInputError: It is longer than any value of a template.
    """
    texts = list(parts)
    if sum(len(text.text if isinstance(text, Pattern) else text) for text in texts if not isinstance(text, Unknown)) > (
        _LONGEST
    ):
        raise InvalidInputError(f"a text of more than {_LONGEST:,} characters", cure="do names contain each other?")
    known = [text for text in texts if isinstance(text, str)]
    if len(known) == len(texts):
        return "".join(known)
    if any(re.search(_SPECIAL, name) for name in known):
        return UNKNOWN
    text = "".join(text if isinstance(text, str) else text.text if isinstance(text, Pattern) else "*" for text in texts)
    text = re.sub(r"\*+", "*", text)
    return UNKNOWN if text == "*" else Pattern(text)


def with_lookups(text: Text) -> Text:
    """A text whose dynamic references are not known, for they are looked up when the stack is made."""
    plain = text.text if isinstance(text, Pattern) else text
    if isinstance(plain, Unknown) or "{{resolve:" not in plain:
        return text
    parts: list[Text] = []
    is_pattern = isinstance(text, Pattern)
    for index, part in enumerate(re.split(_DYNAMIC_IN_PATTERN if is_pattern else _DYNAMIC, plain)):
        known = Pattern(part) if is_pattern and "*" in part else part
        parts += [UNKNOWN, known] if index else [known]
    return joined(part for part in parts if part != "")
