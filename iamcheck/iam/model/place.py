"""Defines a place in a file of the user's, which a finding points at."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Place"]


class Place(NamedTuple):
    """Where something is written.

    Args:
        file: The file as the user named it; None: not in a file (an answer of AWS, an argument).
        line: The line, from 1; None: not known.
        column: The column, from 1; None: not known.
        path: The path inside the document, such as `Resources.Endpoint.Properties.Tags[0]`; empty: the whole.
        label: What to call the place in place of its file and line: where it is in no file, such as `endpoint config
            churn-v7 in eu-west-1`, or where the path tells people more, such as an address of Terraform's.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str = ""
    label: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line is not None and not self.label else ""
        parts = [self.label or self.file, line, self.path]
        return ", ".join(part for part in parts if part)
