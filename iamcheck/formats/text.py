"""Turns lines into text for a terminal: escaped, wrapped behind their label, and coloured.

`text_of` is the only way from lines to text, so that no name, policy or answer of AWS can send a terminal anything but
letters to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iamcheck.formats import Style

__all__ = ["Coloured", "Line", "coloured", "cut", "escaped", "hanging", "json_text", "text_of"]

_COLOURS: Final = {"pass": "32", "fail": "31;1", "unknown": "33;1", "skipped": "2"}
# letters, marks and symbols that show nothing: Python calls them printable
_INVISIBLE: Final = frozenset(
    {
        *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
        *map(chr, range(0xFE00, 0xFE10)),
        *map(chr, range(0xE0100, 0xE01F0)),
    }
)


class Coloured(NamedTuple):
    """A line of which the first occurrence of one word has the colour of a status or verdict."""

    text: str
    word: str
    status: str


Line: TypeAlias = "str | Coloured"


def escaped(text: str) -> str:
    r"""`text` with whatever a terminal would obey, or would not show, as `\n`, `\x1b` or `\u202e`.

    That is every character that Python does not call printable (control and format characters, bidirectional and
    zero-width marks, line separators, blanks other than the space, lone surrogates), and the invisible ones that it
    does.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char.isprintable() and char not in _INVISIBLE:
        return char
    return char.encode("unicode_escape").decode("ascii")


def text_of(lines: Iterable[Line], style: Style) -> str:
    """The lines as text, each of them escaped, with colour where the style has it; ends in a newline."""
    return "".join(f"{_text(line, style)}\n" for line in lines)


def _text(line: Line, style: Style) -> str:
    if isinstance(line, str):
        return escaped(line)
    text = escaped(line.text)
    code = _COLOURS.get(line.status)
    return text.replace(line.word, f"\x1b[{code}m{line.word}\x1b[0m", 1) if style.colour and code else text


def coloured(lines: Iterable[str], word: str, status: str) -> Iterator[Line]:
    """The lines, with the word in the first of them in the colour of a status."""
    for number, line in enumerate(lines):
        yield line if number else Coloured(line, word, status)


def hanging(label: str, text: str, style: Style) -> list[str]:
    """`text` in lines of the style's width behind `label`.

    An ARN that is longer than a line is broken as a person would: behind a colon or a slash. Other words are not.
    """
    text = escaped(text)
    if len(label) + len(text) <= style.width:
        return [label + text]
    import textwrap

    room = max(style.width - len(label), 1)
    return textwrap.wrap(
        " ".join(part for word in text.split(" ") for part in _parts(word, room)),
        width=style.width,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _parts(word: str, room: int) -> Iterator[str]:
    """A word; an ARN that is too long in parts that fit, as far as its colons and slashes divide it."""
    if len(word) <= room or "arn:" not in word:
        yield word
        return
    import re  # few are that long

    part = ""
    for piece in re.split(r"(?<=[:/])(?![:/])", word):
        if part and len(part) + len(piece) > room:
            yield part
            part = ""
        part += piece
    yield part


def cut(text: str, style: Style) -> str:
    """`text` in one line of the style's width: cut behind a word, with `...`, where it is longer."""
    text = escaped(text)
    if len(text) <= style.width:
        return text
    return f"{text[: style.width - 3].rsplit(' ', 1)[0]} ..."


def json_text(document: object, *, indent: int = 2) -> str:
    """A document as JSON in ASCII, ending in a newline; what a terminal would obey is escaped as JSON does."""
    import json  # `--version` writes none

    # DEL is the only such character of ASCII that JSON leaves as it is
    return json.dumps(document, indent=indent).replace("\x7f", "\\u007f") + "\n"
