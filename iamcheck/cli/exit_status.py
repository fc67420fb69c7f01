"""Holds the exit status of each verdict, and those of runs that have no verdict."""

from __future__ import annotations

from typing import Final

__all__ = ["DONE", "INTERRUPTED", "STATUS", "UNKNOWN", "USAGE"]

STATUS: Final = {"pass": 0, "fail": 1, "unknown": 3}
"""By verdict."""
DONE: Final = 0
"""A command without a verdict did what it was told to."""
USAGE: Final = 2
"""Wrong usage, bad input, or output that cannot be written."""
UNKNOWN: Final = 3
"""Nothing could be established; never a verdict by accident."""
INTERRUPTED: Final = 130
"""Ctrl-C, as shells have it."""
