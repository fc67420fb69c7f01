"""An explained AccessDenied message, as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from iamcheck.formats.text import hanging, painted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.explain.messages import Explained
    from iamcheck.formats import Style

__all__ = ["render"]

_LABEL: Final = 12
_FACTS: Final = ("principal", "action", "resource", "region", "account_id", "policy_arn")


def render(explained: Explained, output: str, style: Style) -> str:
    """The explanation as `table` or `json`, ending in a newline."""
    if output == "json":
        return json.dumps(asdict(explained), indent=2) + "\n"
    return "\n".join(_lines(explained, style)) + "\n"


def _lines(explained: Explained, style: Style) -> Iterator[str]:
    if explained.decision is not None:
        by = f", by a policy of the type: {explained.policy}" if explained.policy else ""
        yield painted(explained.decision.value, "fail", style) + by
    yield hanging(_label("meaning"), explained.meaning, style)
    if explained.owner:
        yield hanging(_label("who decides"), explained.owner, style)
    for name in _FACTS:
        value = getattr(explained, name)
        if value:
            yield _label(name.replace("_id", "").replace("_arn", "")) + value
    for place, text in enumerate(explained.not_said):
        yield hanging(_label("" if place else "not said"), text, style)
    for place, command in enumerate(explained.run):
        # a command is never broken, for it is copied
        yield _label("" if place else "run") + command.text
        yield hanging(_label(""), command.why, style)
    yield _label("source") + explained.source


def _label(name: str) -> str:
    return f"{name:<{_LABEL}}  "
