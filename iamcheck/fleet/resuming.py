"""Resumes a fleet: goes on only from the same inputs, and cuts off a half-written last line."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck._version import __version__
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import reference_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FleetState", "WrittenResults", "file_hash", "repair", "state_file", "text_hash"]

_FLAG: Final = "--resume"
_HEAD: Final = re.compile(rb'\{"row": ([0-9]+), [^{\[]*?"verdict": "([a-z]+)"')
_PIECE: Final = 1 << 20
"""Bytes that are read at a time."""


class FleetState(NamedTuple):
    """All that results depend on.

    Args:
        manifest: Hash of the manifest.
        options: Hash of the command's options and of what it takes from the environment.
        inputs: Hash of each file that the rows or the options name, by its name; a missing file has an empty one.
        version: iamcheck's version and the date of its reference data.
    """

    manifest: str
    options: str
    inputs: Mapping[str, str]
    version: str = f"{__version__} {reference_date()}"

    def write(self, path: Path) -> None:
        """Writes it to a file, whole or not at all."""
        temporary = path.with_name(f"{path.name}.tmp")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump({**self._asdict(), "inputs": dict(self.inputs)}, file, indent=1, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def require_same(self, path: Path) -> None:
        """Returns where the state in a file is this one.

        Raises:
            InvalidInputError: There is none, or it is another; it says what differs.
        """
        cure = f"start anew, with --output-file in place of {_FLAG}"
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
            inputs = dict(before["inputs"])
            named = [(name, str(before[name])) for name in ("version", "manifest", "options")]
        except FileNotFoundError:
            raise InvalidInputError("there is no such file, so nobody knows what the results were made from",
                                    where=str(path), cure=cure) from None  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InvalidInputError("it cannot be read as the state of a run", where=str(path), cure=cure) from None
        words = {"version": "iamcheck's version differs", "manifest": "the manifest differs",
                 "options": "the options differ"}  # fmt: skip
        for name, value in named:
            if value != getattr(self, name):
                raise InvalidInputError(f"{words[name]} from that of the run before", where=_FLAG, cure=cure)
        for name in sorted({*inputs, *self.inputs}):
            if inputs.get(name) != self.inputs.get(name):
                raise InvalidInputError(f"{name} differs from what the run before read", where=_FLAG, cure=cure)


class WrittenResults(NamedTuple):
    """The results that are in a file.

    Args:
        rows: How many.
        verdicts: How many of each verdict.
    """

    rows: int
    verdicts: Mapping[str, int]


def state_file(results: str) -> Path:
    """The file beside the results that says what they were made from."""
    return Path(f"{results}.state")


def repair(results: str) -> WrittenResults:
    """What is in a file of results, from which half a line at its end is taken away.

    Raises:
        InvalidInputError: It cannot be read or written, or has lines that are no results in order.
    """
    verdicts: dict[str, int] = {}
    rows = whole = 0
    try:
        with Path(results).open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                found = _HEAD.match(line)
                if found is None or int(found[1]) != rows + 1:
                    raise InvalidInputError(
                        f"line {rows + 1} is not the result of row {rows + 1}",
                        where=results,
                        cure="give the file that --output-file made",
                    )
                rows += 1
                whole += len(line)
                verdict = found[2].decode()
                verdicts[verdict] = verdicts.get(verdict, 0) + 1
            file.truncate(whole)
    except FileNotFoundError:
        # the run before ended before its first result
        return WrittenResults(0, {})
    except OSError as error:
        raise InvalidInputError(f"cannot be read: {error.strerror}", where=results) from None
    return WrittenResults(rows, verdicts)


def text_hash(value: object) -> str:
    """The hash of a value that JSON has."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=list).encode()).hexdigest()


def file_hash(name: str) -> str:
    """The hash of a file, or of all files of a folder with their names; empty where it cannot be read."""
    path = Path(name)
    digest = hashlib.sha256()
    try:
        for file in _files(path):
            if file != path:
                digest.update(f"\0{file.relative_to(path)}\0".encode(errors="surrogateescape"))
            with file.open("rb") as opened:
                while data := opened.read(_PIECE):
                    digest.update(data)
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else (path,)
