"""Writes the answer of `iamcheck catalogue`, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.formats.text import hanging, json_text, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.formats import Style
    from iamcheck.iam.catalogue import ActionInfo, Description

__all__ = ["render"]


def render(description: Description, output: str, style: Style) -> str:
    """What is known of a service or an action as `table` or `json`, ending in a newline."""
    if output == "json":
        return json_text(_document(description))
    return text_of(_lines(description, style), style)


def _document(description: Description) -> dict[str, object]:
    info = description.action
    return {
        "service": description.service,
        "service_name": description.service_name,
        "action": info and _action(info),
        "actions": list(description.actions),
        "resource_types": [
            {
                "name": resource_type.name,
                "arn_formats": list(resource_type.arn_formats),
                "condition_keys": list(resource_type.condition_keys),
            }
            for resource_type in description.resource_types
        ],
        "condition_keys": dict(description.condition_keys),
        "date": description.date,
        "source": description.source,
    }


def _action(info: ActionInfo) -> dict[str, object]:
    return {
        "name": info.full_name,
        "access_level": info.access_level,
        "dependent_actions": list(info.dependent_actions),
        "resource_types": [
            {
                "name": resource_type.name,
                "required": resource_type.required,
                "condition_keys": list(resource_type.condition_keys),
                "dependent_actions": list(resource_type.dependent_actions),
            }
            for resource_type in info.resource_types
        ],
    }


def _lines(description: Description, style: Style) -> Iterator[str]:
    info = description.action
    yield f"{'Service':<16}{description.service} ({description.service_name})"
    if info:
        yield f"{'Action':<16}{info.full_name}"
        yield f"{'Access level':<16}{info.access_level}"
        if info.dependent_actions:
            yield from hanging(f"{'May also need':<16}", ", ".join(info.dependent_actions), style)
    else:
        yield f"{'Actions':<16}{len(description.actions)}"
    yield f"{'As of':<16}{description.date}"
    yield from hanging(f"{'Source':<16}", description.source, style)
    if not info:
        yield from ("", "Actions", *(f"  {name}" for name in description.actions))
    yield ""
    yield "Resource types" if description.resource_types else "Resource types: none, only *"
    required = (
        {resource_type.name for resource_type in info.resource_types if resource_type.required} if info else set()
    )
    for resource_type in description.resource_types:
        yield f"  {resource_type.name}{' (always)' if resource_type.name in required else ''}"
        yield from (f"    {text}" for text in resource_type.arn_formats)
    yield ""
    yield "Condition keys" if description.condition_keys else "Condition keys: none of its own"
    width = max((len(key) for key, _ in description.condition_keys), default=0)
    yield from (f"  {key:<{width}}  {kind}" for key, kind in description.condition_keys)
