"""Adds statements to the text of a policy, which keeps its form, and shows the change as a unified diff."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import policy_in_text
from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.json_text import JsonNode
from iamcheck.iam.policy_text import policy_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.iam.model import Policy

__all__ = ["text_diff", "with_statements"]


def with_statements(text: str, before: Policy, added: Policy) -> str | None:
    """The text of a policy with the statements of another one after its own; None where that cannot be written there.

    Args:
        text: The text that holds the policy: JSON or YAML, with whatever a tool printed around it.
        before: The policy that it holds; its name tells YAML from JSON where the text leaves it open.
        added: The policy whose statements are added, at least one.
    """
    try:
        root = policy_node(text, layer=PolicyType.IDENTITY, path=before.name)
        statements_node = root.value.get("Statement") if isinstance(root.value, dict) else None
        if not isinstance(statements_node, JsonNode) or statements_node.source is None:
            return None
        after = _with_rows(text, statements_node, added)
        if after is None:
            return None
        statements = policy_in_text(after, name=before.name, layer=PolicyType.IDENTITY, path=before.name).statements
    except InvalidInputError:
        # a text within a text, such as a document as a JSON string
        return None
    rows = (*before.statements, *added.statements)
    same = [replace(statement, index=0) for statement in statements] == [replace(row, index=0) for row in rows]
    return after if same else None


def _with_rows(text: str, statements_node: JsonNode, added: Policy) -> str | None:
    statements = added.to_dict()["Statement"]
    short = ", ".join(json.dumps(statement) for statement in statements)
    if not isinstance(statements_node.value, list):
        there = text[statements_node.start : statements_node.end]
        return (
            f"{text[: statements_node.start]}[{there}, {short}]{text[statements_node.end :]}"
            if there.startswith("{")
            else None
        )
    if not statements_node.value:
        return f"{text[: statements_node.start]}[{short}]{text[statements_node.end :]}"
    last = statements_node.value[-1]
    newline = "\r\n" if "\r\n" in text else "\n"
    if dash := re.search(r"(?:^|\n)([ \t]*)-[ \t]+$", text[: last.start]):
        # YAML, which takes JSON for a statement; behind the last line of the one before, its comment included
        end = text.find("\n", _end(last))
        end = len(text.rstrip()) if end < 0 else end - (text[end - 1] == "\r")
        rows = "".join(f"{newline}{dash[1]}- {json.dumps(statement)}" for statement in statements)
        return f"{text[:end]}{rows}{text[end:]}"
    margin = re.search(r"(?:^|\n)([ \t]*)$", text[: last.start])
    if margin is None:
        return f"{text[: last.end]}, {short}{text[last.end :]}"
    dumped = [
        json.dumps(statement, indent=_indent(text[last.start : last.end], margin[1])).split("\n")
        for statement in statements
    ]
    blocks = [newline.join(f"{margin[1]}{line}" for line in lines) for lines in dumped]
    return f"{text[: last.end]},{newline}{f',{newline}'.join(blocks)}{text[last.end :]}"


def _end(node: JsonNode) -> int:
    """Where the last text of a value ends."""
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return max((node.end, *(_end(child) for child in inner)))


def _indent(statement: str, margin: str) -> str | int:
    """By how much the text of a statement indents its members."""
    match = re.match(rf"\{{\s*\n{margin}([ \t]+)\"", statement)
    return match[1] if match else 2


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
