"""Names what is near to a misspelt name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns "did you mean A or B?", or nothing where nothing is near."""
    from difflib import get_close_matches

    spelling = {one.lower(): one for one in known}
    near = [spelling[one] for one in get_close_matches(name.lower(), spelling, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(near)}?" if near else ""
