"""Holds whole outputs to texts that somebody has read: `tests/cases/approved/`.

A room's `corpus.py` makes the texts from its inputs. `python scripts/refresh_approved.py` writes them anew, and whoever
commits the difference has read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.examples import CASES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    Corpus: TypeAlias = Mapping[str, Callable[[], str]]
    """What makes each text, by the name of its file without the suffix."""

__all__ = ["approved", "path_of"]

FOLDER: Final = CASES / "approved"


def path_of(name: str) -> Path:
    """The file of an approved text."""
    return FOLDER / f"{name}.txt"


def approved(name: str) -> str:
    """The text that somebody has read."""
    return path_of(name).read_text(encoding="utf-8")
