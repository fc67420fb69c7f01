"""Turns a text as people paste it into the message that AWS wrote: no escapes, no frames, masks made one word."""

from __future__ import annotations

import html
import re
from typing import Final

__all__ = ["normalized", "unwrapped"]

_ESCAPE: Final = r"(?:\x1b|\\{1,8}(?:u001[bB]|x1[bB]|033|e)|\^\[)"
"""The escape character, or how JSON, programming languages and `cat -v` spell it."""
_ATTRIBUTES: Final = re.compile(
    rf"{_ESCAPE}(?:\[(?:[\d;:]*m|[0-3]?K|\?[\d;]+[hl])|\(B|\]\d*;[^\s\x07\x1b]*(?:\x07|\x1b\\))"
)
"""Colours, erasures to the end of the line, modes and hyperlinks (ECMA-48, xterm): they take no place in a line."""
_MOVES: Final = re.compile(rf"{_ESCAPE}\[(?:\d+(?:;\d+)?[A-HSTdf]|[0-3]?J|H(?={_ESCAPE}))|\x1b\[[\d;?]*")
"""Moves of the cursor, which stand for blanks, and what is left of a sequence that was cut off.

A letter after the start of a sequence belongs to it only where programs print it so: it may be a message's first.
"""
_JSON_ESCAPES: Final = re.compile(r"(?<!\\)\\+(?:u(?P<code>[\da-fA-F]{4})|(?P<blank>[nrt])|(?P<mark>[\"'/]))")
_NARROWEST: Final = 40
"""Columns; a terminal has more."""
_FRAME: Final = re.compile("[\u2500-\u259f]")
"""Frames of Terraform and of rich consoles."""
_MASK: Final = (
    r"(?:\*{2,}|[xX]{3,}|0{12}|<[^<>\s]{1,40}>|\{\{?[^{}\s]{1,40}\}?\}|\$\{[^{}\s]{1,40}\}|\[[^\[\]\s]{1,40}\]"
    r"|(?=[\dxX*#]{12}(?![\w*#]))\d*[xX*#]+[\dxX*#]*)"
)
"""How people and CI systems hide an account."""
_PLACEHOLDER: Final = r"[A-Z]{2,}(?:[_-][A-Z]+)*"
_MASKED_ARN: Final = re.compile(rf"(\barn:[\w-]+:[\w-]+:[^:\s\"']*:)(?:{_MASK}|{_PLACEHOLDER})(?=:)")
_MASKED_REGION: Final = re.compile(r"(\barn:[\w-]+:[\w-]+:)(?:\*{2,}|<[^<>\s]{1,40}>|\{[^{}\s]{1,40}\}|[xX]{3,})(?=:)")
_MASKED_HOST: Final = re.compile(rf"(?<![\w.-]){_MASK}(?=\.dkr\.ecr\.)")
_MASKED_ACCOUNT: Final = re.compile(rf"(\b[Aa]ccount:? ?['\"]?){_MASK}(?!\w)")


def normalized(text: str) -> str:
    """The text in single spaces, with every masked account as the word ACCOUNT, and a masked Region as REGION.

    Args:
        text: What was pasted: a log, JSON, a traceback, a frame of a terminal program.
    """
    plain = text
    if "\x1b" in plain or "\\" in plain or "^[" in plain:
        plain = _MOVES.sub(" ", _ATTRIBUTES.sub("", plain))
    if "&" in plain:
        plain = html.unescape(plain)
    if "\\" in plain:
        plain = _JSON_ESCAPES.sub(_unescaped, plain)
    plain = " ".join(plain.split())
    if not plain.isprintable() or _FRAME.search(plain):
        plain = "".join(char if char.isprintable() else " " for char in _FRAME.sub(" ", plain))
        plain = " ".join(plain.split())
    return _unmasked(plain)


def unwrapped(text: str) -> str | None:
    """The text with the lines joined that a terminal broke at its width, words and all; None where it broke none.

    Args:
        text: What was copied from a terminal.
    """
    lines = [line.rstrip("\r") for line in text.split("\n")]
    width = max(map(len, lines))
    if width < _NARROWEST or len(lines) < 2:
        return None
    return "".join(line if len(line) == width else f"{line}\n" for line in lines)


def _unmasked(plain: str) -> str:
    """The text with one word for each account and Region that is masked."""
    if "arn:" in plain:
        plain = _MASKED_REGION.sub(r"\1REGION", plain)
        plain = _MASKED_ARN.sub(r"\1ACCOUNT", plain)
    if ".dkr.ecr." in plain:
        plain = _MASKED_HOST.sub("ACCOUNT", plain)
    return _MASKED_ACCOUNT.sub(r"\1ACCOUNT", plain) if "ccount" in plain else plain


def _unescaped(match: re.Match[str]) -> str:
    if match["blank"]:
        return " "
    if match["mark"]:
        return match["mark"]
    char = chr(int(match["code"], 16))
    return char if char.isprintable() else " "
