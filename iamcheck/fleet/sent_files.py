"""Sends the files that rows name to workers that may be on other machines: their hashes, and each file once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.fleet.running import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FileContents", "SentFiles"]

_LARGEST: Final = 64_000_000
"""Bytes of a file that is sent, and of what a worker keeps of them before it asks anew."""


class SentFiles:
    """The files of a run, where they are."""

    def __init__(self) -> None:
        self._hashes: dict[str, str | None] = {}
        self._names: dict[str, str] = {}

    def hashes(self, names: Iterable[str]) -> Mapping[str, str] | None:
        """The hash of each file, by its name; None: one is no file that can be sent."""
        found: dict[str, str] = {}
        for name in names:
            if name not in self._hashes:
                data = _content(name)
                self._hashes[name] = None if data is None else _hash(data)
            digest = self._hashes[name]
            if digest is None:
                return None
            found[name] = digest
            self._names[digest] = name
        return found

    def contents(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """The contents of files by their hashes.

        Raises:
            InvalidInputError: A file changed since its hash was taken.
        """
        found: dict[str, bytes] = {}
        for digest in hashes:
            name = self._names[digest]
            data = _content(name)
            if data is None or _hash(data) != digest:
                raise InvalidInputError("the file changed during the run", where=name, cure="start the run again")
            found[digest] = data
        return found


def _content(name: str) -> bytes | None:
    path = Path(name)
    try:
        if path.is_file() and path.stat().st_size <= _LARGEST:
            return path.read_bytes()
    except (OSError, ValueError):
        # whoever opens it says why
        return None
    return None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class FileContents:
    """The files of a run that came to a worker, whose threads share them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._lock = Lock()

    def files(self, hashes: Mapping[str, str], came: Mapping[str, bytes]) -> Mapping[str, bytes] | Missing:
        """The contents of files by their names, or the hashes of those that are not here.

        Args:
            hashes: The hash of each file, by its name.
            came: Contents by their hashes, which are kept; where there are too many, those before are asked for again.
        """
        with self._lock:
            if sum(map(len, self._kept.values())) > _LARGEST:
                self._kept = {}
            self._kept.update(came)
            missing = tuple(dict.fromkeys(digest for digest in hashes.values() if digest not in self._kept))
            if missing:
                return Missing(missing)
            return {name: self._kept[digest] for name, digest in hashes.items()}
