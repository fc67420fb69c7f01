"""Reads the files that people give: policies as JSON."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final

from iamcheck.errors import InvalidInputError
from iamcheck.model import Policy
from iamcheck.model.json_text import decode

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.model import PolicyType

__all__ = ["read_document", "read_policy"]

_LARGEST: Final = 10_000_000
"""Bytes; the largest policy that any AWS service takes is a hundredth of this."""


def read_document(path: str | Path, *, stdin: BinaryIO | None = None) -> str:
    """Reads a text file of at most 10 MB, in UTF-8 with or without a byte order mark.

    Args:
        path: The file; `-` is standard input.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: The file is missing, a directory, not readable, empty, too large or not UTF-8.
    """
    place = "standard input" if str(path) == "-" else str(path)
    data = _bytes(path, place, stdin)
    if len(data) > _LARGEST:
        raise InvalidInputError(f"larger than {_LARGEST:,} bytes", where=place, cure="is it the right file?")
    if not data.strip():
        raise InvalidInputError("the file is empty", where=place, cure="give a JSON document")
    if b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInputError("the file is binary", where=place, cure="give a JSON document")
    try:
        return decode(data).removeprefix("\ufeff")
    except InvalidInputError as error:
        raise error.at(place) from None


def _bytes(path: str | Path, place: str, stdin: BinaryIO | None) -> bytes:
    try:
        if str(path) == "-":
            return (stdin or sys.stdin.buffer).read(_LARGEST + 1)
        from pathlib import Path

        with Path(path).open("rb") as file:
            return file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise InvalidInputError("there is no such file", where=place, cure="check the path") from None
    except IsADirectoryError:
        raise InvalidInputError("it is a directory", where=place, cure="name the file in it") from None
    except (OSError, ValueError) as error:
        # ValueError: a path with a null character; its text would repeat the path
        reason = error.strerror if isinstance(error, OSError) else "the path is no path"
        raise InvalidInputError(
            f"cannot be read: {reason}", where=place, cure="check the path and its rights"
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
    text = read_document(path, stdin=stdin)
    place = "standard input" if str(path) == "-" else str(path)
    policy = Policy.parse(text, name=place, layer=layer, stored=stored)
    return policy if name is None else replace(policy, name=name)
