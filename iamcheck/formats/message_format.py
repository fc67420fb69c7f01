"""Shows explained messages of AWS, as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from iamcheck.formats.text import Coloured, hanging, json_text, text_of
from iamcheck.results import remedy_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.explain.messages import ExplainedMessage
    from iamcheck.formats import Style
    from iamcheck.formats.text import Line
    from iamcheck.results import Remedy

__all__ = ["render"]

_LABEL: Final = 12
_FACTS: Final = ("principal", "action", "resource", "region", "account_id", "policy_arn")


def render(messages: Sequence[ExplainedMessage], output: str, style: Style) -> str:
    """The explanations as `table` or `json`, ending in a newline.

    The JSON is the first message, the cause as far as the text says it, with the others under `others`.
    """
    if output == "json":
        first, *others = ({**asdict(message), "remedy": remedy_to_dict(message.remedy)} for message in messages)
        return json_text({**first, "others": others})
    return "\n".join(text_of(_lines(message, style), style) for message in messages)


def _lines(message: ExplainedMessage, style: Style) -> Iterator[Line]:
    by = f", by {message.policy}" if message.policy else ""
    decision = f" ({message.decision.value}{by})" if message.decision else ""
    yield Coloured(f"{message.title}{decision}", message.title, "fail")
    yield from hanging(_label("meaning"), message.meaning, style)
    for index, text in enumerate(message.nearest):
        yield from hanging(_label("" if index else "because"), text, style)
    if message.remedy is not None:
        yield from _remedy(message.remedy, style)
    if message.owner:
        yield from hanging(_label("who decides"), message.owner, style)
    for name in _FACTS:
        value = getattr(message, name)
        if value:
            yield _label(name.replace("_id", "").replace("_arn", "")) + value
    for index, text in enumerate(message.leaves_open):
        yield from hanging(_label("" if index else "not said"), text, style)
    for index, command in enumerate(message.run):
        # a command is never broken, because it is copied
        yield _label("" if index else "run") + command.text
        yield from hanging(_label(""), command.why, style)
    if message.foreseen_by:
        yield from hanging(_label("foreseen by"), f"iamcheck check: {', '.join(message.foreseen_by)}", style)
    yield _label("source") + message.source


def _remedy(remedy: Remedy, style: Style) -> Iterator[Line]:
    yield from hanging(_label("to do"), remedy.text, style)
    if remedy.diff is not None:
        yield from (_label("" if index else "change") + line for index, line in enumerate(remedy.diff.splitlines()))
    elif remedy.policy is not None:
        lines = json.dumps(remedy.policy, indent=2).splitlines()
        yield from (_label("" if index else "to add") + line for index, line in enumerate(lines))


def _label(name: str) -> str:
    return f"{name:<{_LABEL}}  "
