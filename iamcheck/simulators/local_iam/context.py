"""Reads ContextEntries, and adds what the simulator fills in by itself.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html, and AWS's answers observed in
September 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import ContextValue, KeyType
from iamcheck.iam.model.values import binary, date, ip_address, numeric
from iamcheck.simulators.local_iam.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["STUB_USER_ID", "filled_in", "parse_entries"]

STUB_USER_ID: Final = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"
"""The simulator's `aws:userid` of a call without a caller."""

_FORMATS: Final[dict[KeyType, tuple[Callable[[str], object], str]]] = {
    KeyType.NUMERIC: (numeric, "numeric format"),
    KeyType.DATE: (date, "DateTime format"),
    KeyType.IP: (ip_address, "IP address"),
    KeyType.BINARY: (binary, "base-64 encoded binary format"),
}
"""A boolean accepts any text."""


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
    texts = entry.get("ContextKeyValues")
    values = tuple(map(str, texts)) if isinstance(texts, list | tuple) else ()
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
