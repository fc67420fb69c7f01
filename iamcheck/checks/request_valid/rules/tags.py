"""Judges tags, by the same rules on everything that is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import known_items, spot, text
from iamcheck.checks.request_valid.rules.row import Rule
from iamcheck.deployment.located import UNKNOWN
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = ["TAGS"]


def _keys(requests: Requests) -> Iterator[tuple[WrittenRequest, list[Member]]]:
    for request in requests.all():
        yield request, [spot(tag, "Key") for tag in known_items(request.root.get("Tags"))]


def _unique(requests: Requests) -> Iterator[RuleFinding]:
    for request, keys in _keys(requests):
        first: dict[str, str] = {}
        for key in keys:
            name = text(key)
            if isinstance(name, str):
                if name in first:
                    what = f"the key {shown(name)} is that of {first[name]} too: a resource has each key once"
                    yield RuleFinding(request, key, what)
                first.setdefault(name, key.path)
            elif name is UNKNOWN and len(keys) > 1:
                yield RuleFinding(request, key, "whether another tag has this key is not known yet", certain=False)


def _reserved(requests: Requests) -> Iterator[RuleFinding]:
    for request, keys in _keys(requests):
        for key in keys:
            name = text(key)
            if isinstance(name, str) and name[:4].lower() == "aws:":
                yield RuleFinding(request, key, f"the key {shown(name)} begins with aws:, which is AWS's own")


TAGS: Final = (
    Rule("tag-keys-unique", f"{API}Tag.html", _unique),
    Rule("tag-keys-reserved", "https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html", _reserved),
)
