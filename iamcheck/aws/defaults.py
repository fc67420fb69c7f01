"""Bounds a run that asks AWS, where nobody says otherwise."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_CONCURRENCY", "TIMEOUT"]

TIMEOUT: Final = 60.0
"""Seconds for a whole run."""
MAX_CONCURRENCY: Final = 4
"""Calls that are made at a time."""
