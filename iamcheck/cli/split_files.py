"""Writes the policies that a large one was split into, as numbered files of a folder: all of them or none."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.cli.output import say
from iamcheck.errors import InvalidInputError
from iamcheck.formats.text import json_text
from iamcheck.policies.rendering import policy_size
from iamcheck.policies.splitting import POLICIES_OF_A_ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.results import Json

__all__ = ["write_policies"]

_FLAG: Final = "--split"
_NAMES: Final = "policy-*.json"


def write_policies(policies: Sequence[Mapping[str, Json]], folder: str) -> None:
    """Writes `policy-1.json`, `policy-2.json` and so on, with as many digits as the last number has, and names them.

    Policies of another run are not overwritten: of more policies than there are now, the last would stay, and be taken
    for a part of the new ones.

    Args:
        policies: The policies.
        folder: The folder; it is made where there is none.

    Raises:
        InvalidInputError: The folder cannot be written, or has such files already.
    """
    target = Path(folder)
    digits = len(str(len(policies)))
    files = {f"policy-{number:0{digits}}.json": json_text(policy) for number, policy in enumerate(policies, 1)}
    try:
        is_new = not target.exists()
        if is_new:
            target.mkdir()
        there = sorted(path.name for path in target.glob(_NAMES))
        if there:
            raise InvalidInputError(
                f"{folder} has {there[0]} already", where=_FLAG, cure="remove the old policies, or name another folder"
            )
        try:
            _write_all(target, files)
        except BaseException:
            if is_new:
                target.rmdir()
            raise
    except InvalidInputError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InvalidInputError(f"{folder} cannot be written: {reason}", where=_FLAG) from error
    for name, policy in zip(files, policies, strict=True):
        say(f"wrote {target / name}: {policy_size(policy)} characters")
    if len(policies) > POLICIES_OF_A_ROLE:
        say(
            f"IAM lets a role have {POLICIES_OF_A_ROLE} managed policies by default, and these are {len(policies)}: "
            "ask AWS for a higher quota, or deploy with several roles"
        )


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Writes all files or none: each is written beside its place, and gets its name when all are whole."""
    made: list[Path] = []
    try:
        with tempfile.TemporaryDirectory(prefix=".iamcheck-", dir=folder) as name:
            for file, text in files.items():
                (Path(name) / file).write_text(text, encoding="utf-8")
            for file in files:
                (Path(name) / file).rename(folder / file)
                made.append(folder / file)
    except BaseException:
        for path in made:
            path.unlink()
        raise
