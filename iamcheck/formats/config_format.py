"""Writes the values of a command's options with where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from iamcheck.formats.text import hanging, json_text, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.formats import Style

__all__ = ["OptionValue", "render"]


class OptionValue(NamedTuple):
    """The value of an option.

    Args:
        flag: The option.
        value: A text, number, truth or row of texts; None: it has none.
        origin: `flag`, the variable of the environment, the file with the line, or `default`.
    """

    flag: str
    value: object
    origin: str


def render(file: str | None, values: Sequence[OptionValue], output: str, style: Style) -> str:
    """The values as a table or as JSON.

    Args:
        file: The configuration file that is read; None: there is none.
        values: The values.
        output: `table` or `json`.
        style: What the screen can do.
    """
    if output == "json":
        options = {option.flag: {"value": _plain(option.value), "source": option.origin} for option in values}
        return json_text({"file": file, "options": options})
    return text_of(_lines(file, values, style), style)


def _lines(file: str | None, values: Sequence[OptionValue], style: Style) -> Iterator[str]:
    yield from hanging("File    ", file or "none", style)
    yield ""
    width = max((len(option.flag) for option in values), default=0)
    for option in values:
        yield from hanging(f"{option.flag:<{width}}  ", f"{_text(option.value)} ({option.origin})", style)


def _text(value: object) -> str:
    plain = _plain(value)
    if isinstance(plain, list):
        return ", ".join(str(option) for option in plain) or "-"
    if isinstance(plain, bool):
        return "yes" if plain else "no"
    if isinstance(plain, float):
        return f"{plain:g}"
    return "-" if plain is None else str(plain)


def _plain(value: object) -> object:
    return [str(option) for option in cast("tuple[object, ...]", value)] if isinstance(value, (tuple, list)) else value
