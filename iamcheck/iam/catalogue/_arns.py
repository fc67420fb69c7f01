"""Tells which ARNs have the form of a resource type.

The Service Authorization Reference writes ARN formats with placeholders: `arn:${Partition}:s3:::${BucketName}`. AWS's
simulator takes the last part of an ARN for that of a format where each placeholder stands for any text, slashes and
colons included, so that an object's ARN has the form of a bucket too (answers of AWS that public test suites assert).
The rest is inferred: a placeholder is at least one character; in partition, Region and account it holds no colon, and
where the format is empty there, the ARN is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ArnForm", "arn_form", "has_form"]

ArnForm: TypeAlias = "tuple[tuple[str, ...], ...]"
"""The six parts of an ARN format, each as the literal texts that stand around its placeholders."""

_PLACEHOLDER: Final = r"\$?\{[^}]*\}|\*"
_PARTS: Final = 6


def arn_form(arn_format: str) -> ArnForm:
    """Reads an ARN format of the reference."""
    return tuple(tuple(re.split(_PLACEHOLDER, part)) for part in arn_format.split(":", _PARTS - 1))


def has_form(arn: str, forms: Iterable[ArnForm]) -> bool:
    """Tells whether an ARN has one of the forms."""
    parts = arn.split(":", _PARTS - 1)
    return len(parts) == _PARTS and any(
        all(_fits(part, literals) for part, literals in zip(parts, form, strict=True)) for form in forms
    )


def _fits(text: str, literals: tuple[str, ...]) -> bool:
    """Tells whether a text is the literals with at least one character between each two of them.

    Each literal is looked for at the first place where it can stand, so that the time is linear in the text.
    """
    head, *others = literals
    if not others:
        return text == head
    *middle, tail = others
    if not text.startswith(head) or not text.endswith(tail):
        return False
    place = len(head)
    for literal in middle:
        place = text.find(literal, place + 1)
        if place < 0:
            return False
        place += len(literal)
    return len(text) - len(tail) > place
