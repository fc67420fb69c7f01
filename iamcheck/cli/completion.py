"""Completes values of options in a shell: files, folders, ids of checks, Regions, profiles and conditions.

The scopes, engines and formats are choices, which click completes by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["CompletedText", "complete_values"]


class CompletedText(click.types.StringParamType):
    """A text that a shell can complete.

    Args:
        words: Gives the words that it may be.
        path: `file` or `dir` where it may be a path; empty: it is none.
    """

    def __init__(self, words: Callable[[], Iterable[str]], path: str = "") -> None:
        self._words = words
        self._path = path

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        param: click.Parameter,  # noqa: ARG002  click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """The words that begin so, and a mark that lets the shell add paths."""
        items = [CompletionItem(word) for word in self._words() if word.startswith(incomplete)]
        return [*items, CompletionItem(incomplete, type=self._path)] if self._path else items


def complete_values(params: Sequence[click.Parameter]) -> None:
    """Lets a shell complete the values of parameters, by what help calls them."""
    for param in params:
        kind = _KINDS.get(f"{param.metavar} of {param.name}") or _KINDS.get(param.metavar or "")
        if kind is not None and isinstance(param.type, click.types.StringParamType):
            param.type = CompletedText(*kind)


def _nothing() -> Iterable[str]:
    return ()


def _checks() -> Iterable[str]:
    from iamcheck.results import CheckId

    return (*(check.value for check in CheckId), "all")


def _regions() -> Iterable[str]:
    from iamcheck.iam.catalogue import regions

    return sorted(region.name for region in regions())


def _profiles() -> Iterable[str]:
    from iamcheck.aws.session import profiles

    return profiles()


def _formats() -> Iterable[str]:
    from iamcheck.formats import FORMATS

    return (f"{name}:" for name in FORMATS)


def _commands() -> Iterable[str]:
    from iamcheck.cli import _COMMANDS

    return _COMMANDS


_KINDS: Final[Mapping[str, tuple[Callable[[], Iterable[str]], str]]] = {
    "FILE": (_nothing, "file"),
    "DIR": (_nothing, "dir"),
    "RESULTS": (_nothing, "file"),
    "[MANIFEST]": (_nothing, "file"),
    "LEVEL of scp": (lambda: ("FullAWSAccess",), "file"),
    "LEVEL of rcp": (lambda: ("RCPFullAWSAccess",), "file"),
    "aws|ignore|DIR": (lambda: ("aws", "ignore"), "dir"),
    "[FORMAT:]FILE": (_formats, "file"),
    "ID of checks": (_checks, ""),
    "ID of skip": (_checks, ""),
    "REGION": (_regions, ""),
    "[REGION ...]": (_regions, ""),
    "NAME of profile": (_profiles, ""),
    "[COMMAND]": (_commands, ""),
}
"""By what help calls a value, and by its parameter where that is not enough: its words, and whether it is a path."""
