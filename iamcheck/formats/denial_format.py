"""Writes an explained AccessDenied message, as a table or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from iamcheck.formats.text import Coloured, hanging, json_text, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.explain.messages import Explained
    from iamcheck.formats import Style
    from iamcheck.formats.text import Line

__all__ = ["render"]

_LABEL: Final = 12
_FACTS: Final = ("principal", "action", "resource", "region", "account_id", "policy_arn")


def render(explained: Explained, output: str, style: Style) -> str:
    """The explanation as `table` or `json`, ending in a newline."""
    if output == "json":
        return json_text(asdict(explained))
    return text_of(_lines(explained, style), style)


def _lines(explained: Explained, style: Style) -> Iterator[Line]:
    if explained.decision is not None:
        by = f", by a policy of the type: {explained.policy}" if explained.policy else ""
        decision = explained.decision.value
        yield Coloured(f"{decision}{by}", decision, "fail")
    yield from hanging(_label("meaning"), explained.meaning, style)
    if explained.owner:
        yield from hanging(_label("who decides"), explained.owner, style)
    for name in _FACTS:
        value = getattr(explained, name)
        if value:
            yield _label(name.replace("_id", "").replace("_arn", "")) + value
    for place, text in enumerate(explained.not_said):
        yield from hanging(_label("" if place else "not said"), text, style)
    for place, command in enumerate(explained.run):
        # a command is never broken, for it is copied
        yield _label("" if place else "run") + command.text
        yield from hanging(_label(""), command.why, style)
    yield _label("source") + explained.source


def _label(name: str) -> str:
    return f"{name:<{_LABEL}}  "
