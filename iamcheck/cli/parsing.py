"""Parses the words of a command: nothing that is typed is dropped in silence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MappingCommand", "StrictCommand"]


class StrictCommand(click.Command):
    """A command that refuses an option of one value that comes twice, and every value that is empty."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the words.

        Raises:
            click.UsageError: An option that takes one value comes twice, or a value is empty.
        """
        # click itself takes the last value of an option that is repeated, and keeps the order of all of them
        values, _, order = self.make_parser(ctx).parse_args(list(args))
        for param, times in Counter(order).items():
            takes_one = isinstance(param, click.Option) and not (param.multiple or param.is_flag or param.count)
            if takes_one and times > 1:
                raise click.UsageError(f"{_spelled(param)} is given {times} times, and takes one value", ctx)
            if any(isinstance(value, str) and not value.strip() for value in _values(values.get(param.name or ""))):
                raise click.UsageError(f"{_spelled(param)} is empty: leave it out, or give a value", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Calls the command's function, for no longer than `--timeout`.

        Raises:
            OutOfTimeError: It did not end in time.
        """
        seconds = ctx.params.get("timeout")
        if seconds is None:
            return self.call(ctx)
        from iamcheck.cli.time_limit import time_limit  # most commands need no timer

        with time_limit(seconds + ctx.params.get("wait", 0)):
            return self.call(ctx)

    def call(self, ctx: click.Context) -> object:
        """Calls the command's function."""
        return super().invoke(ctx)


class MappingCommand(StrictCommand):
    """A command whose function takes all words as one mapping, by the names of its parameters."""

    def call(self, ctx: click.Context) -> object:
        """Calls the command's function."""
        return None if self.callback is None else ctx.invoke(self.callback, ctx.params)


def _values(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple)) else (value,)


def _spelled(param: click.Parameter) -> str:
    """The parameter as people type it: its flag, or its place in the usage line."""
    if isinstance(param, click.Option):
        return " or ".join(param.opts)
    return (param.metavar or str(param.name)).strip("[]")
