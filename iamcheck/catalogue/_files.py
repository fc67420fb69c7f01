"""Reading the packaged data files, and naming what is near to a misspelt name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def read(*path: str) -> dict[str, Any]:
    """Returns the document of a file below `iamcheck/data`; FileNotFoundError where there is none."""
    from pathlib import Path  # imported here because most of what imports the catalogue reads nothing

    text = Path(__file__).parent.parent.joinpath("data", *path).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns "did you mean A or B?", or nothing where nothing is near."""
    from difflib import get_close_matches

    spelling = {one.lower(): one for one in known}
    near = [spelling[one] for one in get_close_matches(name.lower(), spelling, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(near)}?" if near else ""
