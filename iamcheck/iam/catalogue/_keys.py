"""Looks up the types of condition keys."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck.iam.model.context import KeyType
from iamcheck.iam.packaged import read

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPENS = "${"
_LIST_OF = "ArrayOf"


_SPELLINGS = {
    "String": KeyType.STRING,
    "Numeric": KeyType.NUMERIC,
    "Date": KeyType.DATE,
    "Bool": KeyType.BOOLEAN,
    "Binary": KeyType.BINARY,
    "IPAddress": KeyType.IP,
    # the simulator has no type for ARNs (IAM API reference, ContextEntry)
    "ARN": KeyType.STRING,
}


def key_type(spelling: str) -> KeyType:
    """Returns the type that the Service Authorization Reference spells this way; KeyError for an unknown spelling."""
    element = _SPELLINGS[spelling.removeprefix(_LIST_OF)]
    return element.listed if spelling.startswith(_LIST_OF) else element


class KeyTable:
    """Condition keys and their types; keys compare without regard to case, and may have a placeholder."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self.names: list[str] = []
        self._exact: dict[str, str] = {}
        self._templates: list[tuple[str, str, str]] = []
        for key, spelling in rows:
            if _OPENS in key:
                self._templates.append((*_ends(key.lower()), spelling))
            else:
                self._exact[key.lower()] = spelling
                self.names.append(key)

    def get(self, key: str) -> KeyType | None:
        """Returns the type of a key that is given in lower case; None where the table does not have it."""
        spelling = self._exact.get(key)
        if spelling is None:
            spelling = next((kind for head, tail, kind in self._templates if _between(key, head, tail)), None)
        return None if spelling is None else key_type(spelling)


def has_key(listed: Iterable[str], key: str) -> bool:
    """Tells whether a key, in any case, is one of those listed, `aws:RequestTag/team` as `aws:RequestTag/${TagKey}`."""
    lowered = key.lower()
    return any(
        _between(lowered, *_ends(listed_key.lower())) if _OPENS in listed_key else listed_key.lower() == lowered
        for listed_key in listed
    )


def _ends(template: str) -> tuple[str, str]:
    """Returns what stands before and after the placeholder; the reference has no key with two."""
    head, _, rest = template.partition(_OPENS)
    return head, rest.partition("}")[2]


def _between(key: str, head: str, tail: str) -> bool:
    """Tells whether a key has these ends and at least one character between them."""
    return len(key) > len(head) + len(tail) and key.startswith(head) and key.endswith(tail)


@lru_cache(maxsize=1)
def shared_keys() -> tuple[KeyTable, KeyTable]:
    """Returns the global keys, and those that only another service than the one in their prefix lists.

    The first are "AWS global condition context keys" (IAM User Guide); one of the second is `saml:aud`, listed by sts.
    """
    document = read("condition_keys.json")
    return KeyTable(map(tuple, document["global"])), KeyTable(map(tuple, document["elsewhere"]))
