"""Holds a place in the text of a policy."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Position"]


class Position(NamedTuple):
    """A place in a policy text: line and column from 1, in characters; CR, LF and CRLF each end one line."""

    line: int
    column: int
