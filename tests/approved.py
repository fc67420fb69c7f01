"""Holds whole outputs to texts that somebody has read: `tests/cases/approved/`.

A room's `corpus.py` makes the texts from its inputs. `python scripts/refresh_approved.py` writes them anew, and whoever
commits the difference has read it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from tests.examples import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    Corpus: TypeAlias = Mapping[str, Callable[[], str]]
    """What makes each text, by the name of its file without the suffix."""

__all__ = ["differences", "path_of"]

FOLDER: Final = CASES / "approved"
MOST_LINES: Final = 40


def path_of(name: str) -> Path:
    """The file of an approved text."""
    return FOLDER / f"{name}.txt"


def differences(name: str, text: str) -> list[str]:
    """The first lines in which a text is another than the one that somebody has read.

    pytest's own comparison of long texts takes minutes.
    """
    read, now = path_of(name).read_text(encoding="utf-8").split("\n"), text.split("\n")
    gone, come = Counter(read) - Counter(now), Counter(now) - Counter(read)
    lines = [*(f"- {line}" for line in gone.elements()), *(f"+ {line}" for line in come.elements())]
    moved = [f"moved: {line}" for before, line in zip(read, now, strict=False) if before != line]
    return (lines or moved)[:MOST_LINES]
