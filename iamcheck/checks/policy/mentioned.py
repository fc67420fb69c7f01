"""Makes requests from what a policy itself mentions: Regions, accounts, partitions, names and values of keys."""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.policy.reach import has_wildcard
from iamcheck.iam import catalogue
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.iam.model import Policy, Statement

__all__ = ["Mentions", "arns_of", "instances", "mentions"]

_PARTITION, _REGION, _ACCOUNT, _NAME = 1, 3, 4, 5
"""Places of the parts of an ARN."""

_OF_A_PATTERN: Final = 4
"""Regions that are tried of those that one pattern stands for."""
_OF_AN_ENTRY: Final = 200
"""Resources that are tried of those that one entry stands for."""

# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_WILDCARD = r"\$\{([*?$])\}|\$\{[^}]*\}|[*?]"


class Mentions(NamedTuple):
    """What a policy mentions in its resources and conditions, whatever the effect of the statement."""

    partitions: tuple[str, ...]
    regions: tuple[str, ...]
    accounts: tuple[str, ...]
    arns: tuple[str, ...]
    """Resources and values of conditions that are ARNs, as the policy has them."""
    values: dict[str, tuple[str, ...]]
    """The values that each key is compared with, by the key in lower case; texts in place of wildcards."""


def mentions(policy: Policy) -> Mentions:
    """What a policy mentions."""
    entries = [
        entry
        for statement in policy.statements
        for entry in (*(statement.resources or ()), *(statement.not_resources or ()))
    ]
    conditions = [condition for statement in policy.statements for condition in statement.conditions]
    values: dict[str, list[str]] = {}
    for condition in conditions:
        values.setdefault(condition.key.lower(), []).extend(condition.values)
    compared = [value for condition in conditions for value in condition.values]
    arns = [text for text in (*entries, *compared) if text.startswith("arn:") and text.count(":") >= 5]
    parts = [arn.split(":", 5) for arn in arns]
    regions = [part[_REGION] for part in parts] + values.get("aws:requestedregion", [])
    accounts = [part[_ACCOUNT] for part in parts] + [value for value in compared if _is_account(value)]
    accounts += values.get("aws:resourceaccount", [])
    return Mentions(
        partitions=_distinct(part[_PARTITION] for part in parts if not has_wildcard(part[_PARTITION])),
        regions=_distinct(region for text in dict.fromkeys(regions) for region in _regions(text)),
        accounts=_distinct(account for text in dict.fromkeys(accounts) for account in _accounts(text)),
        arns=_distinct(arns),
        values={
            key: _distinct(text for value in compared_with for text in instances(value))
            for key, compared_with in values.items()
        },
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdecimal()


def _regions(text: str) -> Iterator[str]:
    """The Region of that name, or some of those that a pattern stands for."""
    matches = compile_glob(glob_pieces(text))
    yield from islice((region.name for region in catalogue.regions() if matches(region.name)), _OF_A_PATTERN)


def _accounts(text: str) -> Iterator[str]:
    """The account of that number, or one that a pattern stands for."""
    fixed = re.sub(r"[*?]", "", text)
    if "?" in text or "*" in text:
        text = text.replace("?", "9").replace("*", "9" * (12 - len(fixed) - text.count("?")), 1).replace("*", "")
    if _is_account(text):
        yield text


def instances(pattern: str) -> tuple[str, ...]:
    """Two texts that a pattern with wildcards and variables stands for; one of a pattern without them."""
    return tuple(dict.fromkeys(_instance(pattern, letter) for letter in "xy"))


def _instance(pattern: str, letter: str) -> str:
    return re.sub(_WILDCARD, lambda match: match[1] or letter, pattern)


def arns_of(statement: Statement, known: Mentions, needed: Sequence[str]) -> Iterator[str]:
    """Resources of what a statement stands for, in each Region, account, partition and under each name mentioned.

    Args:
        statement: The statement.
        known: What the policy mentions.
        needed: The ARNs that the deployment needs, whose parts stand in place of wildcards too.
    """
    needed_parts = [arn.split(":", 5) for arn in needed if arn != "*"]
    pools = {
        _PARTITION: (*known.partitions, *(arn_parts[_PARTITION] for arn_parts in needed_parts)),
        _REGION: (*known.regions, *(arn_parts[_REGION] for arn_parts in needed_parts)),
        _ACCOUNT: (*known.accounts, *(arn_parts[_ACCOUNT] for arn_parts in needed_parts)),
        _NAME: tuple(name for arn in (*needed, *known.arns) for name in instances(arn.split(":", 5)[-1])),
    }
    entries = statement.resources if statement.resources is not None else ("*",)
    for entry in entries:
        # an entry that stands for everything stands for each resource mentioned, wherever it is
        patterns = [entry] if entry.count(":") >= 5 else [*needed, *known.arns]
        for pattern in patterns:
            if pattern != "*":
                yield from islice(_filled(pattern, pools, anywhere=pattern is not entry), _OF_AN_ENTRY)


def _filled(pattern: str, pools: dict[int, tuple[str, ...]], *, anywhere: bool) -> Iterator[str]:
    """The ARNs that a pattern stands for, with texts of the pools in place of its wildcards."""
    parts = pattern.split(":", 5)
    choices: list[tuple[str, ...]] = []
    for place, part in enumerate(parts):
        pool = tuple(dict.fromkeys(pools.get(place, ())))
        if has_wildcard(part) or "${" in part:
            matches = compile_glob(glob_pieces(re.sub(r"\$\{[^}]*\}", "*", part)))
            fitting = tuple(text for text in pool if text and matches(text))
            choices.append(
                tuple(dict.fromkeys((*fitting, *instances(part)))) if place == _NAME else fitting or instances(part)
            )
        elif anywhere and part and place in (_PARTITION, _REGION, _ACCOUNT):
            choices.append((part, *(text for text in pool if text and text != part)))
        else:
            choices.append((part,))
    yield from (":".join(parts) for parts in product(*choices))
