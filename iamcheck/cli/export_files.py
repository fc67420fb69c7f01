"""Writes the files of an export into a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["empty_folder", "write_json", "write_lists"]


def empty_folder(name: str) -> Path:
    """The folder of an export, which is made; what is in it could be of another time.

    Raises:
        InvalidInputError: It has files, or cannot be made.
    """
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InvalidInputError("the folder is not empty", where=name, cure="name a new one")
    except OSError as error:
        raise InvalidInputError(f"cannot be made: {error.strerror}", where=name) from None
    return folder


def write_json(file: Path, document: Mapping[str, object]) -> None:
    """Writes a document.

    Raises:
        InvalidInputError: It cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{json.dumps(document, indent=2, default=str)}\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"cannot be written: {error.strerror}", where=str(file)) from None


def write_lists(file: Path, names: Iterable[str], entries: Iterable[tuple[str, Mapping[str, object]]]) -> int:
    """Writes a document of lists whose entries come mixed; gives their number.

    Raises:
        InvalidInputError: It cannot be written.
    """
    lists: dict[str, list[str]] = {name: [] for name in names}
    count = 0
    for name, entry in entries:
        lists[name].append(json.dumps(entry, default=str))
        count += 1
    try:
        with file.open("w", encoding="utf-8") as opened:
            opened.write("{\n")
            for number, (name, texts) in enumerate(lists.items(), 1):
                opened.write(f'"{name}": [\n')
                opened.write(",\n".join(texts))
                opened.write("\n]" + (",\n" if number < len(lists) else "\n}\n"))
    except OSError as error:
        raise InvalidInputError(f"cannot be written: {error.strerror}", where=str(file)) from None
    return count
