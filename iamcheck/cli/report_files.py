"""Writes one report in several formats: to standard output and to the files of `--output-file`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.cli.output import style, write
from iamcheck.errors import InvalidInputError
from iamcheck.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.formats import Style

__all__ = ["ReportFile", "parse_report_files", "write_report"]

_FLAG = "--output-file"


class ReportFile(NamedTuple):
    """A place that the report is written to.

    Args:
        format: One of `FORMATS`.
        file: The file; None: standard output.
    """

    format: str
    file: str | None


def parse_report_files(output: str, output_files: Sequence[str]) -> tuple[ReportFile, ...]:
    """The places that `--output` and the values of `--output-file` name.

    A value that starts with the name of a format and a colon is a file in that format, beside standard output; any
    other is a file in the format of `--output`, in place of standard output.

    Raises:
        InvalidInputError: Two values replace standard output, a file has no name, or two name the same file.
    """
    plain: list[str] = []
    files: list[ReportFile] = []
    for value in output_files:
        name, colon, file = value.partition(":")
        if not (colon and name in FORMATS):
            plain.append(value)
        elif not file.strip():
            raise InvalidInputError(f"{value!r} names no file", where=_FLAG, cure=f"give {name}:FILE")
        else:
            files.append(ReportFile(name, file))
    if len(plain) > 1:
        cure = f"give the others as FORMAT:FILE, FORMAT being one of {', '.join(FORMATS)}"
        raise InvalidInputError(f"{len(plain)} files have no format", where=_FLAG, cure=cure)
    # standard output comes last: whoever reads it may stop, and the files are there then
    places = (*files, ReportFile(output, plain[0] if plain else None))
    _require_different(places)
    return places


def _require_different(places: Sequence[ReportFile]) -> None:
    seen: set[str] = set()
    for place in places:
        name = "-" if place.file in (None, "-") else os.path.realpath(str(place.file))
        if name in seen:
            what = "standard output" if name == "-" else place.file
            raise InvalidInputError(f"{what} is named twice", where=_FLAG, cure="give each format a file of its own")
        seen.add(name)


def write_report(render: Callable[[str, Style], str], places: Sequence[ReportFile], *, no_color: bool) -> None:
    """Writes the report to every place.

    Args:
        render: Makes the text of a format.
        places: The places.
        no_color: Whether `--no-color` was given.

    Raises:
        InvalidInputError: A place cannot be written; the others are.
    """
    refused: list[InvalidInputError] = []
    for place in places:
        text = render(place.format, style(no_color=no_color, output_file=place.file))
        try:
            write(text, place.file)
        except InvalidInputError as error:
            refused.append(error)
    if refused:
        raise refused[0]
