"""Adds statements to the text of a policy, which keeps its form, and shows the change as a unified diff."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import JsonNode, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.iam.model import Policy

__all__ = ["text_diff", "with_statements"]


def with_statements(text: str, added: Policy) -> str:
    """The text of a policy with the statements of another one after its own.

    Args:
        text: A policy document, as JSON text.
        added: The policy whose statements are added, at least one.

    Raises:
        InvalidInputError: The text is no policy document.
    """
    root = read_text(text)
    found = root.value.get("Statement") if isinstance(root.value, dict) else None
    if not isinstance(found, JsonNode):
        raise InvalidInputError("there is no Statement", where=root.where)
    statements = added.to_dict()["Statement"]
    short = ", ".join(json.dumps(statement) for statement in statements)
    if not isinstance(found.value, list):
        there = text[found.start : found.end]
        return f"{text[: found.start]}[{there}, {short}]{text[found.end :]}"
    if not found.value:
        return f"{text[: found.start]}[{short}]{text[found.end :]}"
    last = found.value[-1]
    margin = re.search(r"(?:^|\n)([ \t]*)$", text[: last.start])
    if margin is None:
        return f"{text[: last.end]}, {short}{text[last.end :]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    dumped = [json.dumps(statement, indent=_indent(text, root)).split("\n") for statement in statements]
    blocks = [newline.join(f"{margin[1]}{line}" for line in lines) for lines in dumped]
    return f"{text[: last.end]},{newline}{f',{newline}'.join(blocks)}{text[last.end :]}"


def _indent(text: str, root: JsonNode) -> str | int:
    """By how much the text indents its members."""
    found = re.match(r"\{\s*\n([ \t]+)\"", text[root.start :])
    return found[1] if found else 2


def text_diff(before: str, after: str, name: str) -> str:
    """The change of a file as a unified diff, as `patch` takes it.

    Args:
        before: The text of the file.
        after: The text that it should have.
        name: The file, as the user named it.
    """
    return "".join(_diff_lines(before, after, name))


def _diff_lines(before: str, after: str, name: str) -> Iterator[str]:
    from difflib import unified_diff

    now, then = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, after))
    for line in unified_diff(now, then, fromfile=name, tofile=name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
