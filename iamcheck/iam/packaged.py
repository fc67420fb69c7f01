"""Reads the packaged data files."""

from __future__ import annotations

import json
import os
from typing import Any, Final

__all__ = ["read"]

_DATA: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data")


def read(*path: str) -> dict[str, Any]:
    """Returns the document of a file below `iamcheck/data`; FileNotFoundError where there is none."""
    # pathlib takes longer to load than everything that is read here
    with open(os.path.join(_DATA, *path), encoding="utf-8") as file:
        document: dict[str, Any] = json.load(file)
    return document
