"""Puts the options of a command into groups, as help shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import click

__all__ = ["GROUPS", "grouped"]

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "What": (
        *("endpoint-name", "endpoint-config-name", "request", "config-request", "model-request", "request-for", "from"),
        *("only", "parameter", "stack-name", "stack-tag", "no-stack-tags", "set", "name-pattern", "existing", "live"),
        "service-linked-role",
        *("action-names", "resource-arns", "context-entries", "caller-arn", "resource-owner", "max-items"),
        *("starting-token", "resource-handling-option", "cli-input-json", "from-endpoint", "from-stack"),
    ),
    "Where": ("region", "account-id", "profile", "all-regions", "offline"),
    "Whose policies": (
        *("for", "principal", "cloudformation-role", "policy", "boundary", "scp", "rcp", "resource-policy"),
        *("session-policy", "authorization-details", "organizations", "execution-role", "model-data-key"),
        *("async-input", "policy-input-list", "permissions-boundary-policy-input-list"),
        "ordered-organization-policy-input-list",
    ),
    "Checks": (
        *("scope", "template", "template-dir", "pin", "engine", "semantics", "context", "absent", "strict", "check"),
        *("skip", "endpoint", "config", "excess", "sts-probe-role", "wait", "timeout", "max-concurrency", "workers"),
        "scheduler",
        "resume",
    ),
    "Output": (
        *("format", "portable", "split", "output", "output-file", "explain", "verbose", "redact", "no-color", "debug"),
        *("no-config", "help"),
    ),
}
"""The options of each group, by their flags without hyphens before them."""
_OTHER: Final = "Checks"
"""The group of an option that is in none of these lists."""


def grouped(options: Iterable[click.Option]) -> dict[str, list[click.Option]]:
    """The options by the title of their group, in the order of the groups."""
    titles = {flag: title for title, flags in GROUPS.items() for flag in flags}
    groups: dict[str, list[click.Option]] = {title: [] for title in GROUPS}
    for option in options:
        flags = [flag.lstrip("-") for flag in option.opts]
        title = next((titles[flag] for flag in flags if flag in titles), _OTHER)
        groups[title].append(option)
    return {title: members for title, members in groups.items() if members}
