"""ContextEntries, what the simulator fills in by itself, and which keys a policy looks at.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html, and AWS's answers observed in
September 2026.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.model import ContextValue, Family, KeyType
from iamcheck.model.values import binary, date, ip_address, numeric
from iamcheck.simulators.local_iam.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iamcheck.model import Policy, Statement

__all__ = ["STUB_USER_ID", "context_keys", "filled_in", "parse_entries"]

STUB_USER_ID: Final = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"
"""The simulator's `aws:userid` of a call without a caller."""

_FORMATS: Final[dict[KeyType, tuple[Callable[[str], object], str]]] = {
    KeyType.NUMERIC: (numeric, "numeric format"),
    KeyType.DATE: (date, "DateTime format"),
    KeyType.IP: (ip_address, "IP address"),
    KeyType.BINARY: (binary, "base-64 encoded binary format"),
}
"""A boolean accepts any text."""

_VARIABLE = re.compile(r"\$\{([^\s:${},'*?]+:[^\s${},'*?]+)(?:, *'[^'{}]*')?\}")
_WITH_VARIABLES: Final = (Family.STRING, Family.ARN)


def parse_entries(entries: Sequence[Mapping[str, object]]) -> dict[str, ContextValue]:
    """Reads ContextEntries, whose shape has been checked, into a context; an entry `{}` is ignored.

    Raises:
        Refusal: An entry that IAM answers InvalidInput to. Which fault is named
            where an entry has several is inferred.
    """
    context: dict[str, ContextValue] = {}
    seen: set[str] = set()
    for entry in entries:
        if not entry:
            continue
        name = str(entry.get("ContextKeyName") or "")
        if not name:
            raise Refusal("ContextKeyName cannot be null or empty.")
        value = _value(name, entry)
        if name.lower() in seen:
            raise Refusal(f"Duplicate context key: {name}.")
        seen.add(name.lower())
        context[name] = value
    return context


def _value(name: str, entry: Mapping[str, object]) -> ContextValue:
    if "ContextKeyType" not in entry:
        raise Refusal(f"Context key {name} has invalid type null.")
    given = entry.get("ContextKeyValues")
    values = tuple(map(str, given)) if isinstance(given, list | tuple) else ()
    if not values:
        raise Refusal(f"Context values for context key {name} cannot be null or empty.")
    kind = KeyType(str(entry["ContextKeyType"]))
    if not kind.many and len(values) != 1:
        raise Refusal(f"Context key {kind} expected a single value, but received {len(values)}.")
    if kind.base in _FORMATS:
        parse, expected = _FORMATS[kind.base]
        if any(parse(value) is None for value in values):
            raise Refusal(f"Invalid context value for key {name}: expected {expected}.")
    return ContextValue(values, kind, kind.many)


def filled_in(caller: str | None, account_id: str) -> dict[str, ContextValue]:
    """Returns the keys that the simulator fills in: with a caller, and without one.

    `aws:RequestedRegion`, `aws:CurrentTime`, `aws:SourceIp`, `aws:SecureTransport` and `aws:MultiFactorAuthPresent`
    are not among them (observed).
    """
    if caller is None:
        keys = {"aws:PrincipalAccount": account_id, "aws:userid": STUB_USER_ID}
    else:
        keys = {"aws:PrincipalArn": caller, "aws:PrincipalAccount": caller.split(":")[4], "aws:userid": caller}
        if caller.split(":", 5)[5].startswith("user/"):
            keys["aws:username"] = caller.rpartition("/")[2]
    return {name: ContextValue((value,), KeyType.STRING) for name, value in keys.items()}


def context_keys(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Returns the keys that policies look at, in conditions and variables, in their own spelling; each spelling once.

    Statements that have nothing to do with a request are included, as AWS includes them.
    """
    found: dict[str, None] = {}
    for policy in policies:
        # under the older Version variables are literal
        variables = policy.version == "2012-10-17"
        for statement in policy.statements:
            found.update(dict.fromkeys(_keys(statement, variables)))
    return tuple(found)


def _keys(statement: Statement, variables: bool) -> Iterator[str]:
    if variables:
        for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
            yield from _VARIABLE.findall(resource)
    for condition in statement.conditions:
        yield condition.key
        if variables and condition.operator.family in _WITH_VARIABLES:
            for value in condition.values:
                yield from _VARIABLE.findall(value)
