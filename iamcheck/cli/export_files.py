"""Writes the files of an export into a folder, all of them or none."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["new_folder", "write_json", "write_lists"]


@contextmanager
def new_folder(name: str) -> Iterator[Path]:
    """Gives a folder to write into, whose files come into the folder of the export when all are written.

    Where something goes wrong on the way the export has no file, for half of one would say less than there is.

    Args:
        name: The folder of the export, which is made; what is in it could be of another time.

    Raises:
        InvalidInputError: It has files, or cannot be made.
    """
    folder = Path(name)
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InvalidInputError("the folder is not empty", where=name, cure="name a new one")
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    except OSError as error:
        raise InvalidInputError(f"cannot be made: {error.strerror}", where=name) from None
    is_whole = False
    try:
        yield unfinished
        for file in sorted(unfinished.iterdir()):
            file.rename(folder / file.name)
        is_whole = True
    finally:
        shutil.rmtree(unfinished)
        if is_new and not is_whole:
            folder.rmdir()


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
