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

__all__ = ["Text", "joined", "settled"]

Text: TypeAlias = "str | Pattern | Unknown"
_LONGEST: Final = 100_000
"""Characters; texts that are put into each other double at every step."""
_DYNAMIC: Final = r"\{\{resolve:[^{}]*\}\}"
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


def settled(text: str) -> Text:
    """A text with its dynamic references, which are looked up when the stack is made."""
    if "{{resolve:" not in text:
        return text
    parts: list[Text] = []
    for index, part in enumerate(re.split(_DYNAMIC, text)):
        parts += [UNKNOWN, part] if index else [part]
    return joined(part for part in parts if part != "")
