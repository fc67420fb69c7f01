"""What texts mean, read a second time and slowly: numbers, dates, addresses, lower case, base64.

Nothing here is shared with `iamcheck`. The oddities were observed in AWS's answers, September 2026.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

__all__ = [
    "Address",
    "Network",
    "address",
    "date",
    "is_base64",
    "lower",
    "network",
    "number",
    "plain",
    "timestamp",
    "units",
]

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def units(text: str) -> str:
    """The text with every character beyond the BMP as its two UTF-16 units."""
    if text.isascii():
        return text
    raw = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(raw[i] * 256 + raw[i + 1]) for i in range(0, len(raw), 2))


def lower(text: str) -> str:
    """Java's `toLowerCase`, as AWS was seen to use it: what is beyond the BMP stays, a word's last sigma differs."""
    whole = text.lower()
    lowered = []
    for place, letter in enumerate(text):
        if ord(letter) > 0xFFFF:
            lowered.append(letter)
        elif letter == "\u03a3":
            # one character whichever form it takes, so the place in the whole is that of what stands before
            lowered.append(whole[len(text[:place].lower())])
        else:
            lowered.append(letter.lower())
    return "".join(lowered)


def number(text: str) -> Decimal | None:
    """A decimal of any size; `0x10`, blanks, `NaN`, `Infinity` and other scripts' digits are none."""
    if not set(text) <= set("0123456789+-.eE"):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def plain(value: Decimal) -> str:
    """The number in digits, its scale kept, without an exponent: Java's `toPlainString`."""
    if value.is_zero() and (value.is_signed() or value.as_tuple().exponent > 0):  # type: ignore[operator]  # finite
        value = abs(value) if value.as_tuple().exponent <= 0 else Decimal(0)  # type: ignore[operator]  # finite
    return format(value, "f")


def date(text: str) -> int | None:
    """Milliseconds since 1970 from a W3C date or epoch seconds, the rest cut off; a missing offset is UTC."""
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text) * 1000
    if not re.fullmatch(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?", text, re.ASCII):
        return None
    if len(text) == 7:
        text += "-01"
    text = text.replace("Z", "+00:00")
    # Python 3.10 reads no fractions but of three or six digits
    text = re.sub(r"\.(\d+)", lambda found: "." + (found[1] + "00")[:3], text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def timestamp(milliseconds: int) -> str:
    """The moment as `YYYY-MM-DDThh:mm:ss.SSSZ`."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def address(text: str) -> Address | None:
    """The address in a request."""
    found = _parse(text)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def network(text: str) -> Network | None:
    """A range in a policy; None for a bad one, which is what IAM does not store."""
    base, slash, prefix = text.partition("/")
    found = _parse(base)
    if found is None or ("." in base and ":" in base):
        return None
    if slash and not re.fullmatch(r"\+?[0-9]+", prefix):
        return None
    length = int(prefix) if slash else found.max_prefixlen
    try:
        return ipaddress.ip_network(f"{found}/{length}", strict=found.version == 6)
    except ValueError:
        return None


def _parse(text: str) -> Address | None:
    if not text.isascii() or "%" in text or "/" in text:
        return None
    if ":" not in text:
        return _four(text)
    if "::::" in text:
        return None
    front, colon, tail = text.rpartition(":")
    if "." in tail:
        dotted = _four(tail)
        if dotted is None:
            return None
        high, low = divmod(int(dotted), 0x10000)
        found = _six(f"{front}{colon}{high:x}:{low:x}")
        return found if found is not None and found.ipv4_mapped is not None else None
    return None if "." in text else _six(text)


def _four(text: str) -> ipaddress.IPv4Address | None:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", text):
        return None
    try:
        return ipaddress.IPv4Address(".".join(str(int(octet)) for octet in text.split(".")))
    except ValueError:
        return None


def _six(text: str) -> ipaddress.IPv6Address | None:
    # AWS takes three colons for two, drops a single last colon, and reads a single first one as a zero before it
    text = text.replace(":::", "::", 1)
    if text.endswith(":") and not text.endswith("::"):
        text = text[:-1]
    if text.startswith(":") and not text.startswith("::"):
        text = f"0{text}"
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None


def is_base64(text: str) -> bool:
    """Whether the text is canonical base64: padded, without blanks and stray bits."""
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    except (binascii.Error, ValueError):
        return False
