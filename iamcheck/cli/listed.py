"""Reads options that take several values, as the AWS CLI has them: `--action-names s3:GetObject s3:PutObject`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from iamcheck.cli.parsing import MappingCommand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ListedCommand", "ListedOption"]


class ListedOption(click.Option):
    """An option that takes all words up to the next option, and may be repeated; made with `multiple=True`."""


class ListedCommand(MappingCommand):
    """A command whose `ListedOption`s take several words, and whose function takes all words as one mapping."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words, with each value of a listed option behind the option's name."""
        listed = {name for option in self.get_params(ctx) if isinstance(option, ListedOption) for name in option.opts}
        return super().parse_args(ctx, list(_spread(args, listed, ctx)))


def _spread(words: Iterable[str], listed: Iterable[str], ctx: click.Context) -> Iterator[str]:
    """Repeats the name of a listed option before each of its words."""
    name, count = "", 0
    for word in words:
        # `-` is standard input, and no value of these options starts with a hyphen otherwise
        is_option = word.startswith("-") and word != "-"
        if is_option:
            _refuse_empty(name, count, ctx)
            name, count = (word if word in listed else ""), 0
            if not name:
                yield word
        elif name:
            count += 1
            yield from (name, word)
        else:
            yield word
    _refuse_empty(name, count, ctx)


def _refuse_empty(name: str, count: int, ctx: click.Context) -> None:
    if name and not count:
        raise click.UsageError(f"Option '{name}' requires a value; an empty list is '[]'.", ctx)
