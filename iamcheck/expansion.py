"""Wildcards in actions, spelled out: for display, and to see what a policy grants beyond what is needed.

The one importer of policyuniverse. Its list of actions is from 2023, so its expansion is always united with the
packaged reference; it is never asked to parse or to minimise.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

# What policyuniverse leaves unexpanded (`?`) or takes for a class of characters (`[`, `]`).
_NOT_UNDERSTOOD = re.compile(r"[?\[\]]")


def expand_actions(patterns: Iterable[str]) -> tuple[str, ...]:
    """Returns every known action that one of the patterns matches.

    An action is spelled as in the packaged reference, else as policyuniverse has it (lower case). What matches no known
    action stays in the result as it was written, a wildcard included: it may grant what nobody here knows of.

    Args:
        patterns: Values of Action, `s3:Get*`, with `*` and `?` anywhere; case does not matter (IAM User Guide, "IAM
            JSON policy elements: Action").

    Returns:
        The actions without duplicates, sorted without regard to case.
    """
    found: dict[str, str] = {}
    for pattern in patterns:
        found.update((action.lower(), action) for action in _expanded(pattern) or (pattern,))
    return tuple(found[lowered] for lowered in sorted(found))


@lru_cache(maxsize=64)
def _expanded(pattern: str) -> tuple[str, ...]:
    """Returns every known action that one pattern matches; kept, for `*` is matched against all there are."""
    matched = _in_reference(pattern)
    for action in _in_policyuniverse(pattern):
        matched.setdefault(action.lower(), action)
    return tuple(matched.values())


def _in_reference(pattern: str) -> dict[str, str]:
    """Returns the actions of the packaged reference that a pattern matches, by their lower-case spelling."""
    prefix, colon, _ = pattern.partition(":")
    if "*" not in pattern and "?" not in pattern:
        info = catalogue.action(pattern)
        return {info.full_name.lower(): info.full_name} if info else {}
    # `*` alone, and one that stands for prefix and colon at once (`s3*`), match actions of any service
    known = catalogue.services()
    services = [one for one in known if _matches(prefix, one)] if colon and "*" not in prefix else known
    actions = (action for service in services for action in catalogue.actions(service))
    return {action.lower(): action for action in actions if _matches(pattern, action)}


def _in_policyuniverse(pattern: str) -> list[str]:
    """Returns the actions that policyuniverse knows and a pattern matches, in lower case."""
    with warnings.catch_warnings():
        # policyuniverse leaves the file open that it reads on import
        warnings.simplefilter("ignore", ResourceWarning)
        from policyuniverse import all_permissions
        from policyuniverse.expander_minimizer import get_actions_from_statement

    widened = _NOT_UNDERSTOOD.sub("*", pattern)
    candidates = get_actions_from_statement({"Action": widened})
    # what it does not know it gives back as it was written
    return sorted(action for action in candidates if action in all_permissions and _matches(pattern, action))


def _matches(pattern: str, text: str) -> bool:
    """Tells whether `text` matches a pattern with `*` and `?`, regardless of case, in time pattern times text."""
    pattern, text = pattern.lower(), text.lower()
    at = star = mark = 0
    open_star = False
    place = 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            open_star, star, mark = True, at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif open_star:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return pattern[at:].strip("*") == ""
