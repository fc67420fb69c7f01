"""Writes what policies allow beyond a deployment, as lines of text or as a JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from iamcheck.formats.text import coloured, hanging
from iamcheck.iam.model.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.excess import Escalation, Excess
    from iamcheck.formats import Style
    from iamcheck.formats.text import Line
    from iamcheck.iam.model import StatementRef

__all__ = ["document", "lines", "numbers"]

_MOST: Final = 10
"""Ways and needed actions that are shown; JSON has them all."""


def document(excess: Excess) -> dict[str, object]:
    """The excess as an object, ready for `json.dumps`."""
    return asdict(excess)


def lines(excess: Excess, style: Style) -> Iterator[Line]:
    """The excess as lines of text, worst first."""
    if excess.unread:
        layers = ", ".join(layer.value for layer in excess.unread)
        yield from hanging("  ? ", f"not read, and so not counted: policies of type {layers}", style)
        if "identity" in excess.unread:
            return
    if not excess.count and not excess.wider and not excess.escalations:
        yield f"{excess.subject} allow nothing beyond this deployment, as of the reference of {excess.reference_date}"
        return
    yield from hanging(
        "",
        f"beyond this deployment, {excess.subject}: {excess.count:,} of the actions known on {excess.reference_date}",
        style,
    )
    for escalation in excess.escalations[:_MOST]:
        yield from coloured(hanging("  ! ", _escalation(escalation), style), "!", "fail")
    yield from _more(len(excess.escalations), "ways to more permissions")
    for level in excess.levels:
        everywhere = f" ({level.on_everything:,} on everything, without conditions)" if level.on_everything else ""
        more = ", ..." if level.count > len(level.examples) else ""
        examples = f"{', '.join(level.examples)}{more}"
        yield from hanging("    ", f"{level.name}: {level.count:,}{everywhere}: {examples}", style)
    for wider in excess.wider[:_MOST]:
        on = _listed(wider.resources)
        yield from hanging(
            "    ", f"needed, but allowed on more: {wider.action} on {on} ({_by(wider.statements)})", style
        )
    yield from _more(len(excess.wider), "needed actions that are allowed on more")


def numbers(excess: Excess, style: Style) -> list[str]:
    """The excess in numbers alone."""
    levels = ", ".join(f"{level.name} {level.count:,}" for level in excess.levels)
    more, ways = counted(excess.count, "action"), counted(len(excess.escalations), "way")
    return hanging(
        "",
        f"{excess.subject} would allow {more} more: {levels}; {ways} to more rights",
        style,
    )


def _escalation(escalation: Escalation) -> str:
    conditions = ", under conditions" if escalation.conditional else ""
    actions = " with ".join(escalation.actions)
    return f"{actions} on {_listed(escalation.resources)}{conditions}: {escalation.what} ({_by(escalation.statements)})"


def _by(statements: tuple[StatementRef, ...]) -> str:
    first, more = statements[0], len(statements) - 1
    return f"{first} and {more} more" if more else str(first)


def _listed(entries: tuple[str, ...]) -> str:
    return ", ".join(entries[:2]) + (f" and {len(entries) - 2} more" if len(entries) > 2 else "")


def _more(count: int, what: str) -> Iterator[str]:
    if count > _MOST:
        yield f"    and {count - _MOST} more {what}"
