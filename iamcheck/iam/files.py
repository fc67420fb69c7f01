"""Reads the files that people give: texts, logs and policies."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Policy
from iamcheck.iam.model.json_text import LONGEST_POLICY, decode, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from iamcheck.iam.model import PolicyType
    from iamcheck.iam.model.json_text import JsonNode

__all__ = [
    "files_that_came",
    "is_folder",
    "is_there",
    "local_path",
    "opened",
    "parse_policy",
    "policy_in_text",
    "read_document",
    "read_log",
    "read_policy",
    "text_of_log",
]

_LARGEST: Final = 10_000_000
"""Bytes; lists of policies, requests and details are longer than a policy."""
_MARK: Final = 2
_UTF_16: Final[Mapping[bytes, str]] = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
"""The marks with which UTF-16 begins, of so many bytes."""
_ZIP: Final = b"PK\x03\x04"


def local_path(path: str | Path) -> str:
    """The path that a word of a command line means: `file://` before it, as the AWS CLI has it, is no part of it."""
    return str(path).removeprefix("file://")


_CAME: Final[ContextVar[Mapping[str, bytes] | None]] = ContextVar("files that came", default=None)
"""Contents of files by their names, where work is done for another machine: they are read in place of the files."""


@contextmanager
def files_that_came(contents: Mapping[str, bytes]) -> Iterator[None]:
    """Reads these contents in place of the files of these names, for the time of a `with`."""
    token = _CAME.set(contents)
    try:
        yield
    finally:
        _CAME.reset(token)


def is_there(path: str) -> bool:
    """Whether there is a file or folder of that name."""
    return path in (_CAME.get() or ()) or os.path.exists(path)  # noqa: PTH110  False for what is too long for a name


def is_folder(path: str) -> bool:
    """Whether there is a folder of that name."""
    return os.path.isdir(path)  # noqa: PTH112  False for what is too long for a name


def read_document(path: str | Path, *, stdin: BinaryIO | None = None, largest: int = _LARGEST) -> str:
    """Reads a text file, in UTF-8 with or without a byte order mark.

    Args:
        path: The file; `-` is standard input.
        stdin: What to read for `-`, None: the process's standard input.
        largest: Bytes that are read at most.

    Raises:
        InvalidInputError: The file is missing, a directory, not readable, empty, too large or not UTF-8.
    """
    place = "standard input" if str(path) == "-" else str(path)
    data = _bytes(path, stdin, largest)
    if len(data) > largest:
        raise InvalidInputError(f"larger than {largest:,} bytes", where=place, cure="is it the right file?")
    if not data.strip():
        raise InvalidInputError("the file is empty", where=place, cure="is it the right file?")
    if data.startswith(_ZIP):
        cure = "of a saved plan of Terraform, give what `terraform show -json PLAN` prints"
        raise InvalidInputError("it is a zip archive, as a saved plan of Terraform is", where=place, cure=cure)
    if b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInputError("the file is binary", where=place, cure="is it the right file?")
    try:
        return decode(data).removeprefix("\ufeff")
    except InvalidInputError as error:
        raise error.at(place) from None


def read_log(path: str | Path, *, longest: int = 400_000) -> str:
    """Reads the end of a log, whatever its bytes.

    Args:
        path: The file; `-` is standard input.
        longest: Bytes that are read at most, the last ones of the file.

    Raises:
        InvalidInputError: The file is missing, a directory or not readable.
    """
    with opened(path) as file:
        if not file.seekable():
            return text_of_log(file.read(longest))
        start = file.read(_MARK)
        place = max(0, file.seek(0, 2) - longest)
        # a character of UTF-16 begins at an even place
        file.seek(place + place % 2 if start in _UTF_16 else place)
        return text_of_log(file.read(longest), start)


def text_of_log(data: bytes, start: bytes | None = None) -> str:
    """The text of a log in UTF-8 or UTF-16, whatever its bytes.

    Args:
        data: The log, or a part of it.
        start: How the log begins, where `data` is its end: UTF-16 is known by its mark, as PowerShell writes it.
    """
    encoding = _UTF_16.get((data if start is None else start)[:_MARK], "utf-8")
    return data.decode(encoding, "replace").removeprefix("\ufeff")


def _bytes(path: str | Path, stdin: BinaryIO | None, largest: int) -> bytes:
    with opened(path, stdin=stdin) as file:
        return file.read(largest + 1)


@contextmanager
def opened(path: str | Path, *, stdin: BinaryIO | None = None) -> Iterator[BinaryIO]:
    """Opens a file for reading bytes, for the time of a `with`; errors of reading it there are put in our words too.

    Args:
        path: The file; `-` is standard input.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: The file is missing, a directory or not readable.
    """
    place = "standard input" if str(path) == "-" else str(path)
    try:
        if str(path) == "-":
            # the interpreter's answer to a standard input that was closed before the start
            if stdin is None and sys.stdin is None:
                raise InvalidInputError("it is closed", where=place, cure="name a file")
            yield stdin or sys.stdin.buffer
            return
        came = (_CAME.get() or {}).get(local_path(path))
        if came is not None:
            from io import BytesIO

            yield BytesIO(came)
            return
        from pathlib import Path

        try:
            file = Path(local_path(path)).open("rb")  # noqa: SIM115  closed below, where its errors are put in our words
        except ValueError:
            # a null character; its text would repeat the path
            raise OSError(0, "the path is no path") from None
        with file:
            yield file
    except FileNotFoundError:
        raise InvalidInputError("there is no such file", where=place, cure="check the path") from None
    except IsADirectoryError:
        raise InvalidInputError("it is a directory", where=place, cure="name the file in it") from None
    except OSError as error:
        raise InvalidInputError(
            f"cannot be read: {error.strerror}", where=place, cure="check the path and its rights"
        ) from None


def read_policy(
    path: str | Path,
    *,
    name: str | None = None,
    layer: PolicyType | None = None,
    stored: bool = True,
    stdin: BinaryIO | None = None,
) -> Policy:
    """Reads a policy file.

    Args:
        path: The file; `-` is standard input.
        name: What the policy is called in answers; None: the path.
        layer: As for `Policy.parse`.
        stored: As for `Policy.parse`.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: The file cannot be read, or holds no policy that is understood; it names the file, the
            line and the JSON path.
    """
    return parse_policy(read_document(path, stdin=stdin), path, name=name, layer=layer, stored=stored)


def _node(text: str, path: str, layer: PolicyType | None) -> JsonNode:
    """The document in a text; most texts are the JSON of it, and need no search."""
    if text.lstrip()[:1] == "{" and not path.endswith((".yaml", ".yml", ".tf.json")):
        root = read_text(text, longest=LONGEST_POLICY)
        if isinstance(root.value, dict) and "Statement" in root.value:
            return root
    from iamcheck.iam.policy_text import policy_node

    return policy_node(text, layer=layer, path=path)


def parse_policy(
    text: str,
    path: str | Path,
    *,
    name: str | None = None,
    layer: PolicyType | None = None,
    stored: bool = True,
) -> Policy:
    """Reads a policy from the text of its file; `read_policy` says what the arguments mean.

    Raises:
        InvalidInputError: As `read_policy`.
    """
    place = "standard input" if str(path) == "-" else local_path(path)
    policy = policy_in_text(text, name=place, layer=layer, stored=stored, path=place)
    # nobody can open standard input at a line
    return replace(policy, name=place if name is None else name, file=None if str(path) == "-" else place)


def policy_in_text(
    text: str, *, name: str, layer: PolicyType | None = None, stored: bool = True, path: str = ""
) -> Policy:
    """Reads a policy from a text: JSON, YAML, or what a tool printed around it.

    Args:
        text: The text.
        name: What the policy is called in answers and errors.
        layer: As for `Policy.parse`.
        stored: As for `Policy.parse`.
        path: The file, whose suffix tells YAML from JSON where the text leaves it open.

    Raises:
        InvalidInputError: It has no policy that is understood; the line and the JSON path are named.
    """
    try:
        return Policy.from_node(_node(text, path, layer), name=name, layer=layer, stored=stored)
    except InvalidInputError as error:
        raise error.at(name) from None
