"""Parses the texts of condition values: numbers, dates, addresses, base64, ARNs.

Every parser gives something comparable, or None for a text that is none of its kind. The forms are those that AWS was
observed to take, in September 2026; the families are those of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.iam.model.operators import Family

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

__all__ = [
    "IpAddress",
    "IpNetwork",
    "arn_parts",
    "arn_pattern_parts",
    "binary",
    "boolean",
    "date",
    "ip_address",
    "ip_network",
    "numeric",
    "storable",
]

# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_NUMERIC = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?"
_EPOCH = r"[+-]?[0-9]{1,19}"
_DATE = (
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?"
)
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"
_OCTETS = r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})"
_HEXTET = r"[0-9A-Fa-f]{1,4}"
_PREFIX = r"\+?[0-9]{1,9}"

_LONGEST_EXPONENT = 2**31 - 1
"""Java's BigDecimal keeps the exponent in 32 bits; AWS's answers are those of BigDecimal."""
_LONGEST_EPOCH = 2**63 - 1
_MAPPED = 0xFFFF
"""What stands above the last 32 bits of an IPv4-mapped IPv6 address."""


def numeric(text: str) -> Decimal | None:
    """An exact decimal of any size, never a float: `01`, `+1`, `1.`, `1.0` and `1e0` are all 1.

    Blanks, hexadecimal, `NaN` and `Infinity` are not numbers.
    """
    from decimal import Decimal

    match = re.fullmatch(_NUMERIC, text)
    if match is None:
        return None
    exponent = match[1]
    if exponent and (len(exponent) > 12 or abs(int(exponent)) > _LONGEST_EXPONENT):
        return None
    return Decimal(text)


def date(text: str) -> int | None:
    """Milliseconds since 1970, from a W3C date or from epoch seconds; smaller fractions are cut off.

    The W3C forms are those of https://www.w3.org/TR/NOTE-datetime from `YYYY-MM` on (a bare year reads as seconds); a
    missing offset is UTC.
    """
    from datetime import date as day

    if re.fullmatch(_EPOCH, text):
        seconds = int(text)
        return seconds * 1000 if abs(seconds) <= _LONGEST_EPOCH else None
    match = re.fullmatch(_DATE, text)
    if match is None:
        return None
    year, month, day_of_month, hour, minute, second = (int(match[i] or (1 if i == 3 else 0)) for i in range(1, 7))
    offset = _offset_minutes(match[8])
    if hour > 23 or minute > 59 or second > 59 or offset is None:
        return None
    try:
        days = day(year, month, day_of_month).toordinal() - day(1970, 1, 1).toordinal()
    except ValueError:
        return None
    milliseconds = int(((match[7] or "") + "000")[:3])
    return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + milliseconds


def _offset_minutes(text: str | None) -> int | None:
    if text is None or text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if text[0] == "-" else 1)


def boolean(text: str) -> bool:
    """True for `true` in any case; everything else is false, `yes`, `1` and the empty text too."""
    return text.lower() == "true"


def binary(text: str) -> str | None:
    """The text itself where it is canonical base64: padded, no blanks, no stray bits."""
    return text if re.fullmatch(_BASE64, text) else None


class IpAddress(NamedTuple):
    """The address of a request."""

    version: int
    number: int


class IpNetwork(NamedTuple):
    """A range in a policy."""

    version: int
    number: int
    host_bits: int

    def has(self, address: IpAddress) -> bool:
        """Whether an address is in the range."""
        return self.version == address.version and self.number == address.number >> self.host_bits


def ip_address(text: str) -> IpAddress | None:
    """The address that a request comes from; an IPv4-mapped IPv6 address is its IPv4 address.

    Leading zeros of an octet are decimal. AWS reads a third colon beside `::`, a single trailing colon and a single
    leading one (as a zero). A prefix, a zone, brackets, and a dotted tail but that of an IPv4-mapped address make
    the text malformed.
    """
    if ":" not in text:
        number = _ipv4(text)
        return None if number is None else IpAddress(4, number)
    wide = _ipv6(text)
    if wide is None:
        return None
    return IpAddress(4, wide & 0xFFFFFFFF) if wide >> 32 == _MAPPED else IpAddress(6, wide)


def ip_network(text: str) -> IpNetwork | None:
    """A range in CIDR form; without a prefix it is one address. None for what IAM does not store.

    The host bits of an IPv4 range are masked; an IPv6 range that has any is bad, and so is an IPv4-mapped one written
    with dots. One written in hexadecimal is well formed and matches nothing, for a mapped address counts as IPv4.
    """
    address, slash, prefix = text.partition("/")
    wide = ":" in address
    number = _ipv6(address) if wide and "." not in address else None if wide else _ipv4(address)
    size = 128 if wide else 32
    if number is None or (slash and not re.fullmatch(_PREFIX, prefix)):
        return None
    host_bits = size - int(prefix) if slash else 0
    if host_bits < 0 or (wide and number & ((1 << host_bits) - 1)):
        return None
    return IpNetwork(6 if wide else 4, number >> host_bits, host_bits)


def _ipv4(text: str) -> int | None:
    match = re.fullmatch(_OCTETS, text)
    if match is None:
        return None
    number = 0
    for octet in map(int, match.groups()):
        if octet > 255:
            return None
        number = number << 8 | octet
    return number


def _ipv6(text: str) -> int | None:
    head, _, tail = text.rpartition(":")
    if "." in text:
        dotted = _ipv4(tail)
        if dotted is None:
            return None
        number = _ipv6(f"{head}:{dotted >> 16:x}:{dotted & 0xFFFF:x}")
        return number if number is not None and number >> 32 == _MAPPED else None
    sides = text.split("::")
    if len(sides) > 2:
        return None
    groups = [_hextets(side) for side in sides]
    left = groups[0]
    right = groups[-1] if len(sides) == 2 else []
    if left is None or right is None:
        return None
    missing = 8 - len(left) - len(right)
    if (missing < 1) if len(sides) == 2 else missing:
        return None
    number = 0
    for hextet in (*left, *[0] * missing, *right):
        number = number << 16 | hextet
    return number


def _hextets(text: str) -> list[int] | None:
    """The groups on one side of `::`; an empty last one is dropped and any other counts as zero."""
    groups = text.split(":")
    if not groups[-1]:
        groups.pop()
    if not all(re.fullmatch(_HEXTET, group) for group in groups if group):
        return None
    return [int(group or "0", 16) for group in groups]


def arn_parts(text: str) -> list[str] | None:
    """The six parts of the ARN in a request."""
    parts = text.split(":", 5)
    return parts if len(parts) == 6 and parts[0] == "arn" and parts[5] else None


def arn_pattern_parts(text: str) -> list[str] | None:
    """The six parts of an ARN pattern, without variables."""
    parts = text.split(":", 5)
    return parts if len(parts) == 6 and parts[5] else None


def _is_arn_pattern(text: str) -> bool:
    # what a variable stands for is not known when a policy is stored, so neither are the parts
    return "${" in text or arn_pattern_parts(text) is not None


_STORABLE: dict[Family, Callable[[str], bool]] = {
    Family.NUMERIC: lambda text: numeric(text) is not None,
    Family.DATE: lambda text: date(text) is not None,
    Family.BINARY: lambda text: binary(text) is not None,
    Family.IP: lambda text: ip_network(text) is not None,
    Family.ARN: _is_arn_pattern,
}


def storable(family: Family, text: str) -> bool:
    """Whether IAM stores a policy with this condition value; where not, it answers MalformedPolicyDocument.

    Any text is good for the String operators, `Bool` and `Null`. Session policies are not checked, but for
    `BinaryEquals`.
    """
    check = _STORABLE.get(family)
    return check is None or check(text)
