"""Turns a text as people paste it into the message that AWS wrote: no escapes, no frames, masks made one word."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

__all__ = ["Unwrapped", "normalized", "unwrapped"]

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
_NARROWEST, _WIDEST = 40, 1_000
"""Columns of a terminal."""
_FRAME: Final = re.compile("[\u2500-\u259f]")
"""Frames of Terraform and of rich consoles."""
_STARTS: Final = re.compile(
    r"(?m)^(?:[ \t]*(?:>+|[\w.-]+ +\||\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*(?: \d\d[OE]\+?)?)(?:[ \t]|$))+"
)
"""What stands before each line of a quotation, of a container's log (`app-1  | `), of the raw log of a CI system."""
_BROKEN_AT_HYPHEN: Final = re.compile(r"(?<=\w-)\r?\n[ \t]*(?=\w)")
"""Where a line was broken within a name: behind a hyphen."""
_MARKUP: Final = re.compile(r"</[A-Za-z][\w:.-]{0,60}>|<br ?/?>")
"""The ends of elements of HTML and XML; their starts stand before a message, and look like what hides a name."""
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters without a width, which web pages and chats put between others."""
_TYPOGRAPHIC: Final = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011", "''\"\"--")
"""Quotation marks and hyphens that chats and word processors put in place of those of ASCII."""
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
    plain = _lines(text)
    if "&" in plain:
        plain = html.unescape(plain)
    if "\\" in plain:
        plain = _JSON_ESCAPES.sub(_unescaped, plain)
    plain = _UNSEEN.sub("", plain).translate(_TYPOGRAPHIC)
    plain = " ".join(plain.split())
    if not plain.isprintable() or _FRAME.search(plain):
        plain = "".join(char if char.isprintable() else " " for char in _FRAME.sub(" ", plain))
        plain = " ".join(plain.split())
    return _unmasked(plain)


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A text whose lines were joined.

    Args:
        text: The text.
        is_certain: A terminal broke it: several lines in a row are as long as the longest.
    """

    text: str
    is_certain: bool


def unwrapped(text: str) -> Unwrapped | None:
    """The text with the lines joined that a terminal broke at its width, words and all; None where it broke none.

    Args:
        text: What was copied from a terminal.
    """
    lines = _uncoloured(text).replace("\r\n", "\n").split("\n")
    width = max(map(len, lines))
    if not _NARROWEST <= width <= _WIDEST or len(lines) < 2:
        return None
    is_full = [len(line) == width for line in lines]
    joined = "".join(line if full else f"{line}\n" for line, full in zip(lines, is_full, strict=True))
    return Unwrapped(joined, any(one and other for one, other in pairwise(is_full)))


def _uncoloured(text: str) -> str:
    """The text without colours and moves of the cursor."""
    if "\x1b" in text or "\\" in text or "^[" in text:
        return _MOVES.sub(" ", _ATTRIBUTES.sub("", text))
    return text


def _lines(text: str) -> str:
    """The lines of a text without what stands before each, and without ends of elements."""
    plain = _uncoloured(text)
    if "::error" in plain or "::warning" in plain:
        # commands to GitHub's runner
        plain = re.sub("%0[AD]", "\n", plain)
    plain = _BROKEN_AT_HYPHEN.sub("", _STARTS.sub("", plain))
    return _MARKUP.sub(" ", plain) if "<" in plain else plain


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
