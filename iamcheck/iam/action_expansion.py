"""Lists the actions that a pattern with wildcards stands for: for display, and to see what a policy grants beyond need.

The one importer of policyuniverse. Its list of actions is from 2023, so its expansion is always united with the
packaged reference; it is never asked to parse or to minimise.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck.iam import catalogue
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    actions: dict[str, str] = {}
    for pattern in patterns:
        actions.update((action.lower(), action) for action in _expanded(pattern) or (pattern,))
    return tuple(actions[lowered] for lowered in sorted(actions))


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
    services = list(filter(_matcher(prefix), known)) if colon and "*" not in prefix else known
    actions = (action for service in services for action in catalogue.actions(service))
    return {action.lower(): action for action in filter(_matcher(pattern), actions)}


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
    return sorted(action for action in filter(_matcher(pattern), candidates) if action in all_permissions)


def _matcher(pattern: str) -> Callable[[str], bool]:
    """Tells of a text whether it matches a pattern with `*` and `?`, regardless of case."""
    matches = compile_glob(glob_pieces(pattern.lower()))
    return lambda text: matches(text.lower())
