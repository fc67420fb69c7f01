"""Numbers, dates, addresses and base64 are read as the naive reading reads them, and so is every text beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from iamcheck.iam.model.values import binary, date, ip_address, ip_network, numeric
from tests.answers.documents import DATES, IPS, NUMBERS, TEXTS
from tests.naive import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_NOT_JUDGED: Final = (
    # the naive reading knows no bounds of exponents, seconds and prefixes
    r"[0-9]{14,}|[eE][+-]?[0-9]{6,}|/[+]?[0-9]{10,}",
    # Python takes sixty minutes in an offset for an hour
    r"[+-][0-9]{2}:[6-9][0-9]$",
    # what AWS makes of three colons that stand for one group was not observed
    r"(?=.*:::)(?:[^:]*:+){7}",
)


def _numeric(text: str) -> bool:
    return numeric(text) == values.number(text)


def _date(text: str) -> bool:
    return date(text) == values.date(text)


def _address(text: str) -> bool:
    found, naive = ip_address(text), values.address(text)
    return (None if naive is None else (naive.version, int(naive))) == (found and tuple(found))


def _network(text: str) -> bool:
    found, naive = ip_network(text), values.network(text)
    if found is None or naive is None:
        return found is None and naive is None
    bits = naive.max_prefixlen - naive.prefixlen
    return tuple(found) == (naive.version, int(naive.network_address) >> bits, bits)


def _binary(text: str) -> bool:
    return (binary(text) is not None) is values.is_base64(text)


def _beside(texts: Sequence[str], characters: str) -> Iterator[str]:
    """The texts, and all that one character more, less or other makes of them."""
    for text in texts:
        yield text
        for place in range(len(text) + 1):
            yield text[:place] + text[place + 1 :]
            for character in characters:
                yield f"{text[:place]}{character}{text[place:]}"
                yield f"{text[:place]}{character}{text[place + 1 :]}"


@pytest.mark.parametrize(
    ("agree", "texts", "characters"),
    [
        (_numeric, NUMBERS, "09.+eE- x"),
        (_date, DATES, "0569:-+TZ. "),
        (_address, IPS, "05f:./ g"),
        (_network, IPS, "05f:./+-"),
        (_binary, ["YQ==", "YWI=", "YWJj", "YWJjYQ==", "YWJjYWI="], "ABQRgw=+/- "),
    ],
)
def test_texts_and_all_beside_them(agree: Callable[[str], bool], texts: Sequence[str], characters: str) -> None:
    every = {*_beside(texts, characters), *TEXTS}
    judged = [text for text in sorted(every) if not any(re.search(pattern, text) for pattern in _NOT_JUDGED)]
    assert len(judged) > len(every) / 2
    assert [text for text in judged if not agree(text)] == []
