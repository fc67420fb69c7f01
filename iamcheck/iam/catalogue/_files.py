"""Reading the packaged data files, and naming what is near to a misspelt name."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "data")


def read(*path: str) -> dict[str, Any]:
    """Returns the document of a file below `iamcheck/data`; FileNotFoundError where there is none."""
    # pathlib takes longer to load than everything that is read here
    with open(os.path.join(_DATA, *path), encoding="utf-8") as file:
        document: dict[str, Any] = json.load(file)
    return document


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns "did you mean A or B?", or nothing where nothing is near."""
    from difflib import get_close_matches

    spelling = {one.lower(): one for one in known}
    near = [spelling[one] for one in get_close_matches(name.lower(), spelling, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(near)}?" if near else ""
