"""Resumes a fleet: goes on only from the same inputs, and cuts off a half-written last line."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck._version import __version__
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import reference_date

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = [
    "FleetState",
    "WrittenResults",
    "file_hash",
    "is_stream",
    "repair",
    "require_apart",
    "state_file",
    "text_hash",
]

_FLAG: Final = "--resume"
_HEAD: Final = re.compile(rb'\{"row": ([0-9]+), [^{\[]*?"verdict": "([a-z]+)"')
_PIECE: Final = 1 << 20
"""Bytes that are read at a time."""
_LARGEST: Final = 1 << 30
"""Bytes of a file that count in its hash, and its size: hashing them takes a second or two."""
_MOST_FILES: Final = 10_000
"""Files of a folder that can be compared."""


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
        try:
            with temporary.open("w", encoding="utf-8") as file:
                json.dump({**self._asdict(), "inputs": dict(self.inputs)}, file, indent=1, sort_keys=True)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise

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


def is_stream(name: str) -> bool:
    """Whether a name is that of standard input, a pipe or a device: what came out of it does not come again."""
    if name == "-":
        return True
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116  a name may be no path at all
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def require_apart(results: str, names: Iterable[str]) -> None:
    """Returns where the results and what stands beside them overwrite nothing that is read.

    Raises:
        InvalidInputError: The manifest, or a file that it names, is such a file.
    """
    written = {os.path.realpath(name): name for name in (results, str(state_file(results)))}
    files = {identity: name for name in written.values() if (identity := _identity(name)) is not None}
    for name in names:
        identity = _identity(name)
        if identity in files or (identity is None and _real_path(name) in written):
            raise InvalidInputError(
                f"the results would overwrite {name}, which the run reads",
                where="--output-file",
                cure="name another file",
            )


def _real_path(name: str) -> str | None:
    """The path without links; None: the name is no path."""
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):
        return None


def _identity(name: str) -> tuple[int, int] | None:
    """What two names of one file have in common; None: there is no such file."""
    try:
        found = os.stat(name)  # noqa: PTH116  a name may be no path at all
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def repair(results: str, *, rows: int) -> WrittenResults:
    """What is in a file of results, from which half a line at its end is taken away.

    Args:
        results: The file.
        rows: Rows of the manifest.

    Raises:
        InvalidInputError: It cannot be read or written, or has lines that are no results of these rows in order.
    """
    verdicts: dict[str, int] = {}
    done = whole = 0
    try:
        with Path(results).open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                head = _HEAD.match(line)
                if head is None or int(head[1]) != done + 1 or done == rows or not line.endswith(b"}\n"):
                    raise InvalidInputError(
                        f"line {done + 1} is not the result of row {done + 1}",
                        where=results,
                        cure="give the file that --output-file made, or start anew with --output-file",
                    )
                done += 1
                whole += len(line)
                verdict = head[2].decode()
                verdicts[verdict] = verdicts.get(verdict, 0) + 1
            file.truncate(whole)
    except OSError as error:
        raise InvalidInputError(f"cannot be read: {error.strerror}", where=results) from None
    return WrittenResults(done, verdicts)


def text_hash(value: object) -> str:
    """The hash of a value that JSON has."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=list).encode()).hexdigest()


def file_hash(name: str, *, without: Collection[str] = ()) -> str:
    """The hash of a file, or of all files of a folder with their names.

    Args:
        name: The file or folder.
        without: Real paths of files of a folder that do not count, such as the results of the run itself.

    Returns:
        The hash; empty where it cannot be read. Another text each time where it cannot be compared: a pipe, a device,
        or a folder with more than 10,000 files.
    """
    path = Path(name)
    digest = hashlib.sha256()
    try:
        if is_stream(name):
            return secrets.token_hex()
        if not path.is_dir():
            _add(path, digest)
            return digest.hexdigest()
        files = list(islice((file for file in path.rglob("*") if file.is_file()), _MOST_FILES + 1))
        if len(files) > _MOST_FILES:
            return secrets.token_hex()
        for file in sorted(files):
            if os.path.realpath(file) not in without:
                digest.update(f"\0{file.relative_to(path)}\0".encode(errors="surrogateescape"))
                _add(file, digest)
    except (OSError, ValueError):
        return ""
    return digest.hexdigest()


def _add(path: Path, digest: hashlib._Hash) -> None:
    """Adds the content of a file to a hash: no more of it than its size says, for some files never end."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        left = min(size, _LARGEST)
        digest.update(f"{size}\0".encode())
        while data := file.read(min(_PIECE, left)):
            left -= len(data)
            digest.update(data)
