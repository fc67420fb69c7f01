"""Texts as people paste them: messages cut, wrapped, doubled, escaped, framed, with other languages around.

Each text is made from a number, so that it can be made again: `text_of(random.Random(NUMBER))`.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from iamcheck.explain.messages import FAMILIES, explain_messages
from iamcheck.formats import Style, message_format
from tests.wrapped import MASKS, READ_ALONE, TOOLS, masked

if TYPE_CHECKING:
    from collections.abc import Callable

CASES: Final = Path(__file__).parents[1] / "cases"
ROWS: Final[list[dict[str, Any]]] = json.loads((CASES / "messages.json").read_text(encoding="utf-8"))
MESSAGES: Final = [
    *((row["family"], row["text"]) for row in ROWS),
    *((family.id, family.example) for family in FAMILIES if family.id != "denied-in-part"),
]
YIELDS: Final = {family.id: set(family.yields_to) for family in FAMILIES}
AROUND: Final[list[str]] = json.loads((CASES / "other_texts.json").read_text(encoding="utf-8"))
"""None of them is a message, or begins as a message may go on."""


@dataclass(frozen=True)
class Made:
    """A text, with the families of the messages that stand in it whole."""

    text: str
    whole: tuple[str, ...]
    is_cut: bool


def _frame(text: str) -> str:
    width = max(map(len, text.splitlines() or [""]))
    rows = [f"┃ {line:<{width}} ┃" for line in text.splitlines()]
    return "\n".join([f"┏{'━' * (width + 2)}┓", *rows, f"┗{'━' * (width + 2)}┛"])


def _quote(text: str) -> str:
    return json.dumps(text)


def _carriage_returns(text: str) -> str:
    return text.replace("\n", "\r\n")


NESTING: Final = tuple(tool for name, tool in TOOLS.items() if name not in READ_ALONE)
WHOLES: Final[tuple[Callable[[str], str], ...]] = (_frame, _quote, _carriage_returns, *NESTING)


def text_of(chance: random.Random) -> Made:
    """A text."""
    chosen = [chance.choice(MESSAGES) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    pieces = []
    is_cut = chance.random() < 0.3
    for _, text in chosen:
        hidden = masked(text, chance.choice(MASKS)) if chance.random() < 0.3 else text
        wrapped = chance.choice(NESTING)(hidden)
        pieces.append(wrapped)
        if chance.random() < 0.2:
            pieces.append(wrapped)
    for _ in range(chance.randrange(3)):
        pieces.insert(chance.randrange(len(pieces) + 1), chance.choice(AROUND))
    text = chance.choice(("\n", "\n\n", "\r\n", "\n| ", " ;; "))
    text = text.join(pieces)
    for _ in range(chance.choice((0, 0, 1, 2))):
        text = chance.choice(WHOLES)(text)
    if is_cut:
        start = chance.randrange(len(text))
        text = text[start : start + chance.randrange(1, len(text) + 1)]
    return Made(text, tuple(family for family, _ in chosen), is_cut)


def wrong(made: Made) -> str:
    """What is wrong about how a text is read; empty where nothing is."""
    if not made.text.strip():
        return ""
    found = explain_messages(made.text)
    families = [one.family for one in found]
    for output in ("json", "table"):
        shown = message_format.render(found, output, Style()) if found else "{}"
        if output == "json":
            json.loads(shown)
        elif "\x1b" in shown or "None" in shown.split():
            return "shows what it should not"
    if made.is_cut:
        return ""
    allowed = set(made.whole) | ({"denied-in-part"} if "denied" in made.whole else set())
    missing = [
        one
        for one in made.whole
        if one not in families
        and not YIELDS[one] & set(families)
        and not (one == "denied" and {"denied-in-part", *made.whole} & {"denied-in-part"})
    ]
    more = [one for one in families if one not in allowed]
    return f"{missing} are not found, {more} are found beside" if missing or more else ""


def failures(start: int, count: int) -> list[str]:
    """The texts of a range of numbers that are read wrongly."""
    found = []
    for number in range(start, start + count):
        made = text_of(random.Random(number))
        if said := wrong(made):
            found.append(f"{number}: {said}: {made.text[:200]!r}")
    return found


def test_a_text_is_read_for_what_it_is() -> None:
    assert failures(0, 400) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 100_000, 5_000))
def test_a_hundred_thousand_texts_are_read_for_what_they_are(start: int) -> None:
    assert failures(start, 5_000) == []


LONG: Final = {
    "one character": "x",
    "backslashes": "\\",
    "quotes": "\\\"'",
    "escapes": "\x1b[",
    "brackets": "<{[(",
    "frames": "│ ",
    "ARNs": "arn:aws:iam::",
    "masks": "***:",
    "digits": "1",
    "denials": "User: a is not authorized to perform: iam:PassRole on resource: ",
    "roles": "Unable to assume role ",
    "model data": "Could not access model data at s3://a/b role ",
    "alarms": "alarms ",
    "containers": "Container ",
    "key policies": "Key policy ",
    "images": "make sure all images included in the model ",
    "a scalable target": "Application AutoScaling scalable target exists for a variant being deleted ",
    "entities": "&lt;&amp;",
}


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_long_text_is_read_to_its_end(piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    # each takes some milliseconds; an expression that looks back again and again takes minutes
    assert len(explain_messages(text)) <= 1
